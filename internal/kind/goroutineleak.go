// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// leakRows are how leak checkers speak: goleak, leaktest, gleak (gomega), those of
// etcd, grpc, cockroach and net/http, and the goroutine leak profile of Go 1.26.
func leakRows() []row {
	return []row{
		{text: "found unexpected goroutines"},
		{text: "goleak: errors on successful test run"},
		{text: "leaktest: "},
		{text: "leaked goroutine"},
		{text: "goroutine leak"},
		{text: "goroutines leaked"},
		{text: "leaking goroutine"},
		{text: "leaked goroutines"},
		{text: "too many goroutines running after"},
		{text: "test appears to have leaked"},
		{text: "appears to have leaked"},
		{text: "expected not to leak ", and: "goroutine"},
		{text: "unexpected goroutine"},
		{text: "goroutineleak profile: total ", not: "total 0"},
		{text: " (leaked)]:"},
	}
}

// leaks: goroutines were left over, by the word of a leak checker in a test, or in
// TestMain after all tests passed.
// Near miss: a package that tests a leak checker compares texts.
func leaks(c *claims) []*culprit.Failure {
	out := c.byMessage(culprit.KindGoroutineLeak, func(t *golog.Test, m *message) said {
		line, ok := m.says(leakRows())
		if !ok && m != nil && strings.HasPrefix(m.headline(), "Expected not to leak ") {
			line, ok = m.headline(), true // gleak says it as an expectation
		}
		if !ok {
			return said{}
		}
		gs := parseDump(t.Output.Lines())
		if len(gs) == 0 {
			gs = parseDump(m.lines)
		}
		return said{ok: true, own: true, title: leakTitle(gs, line), fill: func(f *culprit.Failure) {
			f.Goroutines = groups(leaked(gs))
			f.Assertion = assertionOf(m)
		}}
	})
	if len(out) > 0 || len(c.tests) > 0 {
		return out
	}
	ls := c.output()
	for i, l := range ls {
		if !saysLine(l.Text, leakRows()) {
			continue
		}
		f := &culprit.Failure{Kind: culprit.KindGoroutineLeak, Package: c.pkg.Path}
		leakFacts(f, ls[i:])
		f.Excluded = excluded(c.log, c.pkg, culprit.KindGoroutineLeak)
		return append(out, f)
	}
	return out
}

// leakFacts fills in what a leak checker printed.
func leakFacts(f *culprit.Failure, ls []golog.Line) {
	gs := parseDump(ls)
	f.Title = leakTitle(gs, ls[0].Text)
	f.Goroutines = groups(leaked(gs))
	f.Evidence = lines(ls[:min(len(ls), 2000)], 0, 0)
}

// leaked leaves out the goroutines of package testing: checkers that dump all of them
// show the test that checks, and what waits for it.
func leaked(gs []goroutine) []goroutine {
	return slices.DeleteFunc(slices.Clone(gs), func(g goroutine) bool {
		if len(g.created) > 0 {
			return strings.HasPrefix(g.created[0].Func, "testing.")
		}
		return slices.ContainsFunc(g.stack, func(f culprit.Frame) bool { return f.Func == "main.main" })
	})
}

// leakTitle names who created what leaked: that is where to look.
func leakTitle(gs []goroutine, line string) string {
	for _, g := range groups(leaked(gs)) {
		fr := g.Where
		if len(g.Created) > 0 {
			fr = &g.Created[0]
		}
		if fr != nil {
			return steady("goroutine leak: created by " + shortPath(fr.Func))
		}
		if len(g.Stack) > 0 {
			return steady("goroutine leak: in " + shortPath(g.Stack[0].Func))
		}
	}
	return steady("goroutine leak: " + strings.TrimSpace(line))
}

// jobLeaks keeps what an excerpt without results shows.
func jobLeaks(j *job) []*culprit.Failure {
	if len(j.failures) > 0 || j.passing() {
		return nil
	}
	for i, n := range j.log.Notes {
		if !saysLine(n.Line.Text, leakRows()) || !j.open(i) {
			continue
		}
		f := &culprit.Failure{Kind: culprit.KindGoroutineLeak}
		ls := []golog.Line{n.Line}
		if n.Run != nil && n.Run.Output != nil {
			for k, l := range n.Run.Output.Lines() {
				if l.No == n.Line.No {
					ls = n.Run.Output.Lines()[k:]
					break
				}
			}
		}
		leakFacts(f, ls)
		return []*culprit.Failure{f}
	}
	return nil
}
