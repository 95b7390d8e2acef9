// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Fingerprint identifies the cause of a failure across runs, commits, log formats
// and releases of Go. Lines, addresses, durations, counters, goroutine numbers and
// the compiler's closure numbers stay out of it. What is in it is the kind and
//
//   - where a cause was found in the source, for a race: subject, pattern, declaring
//     function, and the unordered pair of functions that hold the sites;
//   - panic, fuzz, mock: the value, and the topmost function of the repository; log
//     after test: that function and the test that had completed;
//   - concurrent map: the type whose method it was in, for the runtime shows one
//     side of two, and which one is chance; without a method the function;
//   - timeout, deadlock: where the goroutines are blocked, and on what;
//   - goroutine leak: where the goroutines are, and who made them;
//   - what a test says (assertion, eventually, mock, golden, example, fuzz): package,
//     top-level test, message, and what was expected;
//   - build, vet, lint: package, file and message of the first diagnostic.
//
// It is "" where these are not shown: then titles tell, which is weaker. Of what the
// machine lacked, of kinds that only say how a process ended, and of a race whose
// variable is not known, there is never one.
//
// It must be computed of what the log alone shows, before the source moves frames
// about, except for causes: a log is read now with its source and now without.
func Fingerprint(f *culprit.Failure) string {
	parts := identity(f)
	if parts == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{string(f.Kind)}, parts...), "\x00")))
	return hex.EncodeToString(sum[:8])
}

func identity(f *culprit.Failure) []string {
	if c := f.Cause; c != nil {
		var funcs []string
		for _, s := range c.Sites {
			funcs = append(funcs, s.File+" "+declared(s.Func))
		}
		slices.Sort(funcs)
		return append([]string{string(c.Pattern), c.Declared.File, declared(c.DeclaredIn), c.Subject}, funcs...)
	}
	if f.Evidence.Damaged != "" {
		return nil // half of a stack names another function
	}
	switch f.Kind {
	case culprit.KindPanic, culprit.KindConcurrentMap, culprit.KindLogAfterTest:
		return crashed(f)
	case culprit.KindTimeout:
		return timedOut(f)
	case culprit.KindDeadlock:
		return places(f.Goroutines, blocked)
	case culprit.KindGoroutineLeak:
		return places(f.Goroutines, leaked)
	case culprit.KindMock, culprit.KindFuzz:
		if f.Crash != nil {
			return crashed(f)
		}
		return told(f)
	case culprit.KindAssertion, culprit.KindEventually, culprit.KindGolden, culprit.KindExample:
		return told(f)
	case culprit.KindBuild, culprit.KindVet, culprit.KindLint:
		return diagnosed(f)
	}
	return nil
}

// crashed identifies what ended a process.
func crashed(f *culprit.Failure) []string {
	if f.Crash == nil || f.Crash.Where == nil {
		return nil
	}
	at := declared(f.Crash.Where.Func)
	value, _, _ := strings.Cut(f.Crash.Value, "\n")
	test := ""
	// A helper of tests fails for the sake of the test that calls it.
	if g := f.Crash.Goroutine; g != nil && strings.HasSuffix(f.Crash.Where.File, "_test.go") && !isTest(at) {
		test = g.Test
	}
	switch f.Kind {
	case culprit.KindConcurrentMap:
		if dot := strings.LastIndex(at, ")."); dot > 0 && !strings.HasSuffix(f.Crash.Where.File, "_test.go") {
			return []string{at[:dot+1]}
		}
		return []string{at, test}
	case culprit.KindLogAfterTest:
		_, value, _ = strings.Cut(value, " after ")
		value, _, _ = strings.Cut(value, " has completed")
		return []string{at, value}
	}
	return []string{steady(value), at, test}
}

// isTest reports whether a function is one that go test calls, or a suite's.
func isTest(symbol string) bool {
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	for _, p := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// timedOut identifies the place at which the test was blocked that held the time:
// the one that ran, or of several those that were blocked for the longest. One that
// was not blocked was slow, and where it was just then is chance.
func timedOut(f *culprit.Failure) []string {
	where := places(holding(f), func(g culprit.Goroutines) string { return blocked(g) + " of " + g.Test })
	if where == nil {
		return nil
	}
	return append([]string{strings.TrimSuffix(f.Package, "_test")}, where...)
}

// holding are the goroutines that held the time of a timeout.
func holding(f *culprit.Failure) []culprit.Goroutines {
	if f.Timeout == nil || f.Timeout.By != "go test -timeout" && !strings.HasPrefix(f.Timeout.By, "cmd/go") {
		return nil
	}
	var held []culprit.Goroutines
	longest := 0
	only := onlyRunning(f.Timeout.Running)
	for _, g := range f.Goroutines {
		if blocked(g) == "" || g.Test == "" || only != "" && (g.Test != only || !runs(g, only)) {
			continue
		}
		held = append(held, g)
		longest = max(longest, g.Minutes)
	}
	return slices.DeleteFunc(held, func(g culprit.Goroutines) bool { return g.Minutes < longest })
}

// onlyRunning is the one top-level test that ran when time was up, "" for several.
func onlyRunning(list []culprit.RunningTest) string {
	only := ""
	for _, r := range list {
		top, _, _ := strings.Cut(r.Name, "/")
		if only != "" && top != only {
			return ""
		}
		only = top
	}
	return only
}

// runs reports whether a test is in the stack of a goroutine, and not only the one
// that started it.
func runs(g culprit.Goroutines, test string) bool {
	return slices.ContainsFunc(g.Stack, func(f culprit.Frame) bool { return strings.Contains(f.Func+".", "."+test+".") })
}

// maxPlaces is how many places a cause can have: more are a jam, in which what is
// blocked is chance.
const maxPlaces = 6

// places are the distinct places of goroutines; place gives "" for one that does
// not count. Nil stands for none, or too many.
func places(list []culprit.Goroutines, place func(culprit.Goroutines) string) []string {
	var out []string
	for _, g := range list {
		if p := place(g); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if len(out) > maxPlaces {
		return nil
	}
	slices.Sort(out)
	return out
}

// blocked says on what a goroutine waits, and in which function of the repository;
// "" for one that does not, or that waits for a subtest.
func blocked(g culprit.Goroutines) string {
	if g.Where == nil {
		return ""
	}
	for _, f := range g.Stack {
		if strings.HasPrefix(f.Func, "testing.") {
			return ""
		}
		if f == *g.Where {
			break
		}
	}
	on := ""
	switch state, _, _ := strings.Cut(g.State, " ("); {
	case state == "chan receive", state == "chan send", state == "select":
		on = state
	case state == "semacquire", strings.HasPrefix(state, "sync."): // one name until Go 1.19
		on = "lock"
	default:
		return ""
	}
	return on + " in " + declared(g.Where.Func)
}

// leaked says where a goroutine is that was left over, and who made it; "" where
// neither is of the repository.
func leaked(g culprit.Goroutines) string {
	at, by := "", ""
	if g.Where != nil {
		at = declared(g.Where.Func)
	}
	if len(g.Created) > 0 && (at != "" || ofRepository(g.Created[0])) {
		by = declared(g.Created[0].Func)
	}
	if at == "" && by == "" {
		return ""
	}
	return at + " by " + by
}

// ofRepository reports whether a frame can be of the repository, as far as its path
// tells: no standard package, no other module.
func ofRepository(f culprit.Frame) bool {
	first, rest, ok := strings.Cut(f.Func, "/")
	if !ok || !strings.Contains(first, ".") || rest == "" {
		return strings.HasPrefix(f.Func, "main.")
	}
	file := strings.ReplaceAll(f.File, `\`, "/")
	return !strings.Contains(file, "/pkg/mod/") && !strings.Contains(file, "/vendor/") && !strings.Contains(file, "@v")
}

// told identifies a check by what the test says when it does not hold. The title
// has the test and the message. What was expected stands in the test, so it tells
// one check from another; numbers that were expected, too.
func told(f *culprit.Failure) []string {
	if f.Assertion == nil || f.Assertion.Message == "" {
		return nil
	}
	expected := f.Assertion.Expected
	if !constant(expected) {
		expected = steady(cut(expected, 300))
	}
	_, note, _ := strings.Cut(f.Assertion.Message, "\nMessages:") // testify's
	return []string{strings.TrimSuffix(f.Package, "_test"), steady(f.Title), expected, steady(cut(note, 300))}
}

// constant reports whether a value is a number that a person would write into a test.
func constant(s string) bool {
	return s != "" && len(s) <= 6 && strings.Trim(s, "0123456789") == ""
}

func diagnosed(f *culprit.Failure) []string {
	if len(f.Diagnostics) == 0 {
		return nil
	}
	d := f.Diagnostics[0]
	pkg, _, _ := strings.Cut(d.Package, " ") // "p [p.test]"
	if pkg == "" || d.Message == "" {
		return nil
	}
	file := path.Base(strings.ReplaceAll(d.File, `\`, "/"))
	return []string{strings.TrimSuffix(pkg, "_test"), file, d.Check, steady(d.Message)}
}
