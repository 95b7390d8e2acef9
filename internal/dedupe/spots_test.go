// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"slices"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

func TestSpots(t *testing.T) {
	t.Parallel()
	crash := func(kind culprit.Kind, line int) *culprit.Failure {
		return &culprit.Failure{Kind: kind, Crash: &culprit.Crash{Value: "x", Where: &culprit.Frame{Func: "example.com/m/p.F", File: `C:\\m\\p.go`, Line: line}}}
	}
	check := func(library, message, expected string, line int) *culprit.Failure {
		return &culprit.Failure{Kind: culprit.KindAssertion, Assertion: &culprit.Assertion{Library: library, File: "p_test.go", Line: line, Message: message, Expected: expected}}
	}
	inClosures := failure(10, "example.com/m/p_test.TestTools.func1.1", "example.com/m/p_test.TestTools.func1")
	inClosures.Cause.Sites[0].Statement = "err = get()"
	global := failure(10, "example.com/m/p_test.TestTools.func1", "example.com/m/p_test.TestTools.func2")
	global.Cause.DeclaredIn = ""
	left := waits("chan receive", "example.com/m/p.F", "TestA", 9)
	left.Where, left.Created = nil, culprit.List[culprit.Frame]{{Func: "example.com/m/p.Start", File: "/m/p.go", Line: 8}}
	leak := hung(nil, left)
	leak.Kind = culprit.KindGoroutineLeak
	for name, c := range map[string]struct {
		f    *culprit.Failure
		want string
	}{
		"panic":                               {crash(culprit.KindPanic, 9), "p.go:9"},
		"panic of a mock":                     {crash(culprit.KindMock, 9), "p.go:9"},
		"panic while fuzzing":                 {crash(culprit.KindFuzz, 9), "p.go:9"},
		"log after test":                      {crash(culprit.KindLogAfterTest, 9), ""},
		"a frame without a line":              {crash(culprit.KindPanic, 0), ""},
		"a function, whose map is its own":    {crash(culprit.KindConcurrentMap, 9), "example.com/m/p.F"},
		"a constant that is expected":         {check("testing", "got 1, want 2", "2", 9), ""},
		"a measure that is expected":          {check("testing", "got 1s, want 2.5", "2.5", 9), "p_test.go:9"},
		"a number that is said":               {check("testing", "step  2\nfailed", "", 9), "p_test.go:9|step 2"},
		"no number":                           {check("testing", "unexpected EOF", "", 9), ""},
		"a number in what a library says":     {check("testify", "step 2 failed", "", 9), ""},
		"no line":                             {check("testing", "step 2 failed", "", 0), ""},
		"a leak that a library is in":         {leak, "p.go:8"},
		"a race of a variable of the package": {global, ""},
		"a race in closures, not of those that only failed too": {inClosures, "p_test.go:10|p_test.go:20|p_test.TestTools.func1.1 err = get()|TestTools/Send err = get()|TestTools/Logs err = get()"},
		"a race in declared functions":                          {failure(10, "example.com/m/p.F", "example.com/m/p.G"), ""},
	} {
		if got := strings.Join(Spots(c.f), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMeet(t *testing.T) {
	t.Parallel()
	a, b := []string{"p.go:1", "p.go +0x1d"}, []string{"p.go:9", "p.go +0x1d"}
	if !Meet(nil, nil) || !Meet(a, b) || Meet(a, []string{"p.go:9"}) || Meet(a, nil) || Meet(nil, b) {
		t.Error("what shares a spot, or has none, is one")
	}
}

// TestPlace: it is the key where that says enough, and one for each first spot else.
func TestPlace(t *testing.T) {
	t.Parallel()
	at := func(line int) *culprit.Failure {
		return &culprit.Failure{Kind: culprit.KindPanic, Fingerprint: "f", Crash: &culprit.Crash{Where: &culprit.Frame{Func: "m.F", File: "p.go", Line: line}}}
	}
	list := []string{Place(at(0)), Place(at(1)), Place(at(2))}
	if list[0] != Key(at(0)) || list[1] == list[2] || slices.Contains(list[1:], list[0]) || list[1] != Place(at(1)) {
		t.Error(list)
	}
}
