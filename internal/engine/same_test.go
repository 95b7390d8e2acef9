// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"

	"github.com/culprit-ci/culprit"
)

func TestSkeleton(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{
		`TestX: got 3, want 4`:                                         `TestX: got 17, want 4`,
		`open /home/runner/work/a/b/data.json: no such file`:           `open /tmp/culprit-prove-12ab/tree/data.json: no such file`,
		`unexpected "abc" after 1.5s`:                                  `unexpected "xyz" after 20ms`,
		`listen tcp 127.0.0.1:8080: bind: address already in use`:      `listen tcp 127.0.0.1:41233: bind: address already in use`,
		`panic: runtime error: index out of range [3] with length N`:   `panic: runtime error: index out of range [5] with length 2`,
		`open C:\ci\build\data.json: The system cannot find the file.`: `open D:\x\data.json: The system cannot find the file.`,
	} {
		if x, y := skeleton(a), skeleton(b); x != y {
			t.Errorf("%q and %q differ: %q, %q", a, b, x, y)
		}
	}
	for a, b := range map[string]string{
		`TestX: connection refused`: `TestX: connection reset`,
		`got N items`:               `got N users`,
	} {
		if skeleton(a) == skeleton(b) {
			t.Errorf("%q and %q do not differ", a, b)
		}
	}
}

// TestSameFailure: the failure that is counted is that of the log.
func TestSameFailure(t *testing.T) {
	t.Parallel()
	in := func(k culprit.Kind, title, test string) *culprit.Failure {
		return &culprit.Failure{Kind: k, Title: title, Tests: culprit.List[culprit.TestRef]{{Name: test, Role: culprit.RoleCause}}}
	}
	check := func(title, file string, line int, message string) *culprit.Failure {
		f := in(culprit.KindAssertion, title, "TestX")
		f.Assertion = &culprit.Assertion{File: file, Line: line, Message: message}
		return f
	}
	hang := func(state, fn string) *culprit.Failure {
		f := in(culprit.KindTimeout, "timeout: TestX", "TestX")
		f.Goroutines = culprit.List[culprit.Goroutines]{{State: state, Where: &culprit.Frame{Func: fn}}}
		return f
	}
	crash := func(value, fn, test string) *culprit.Failure {
		f := in(culprit.KindPanic, "panic: "+value, test)
		f.Crash = &culprit.Crash{Value: value, Where: &culprit.Frame{Func: fn}}
		return f
	}
	at := func(f *culprit.Failure, line int) *culprit.Failure {
		f.Crash.Where.File, f.Crash.Where.Line = "m.go", line
		return f
	}
	inMap := func(line int) *culprit.Failure {
		f := at(crash("concurrent map writes", "m.get", "TestX"), line)
		f.Kind = culprit.KindConcurrentMap
		return f
	}
	for name, c := range map[string]struct {
		a, b *culprit.Failure
		want bool
	}{
		"another check that says the same":  {check("got 1, want 2", "x_test.go", 7, "got 1, want 2"), check("got 1, want 2", "/src/x_test.go", 9, "got 1, want 2"), false},
		"one check that says the same":      {check("got 1, want 2", "x_test.go", 7, "got 1, want 2"), check("got 3, want 2", "/src/x_test.go", 7, "got 3, want 2"), true},
		"another statement of the function": {at(crash("nil map", "m.get", "TestX"), 3), at(crash("nil map", "m.get", "TestX"), 5), false},
		"the same statement":                {at(crash("nil map", "m.get", "TestX"), 3), at(crash("nil map", "m.get", "TestX"), 3), true},
		"the other side of a map":           {inMap(3), inMap(5), true},
		"same":                              {in(culprit.KindAssertion, "TestX: got 1", "TestX"), in(culprit.KindAssertion, "TestX: got 2", "TestX"), true},
		"another test":                      {in(culprit.KindAssertion, "got 1", "TestX"), in(culprit.KindAssertion, "got 1", "TestY"), false},
		"another kind":                      {in(culprit.KindAssertion, "got 1", "TestX"), in(culprit.KindEventually, "got 1", "TestX"), false},
		"another message":                   {in(culprit.KindAssertion, "cannot read", "TestX"), in(culprit.KindAssertion, "cannot write", "TestX"), false},
		"values of one check":               {check("got [a b], want [a]", "x_test.go", 7, "got [a b], want [a]"), check("got [], want [a]", "/src/x_test.go", 7, "got [], want [a]"), true},
		"another line":                      {check("got [a b], want [a]", "x_test.go", 7, "got [a b], want [a]"), check("got [], want [a]", "x_test.go", 8, "got [], want [a]"), false},
		"a helper's line":                   {check("cannot read: a", "x_test.go", 7, "cannot read: a"), check("unexpected: b", "x_test.go", 7, "unexpected: b"), false},
		"stands where it stood":             {hang("chan receive", "m.wait"), hang("chan receive", "m.wait"), true},
		"slow":                              {hang("chan receive", "m.wait"), hang("runnable", "m.compute"), false},
		"no stack in the log":               {in(culprit.KindTimeout, "timeout: TestX", "TestX"), hang("sleep", "m.TestX"), true},
		"panics in another test":            {crash("index out of range [3]", "m.get", "TestX"), crash("index out of range [5]", "m.get", "TestY"), true},
		"panics elsewhere":                  {crash("nil map", "m.get", "TestX"), crash("nil map", "m.set", "TestX"), false},
		"another panic":                     {crash("nil map", "m.get", "TestX"), crash("closed channel", "m.get", "TestX"), false},
	} {
		// A title names the place; these are made without it.
		if c.a.Crash != nil {
			c.a.Title += " in " + c.a.Crash.Where.Func
			c.b.Title += " in " + c.b.Crash.Where.Func
		}
		if got := sameFailure(c.a, c.b); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestRunnable(t *testing.T) {
	t.Parallel()
	tests := culprit.List[culprit.TestRef]{{Name: "TestX", Role: culprit.RoleCause}}
	for name, c := range map[string]struct {
		f    culprit.Failure
		want bool
	}{
		"assertion":       {culprit.Failure{Kind: culprit.KindAssertion, Tests: tests}, true},
		"without a test":  {culprit.Failure{Kind: culprit.KindAssertion, Package: "m"}, false},
		"collateral only": {culprit.Failure{Kind: culprit.KindAssertion, Tests: culprit.List[culprit.TestRef]{{Name: "TestX", Role: culprit.RoleCollateral}}}, false},
		"leak in the end": {culprit.Failure{Kind: culprit.KindGoroutineLeak, Package: "m"}, true},
		"build":           {culprit.Failure{Kind: culprit.KindBuild, Package: "m"}, false},
		"network":         {culprit.Failure{Kind: culprit.KindNetwork, Tests: tests}, false},
		"damaged":         {culprit.Failure{Kind: culprit.KindPanic, Tests: tests, Evidence: culprit.Evidence{Damaged: "cut"}}, false},
		"race":            {culprit.Failure{Kind: culprit.KindDataRace, Tests: tests, Race: &culprit.Race{}}, false},
	} {
		if got := runnable(&c.f); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
