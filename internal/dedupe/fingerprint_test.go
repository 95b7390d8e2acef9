// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/culprit-ci/culprit"
)

func frame(fn, file string) culprit.Frame { return culprit.Frame{Func: fn, File: file, Line: 3} }

// hung is a timeout of two tests, of which the goroutines are given.
func hung(running []string, gs ...culprit.Goroutines) *culprit.Failure {
	f := &culprit.Failure{Kind: culprit.KindTimeout, Package: "example.com/m/p", Timeout: &culprit.Timeout{By: "go test -timeout"}, Goroutines: gs}
	for _, name := range running {
		f.Timeout.Running = append(f.Timeout.Running, culprit.RunningTest{Name: name, For: "10m0s"})
	}
	return f
}

func waits(state, fn, test string, minutes int) culprit.Goroutines {
	where := frame(fn, "/home/ci/p/p.go")
	return culprit.Goroutines{Count: 1, State: state, Minutes: minutes, Test: test, Where: &where, Stack: culprit.List[culprit.Frame]{where, frame("example.com/m/p."+test+".func1", "/home/ci/p/p_test.go")}}
}

// TestIdentity has what the live test of package engine cannot make happen.
func TestIdentity(t *testing.T) {
	t.Parallel()
	long := waits("chan receive", "example.com/m/p.(*S).Get", "TestA", 9)
	base := Fingerprint(hung([]string{"TestA/x", "TestB"}, long, waits("chan receive", "example.com/m/p.(*S).Put", "TestB", 2)))
	for name, f := range map[string]*culprit.Failure{
		"the other test waits elsewhere":   hung([]string{"TestA/y", "TestB"}, waits("select", "example.com/m/p.Other", "TestB", 1), long),
		"no list of running tests":         hung(nil, long, waits("IO wait", "example.com/m/p.Other", "TestB", 9)),
		"the test alone, under a newer Go": hung([]string{"TestA"}, waits("chan receive", "example.com/m/p.(*S).Get.func2", "TestA", 0)),
	} {
		if got := Fingerprint(f); got != base || got == "" {
			t.Errorf("%s: %q, want %q", name, got, base)
		}
	}
	f := hung([]string{"TestA/x", "TestB"}, long)
	f.Title, f.Fingerprint = "timeout: p", base
	if got, want := Title(f), "timeout: p, blocked in p.(*S).Get"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	f.Title = "timeout: chan receive in p.(*S).Get"
	if got := Title(f); got != "" {
		t.Errorf("it says so already: %q", got)
	}
	for name, f := range map[string]*culprit.Failure{
		"in another function":   hung(nil, waits("chan receive", "example.com/m/p.(*S).Put", "TestA", 9)),
		"on a lock":             hung(nil, waits("sync.Mutex.Lock", "example.com/m/p.(*S).Get", "TestA", 9)),
		"of another test":       hung(nil, waits("chan receive", "example.com/m/p.(*S).Get", "TestC", 9)),
		"both for as long":      hung(nil, long, waits("chan receive", "example.com/m/p.(*S).Get", "TestC", 9)),
		"that was running":      hung([]string{"TestA"}, waits("running", "example.com/m/p.(*S).Get", "TestA", 0)),
		"by the runner's limit": {Kind: culprit.KindTimeout, Timeout: &culprit.Timeout{By: "runner"}, Goroutines: culprit.List[culprit.Goroutines]{long}},
	} {
		if got := Fingerprint(f); got == base {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
	subtest := waits("chan receive", "example.com/m/p.(*S).Get", "TestA", 9)
	subtest.Stack = append(culprit.List[culprit.Frame]{{Func: "testing.(*T).Run"}}, subtest.Stack...)
	if got := Fingerprint(hung(nil, subtest)); got != "" {
		t.Errorf("to wait for a subtest is a cause: %s", got)
	}
	two := []culprit.Goroutines{long, waits("chan receive", "example.com/m/p.(*S).Put", "TestB", 9)}
	if a, b := Fingerprint(hung(nil, two...)), Fingerprint(hung(nil, two[1], two[0])); a != b {
		t.Error("the order of the dump is in it")
	}
	lock := func(state string) string {
		return Fingerprint(hung(nil, waits(state, "example.com/m/p.F", "TestA", 1)))
	}
	if lock("semacquire") != lock("sync.RWMutex.RLock") {
		t.Error("a newer Go, which names the locks, changes the fingerprint")
	}
}

// TestNoFingerprint: rather none than one that is made of too little.
func TestNoFingerprint(t *testing.T) {
	t.Parallel()
	at := frame("example.com/m/p.F", "/home/ci/p/p.go")
	var jam []culprit.Goroutines
	for _, fn := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		jam = append(jam, waits("select", "example.com/m/p."+fn, "TestA", 9))
	}
	library := culprit.Goroutines{State: "select", Stack: culprit.List[culprit.Frame]{frame("net/http.(*persistConn).readLoop", "/usr/local/go/src/net/http/transport.go")},
		Created: culprit.List[culprit.Frame]{frame("net/http.(*Transport).dialConn", "/usr/local/go/src/net/http/transport.go")}}
	left := func(file string) *culprit.Failure {
		g := library
		g.Created = culprit.List[culprit.Frame]{frame("example.org/x/y.Start", file)}
		return &culprit.Failure{Kind: culprit.KindGoroutineLeak, Goroutines: culprit.List[culprit.Goroutines]{g}}
	}
	if Fingerprint(left("/home/ci/m/y/x.go")) == "" {
		t.Error("who made a goroutine of a library is not in its fingerprint")
	}
	for name, f := range map[string]*culprit.Failure{
		"a panic outside of the repository":  {Kind: culprit.KindPanic, Crash: &culprit.Crash{Value: "boom"}},
		"a damaged stack":                    {Kind: culprit.KindPanic, Crash: &culprit.Crash{Value: "boom", Where: &at}, Evidence: culprit.Evidence{Damaged: "cut off"}},
		"a race without a variable":          {Kind: culprit.KindDataRace, Race: &culprit.Race{}},
		"a jam":                              hung(nil, jam...),
		"goroutines of libraries":            {Kind: culprit.KindGoroutineLeak, Goroutines: culprit.List[culprit.Goroutines]{library}},
		"a leak of another module":           left("/home/ci/go/pkg/mod/example.org/x@v1/x.go"),
		"a leak of a vendored one":           left("/home/ci/m/vendor/example.org/x/x.go"),
		"a leak of a module's copy":          left("/opt/example.org/x@v1.2.3/x.go"),
		"a check that says nothing":          {Kind: culprit.KindAssertion, Title: "TestA: failed without a message", Assertion: &culprit.Assertion{}},
		"a kind that no one knows":           {Kind: culprit.KindUnknown, Title: "test failed: TestA"},
		"what the machine lacked":            {Kind: culprit.KindDiskFull, Title: "disk full"},
		"a build without a package":          {Kind: culprit.KindBuild, Diagnostics: culprit.List[culprit.Diagnostic]{{Message: "undefined: x"}}},
		"a process that was killed silently": {Kind: culprit.KindOutOfMemory, Exit: &culprit.Exit{Signal: "killed"}},
	} {
		if got := Fingerprint(f); got != "" {
			t.Errorf("%s has the fingerprint %s", name, got)
		}
	}
}

// TestSites: one race has one fingerprint, whichever side is printed first.
func TestSites(t *testing.T) {
	t.Parallel()
	a := Fingerprint(failure(10, "example.com/m/p_test.TestTools.func30", "example.com/m/p_test.TestMore"))
	if b := Fingerprint(failure(10, "example.com/m/p_test.TestMore", "example.com/m/p_test.TestTools.func1")); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestDiagnosed(t *testing.T) {
	t.Parallel()
	of := func(pkg, file, message string) string {
		return Fingerprint(&culprit.Failure{Kind: culprit.KindBuild, Diagnostics: culprit.List[culprit.Diagnostic]{{Package: pkg, File: file, Line: 7, Message: message}}})
	}
	a := of("example.com/m/p", "./p.go", "undefined: x")
	if b := of("example.com/m/p [example.com/m/p.test]", `m\p\p.go`, "undefined: x"); a != b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
	for _, b := range []string{of("example.com/m/p", "./p.go", "undefined: y"), of("example.com/m/q", "./p.go", "undefined: x"), of("example.com/m/p", "./q.go", "undefined: x")} {
		if a == b {
			t.Error("another error has the same fingerprint")
		}
	}
}

func TestSteady(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"got 3, want 4":       "got N, want N",
		"a != b":              "a != b",
		"utf8 TestA1 node3":   "utf8 TestA1 node3",
		"after 1.204s":        "after N",
		"[1 2 3] of [4, 5]":   "[N] of [N]",
		"0xc000012a0 at 1f2e": "N at N",
		"open /tmp/TestX3921881/001/x7.txt: no such file":         "open /tmp/TestXN/N/x7.txt: no such file",
		"open /var/folders/zz/a_b0/T/TestX3921881/001/x7.txt: no": "open /tmp/TestXN/N/x7.txt: no",
		"1 + 2 = 4":                         "N + N = N",
		"4 / 2 = 3":                         "N / N = N",
		"dial tcp 127.0.0.1:43121: refused": "dial tcp N:N: refused",
		"id 6f1c2a7e-dead-beef-cafe-0123456789ab gone": "id N gone",
		"user u7k2m9q4x gone":                          "user N gone",
		"1m2.5s or 2m":                                 "N or N",
		"2026-11-02T09:00:01.123Z failed":              "N-N-N:N:N failed",
		"for amd64v12":                                 "for amd64v12",
		"abc de f":                                     "abc de f",
		"x1 a1 cafe1":                                  "x1 a1 cafe1",
		"commit deadbeef01 of 12:03":                   "commit N of N:N",
	} {
		if got := steady(s); got != want {
			t.Errorf("steady(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestTold: what a person wrote beside a check tells it from another.
func TestTold(t *testing.T) {
	t.Parallel()
	of := func(title, message, expected string) string {
		return Fingerprint(&culprit.Failure{Kind: culprit.KindEventually, Package: "example.com/m/p", Title: title,
			Assertion: &culprit.Assertion{Library: "testify", Message: message, Expected: expected}})
	}
	const title, head = "TestA: wait ran out: Condition never satisfied", "Error Trace:\tp_test.go:12\nError:\tCondition never satisfied\nTest:\tTestA\n"
	base := of(title, head+"Messages:\tthe agent 17 is up", "")
	if got := of(title, strings.Replace(head, ":12", ":90", 1)+"Messages:\tthe agent 2200 is up", ""); got != base || got == "" {
		t.Errorf("moved, with another number: %q, want %q", got, base)
	}
	for name, got := range map[string]string{
		"another message":     of(title, head+"Messages:\tthe agent 17 is gone", ""),
		"another test":        of(strings.Replace(title, "TestA", "TestB", 1), head+"Messages:\tthe agent 17 is up", ""),
		"another expectation": of(title, head+"Messages:\tthe agent 17 is up", "2"),
	} {
		if got == base {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
	if of(title, head, "2") == of(title, head, "3") || of(title, head, "2.5s") != of(title, head, "3.5s") {
		t.Error("a constant that is expected tells checks apart, a measure does not")
	}
	if of(title, head, "1700000001") != of(title, head, "1700000002") {
		t.Error("a clock is a constant")
	}
}

// TestSpotsAreBounded: a hostile log makes no mark that is too long, and no spot that
// comes back from JSON as another one.
func TestSpotsAreBounded(t *testing.T) {
	t.Parallel()
	f := failure(10, "example.com/m/p_test.TestTools.func1.1", "example.com/m/p_test.TestTools.func1")
	for i := range 100 {
		f.Tests = append(f.Tests, culprit.TestRef{Name: "TestTools/" + strings.Repeat("ä", 70+i), Role: culprit.RoleCause})
	}
	for i := range f.Cause.Sites {
		f.Cause.Sites[i].Statement = "x" + strings.Repeat("ü", 100)
	}
	list := Spots(f)
	if len(list) == 0 || len(list) > maxSpots {
		t.Errorf("%d spots", len(list))
	}
	for _, s := range list {
		if len(s) > maxSpot || !utf8.ValidString(s) {
			t.Errorf("spot %q", s)
		}
	}
}
