// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// dataRaces: the detector reported two goroutines at one piece of memory, nothing
// ordering them. Each distinct report of a package is a failure until the source
// shows that two have one cause; it takes the tests that the detector marked, which
// are those that ran and not always those that raced.
// Near miss: a report that a test of a report's reader printed and survived.
func dataRaces(c *claims) []*culprit.Failure {
	p := c.pkg
	var out []*culprit.Failure
	var reports []*golog.Report
	for _, r := range p.Reports {
		if quoted(p, r) {
			continue
		}
		for i := range r.Race.Accesses {
			locate(p, &r.Race.Accesses[i])
		}
		out = append(out, raceFailure(c, r))
		reports = append(reports, r)
	}
	if len(out) > 0 {
		giveTests(c, out, reports)
	}
	return out
}

// raceMark is what package testing says of a test that ran while a race was reported.
var raceMark = lazyre.New(`^\s*(?:testing|benchmark)\.go:\d+: race detected during execution of (?:test|benchmark|subtest)`)

// jobRaces is an excerpt that holds no more than that there was a race.
func jobRaces(j *job) []*culprit.Failure {
	if len(j.failures) > 0 || j.passing() {
		return nil
	}
	for i, n := range j.log.Notes {
		if !raceMark.MatchString(n.Line.Text) || !j.open(i) {
			continue
		}
		j.used[i] = true
		f := &culprit.Failure{Kind: culprit.KindDataRace, Title: "data race: the log holds no report of it", Evidence: lines([]golog.Line{n.Line}, 0, 0)}
		return []*culprit.Failure{f}
	}
	return nil
}

// quoted reports whether a report was printed as text by a test that passed:
// the detector writes at the margin, t.Log does not.
func quoted(p *golog.Package, r *golog.Report) bool {
	t := p.Test(r.Carrier)
	return r.Indent > 0 && p.Verbose && t != nil && t.Status == culprit.StatusPass
}

func raceFailure(c *claims, r *golog.Report) *culprit.Failure {
	f := &culprit.Failure{Kind: culprit.KindDataRace, Package: c.pkg.Path, Title: raceTitle(r.Race), Race: r.Race}
	f.Evidence = culprit.Evidence{
		FirstLine: r.First.No, LastLine: r.Last.No, FirstByte: r.First.Start, EndByte: r.Last.End,
		Text: cutMiddle(strings.ToValidUTF8(r.Text, "\uFFFD")), Repeats: r.Repeats, Damaged: r.Damaged,
	}
	f.Excluded = excluded(c.log, c.pkg, culprit.KindDataRace)
	return f
}

// raceTitle names both functions, in an order that does not depend on which
// access came later.
func raceTitle(r *culprit.Race) string {
	names := [2]string{"unknown", "unknown"}
	for i, a := range r.Accesses {
		if i < 2 && a.Func != "" {
			names[i] = shortPath(a.Func)
		}
	}
	if names[0] > names[1] {
		names[0], names[1] = names[1], names[0]
	}
	return stable("data race: " + names[0] + " / " + names[1])
}

// locate fills in the position of an access and the test that owns it as far
// as the log tells.
func locate(p *golog.Package, a *culprit.Access) {
	if len(a.Stack) > 0 {
		top := a.Stack[0]
		for _, f := range a.Stack {
			if !inRuntime(f) {
				top = f
				break
			}
		}
		a.File, a.Line, a.Func = top.File, top.Line, top.Func
	}
	name, exact := ownerTest(a)
	if name != "" && (exact || !hasSubtests(p, name)) {
		a.Test = name
	}
}

// inRuntime reports whether a frame stands for an operation in the frame below:
// the runtime, internal/race and sync/atomic.
func inRuntime(f culprit.Frame) bool {
	for _, p := range []string{"runtime.", "internal/race.", "internal/runtime/", "runtime/internal/", "sync/atomic.", "internal/abi."} {
		if strings.HasPrefix(f.Func, p) {
			return true
		}
	}
	return strings.Contains(f.File, "/src/runtime/") && !strings.Contains(f.Func, "/")
}

// ownerTest finds the top-level test that owns the goroutine of an access:
// exact is true when that test's own function runs the goroutine, or created
// it outside a subtest. "" means that no test function is in the stacks.
//
// A stack ends with "testing.tRunner" below the function of a test or subtest.
func ownerTest(a *culprit.Access) (name string, exact bool) {
	if fn := underRunner(a.Stack); fn != "" {
		return topTest(fn), isTopTest(fn)
	}
	if len(a.Created) > 0 && strings.HasPrefix(a.Created[0].Func, "testing.") {
		return "", false
	}
	if fn := underRunner(a.Created); fn != "" {
		return topTest(fn), isTopTest(fn)
	}
	for _, f := range append(append(culprit.List[culprit.Frame]{}, a.Created...), a.Stack...) {
		if n := topTest(f.Func); n != "" {
			return n, false
		}
	}
	return "", false
}

// underRunner returns the function that testing.tRunner called in a stack.
func underRunner(stack []culprit.Frame) string {
	for i := len(stack) - 1; i > 0; i-- {
		if stack[i].Func == "testing.tRunner" && topTest(stack[i-1].Func) != "" {
			return stack[i-1].Func
		}
	}
	return ""
}

// topTest returns the top-level test in a symbol: "TestTools" of
// "example.com/m/p_test.TestTools.func30.1". A method is no test function.
func topTest(symbol string) string {
	if strings.HasPrefix(symbol, "testing/") {
		return "" // testing/synctest.Test
	}
	s := shortPath(symbol)
	_, s, ok := strings.Cut(s, ".")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(s, ".["); i >= 0 {
		s = s[:i]
	}
	for _, p := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if rest, ok := strings.CutPrefix(s, p); ok && s != "TestMain" && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return s
		}
	}
	return ""
}

// isTopTest reports whether a symbol is a test function and not a literal in it.
func isTopTest(symbol string) bool {
	n := topTest(symbol)
	return n != "" && strings.HasSuffix(symbol, "."+n)
}

func hasSubtests(p *golog.Package, name string) bool {
	for _, t := range p.Tests {
		if strings.HasPrefix(t.Name, name+"/") {
			return true
		}
	}
	return false
}

// stackTests returns the top-level tests named anywhere in the stacks of a
// race, and whether each goroutine could be traced to one.
func stackTests(r *culprit.Race) (names map[string]bool, all bool) {
	names, all = map[string]bool{}, len(r.Accesses) == 2
	for i := range r.Accesses {
		a := &r.Accesses[i]
		name, _ := ownerTest(a)
		if name == "" {
			all = false
		}
		for _, f := range append(append(culprit.List[culprit.Frame]{}, a.Stack...), a.Created...) {
			if n := topTest(f.Func); n != "" {
				names[n] = true
			}
		}
	}
	return names, all
}

// top returns the top-level test of a full name.
func top(name string) string {
	name, _, _ = strings.Cut(name, "/")
	return name
}

// during reports whether a report was printed while a test ran, as far as the
// log shows the test's start.
func during(t *golog.Test, r *golog.Report) bool {
	return !t.StartShown || t.Started.No <= r.Last.No && (t.Ended.No == 0 || r.First.No <= t.Ended.No)
}

func describe(t string) string {
	return fmt.Sprintf("a goroutine it owns made an access: %s is in its stack", t)
}
