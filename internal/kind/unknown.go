// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// unknowns: it failed, and nothing recognised says why. Every failure that no other
// kind accounts for is kept with its text, so that none is lost.
func unknowns(c *claims) []*culprit.Failure {
	p := c.pkg
	var out []*culprit.Failure
	tests, parent := failing(p)
	for _, t := range tests {
		if c.claimed[t] || parent[t] {
			continue
		}
		out = append(out, unknownTest(c, t))
	}
	// A parent whose failed subtests all belong to other failures is listed
	// there; one that is nowhere is kept here.
	for _, t := range tests {
		if parent[t] && !c.claimed[t] {
			out = append(out, unknownTest(c, t))
		}
	}
	if len(out) == 0 && len(tests) == 0 && !c.found && p.Result == golog.ResultFail && p.BuildFailed == "" {
		out = append(out, unknownPackage(c))
	}
	if len(out) == 0 && len(tests) == 0 && !c.found && p.Result == golog.ResultNone && crashed(p) {
		out = append(out, unknownPackage(c))
	}
	return out
}

// crashed reports whether a run without a result shows why it has none.
func crashed(p *golog.Package) bool {
	for _, m := range p.Marks {
		if m.Kind == golog.MarkTimeout || m.Kind == golog.MarkKilled {
			return true
		}
	}
	return false
}

func unknownTest(c *claims, t *golog.Test) *culprit.Failure {
	p := c.pkg
	c.claimed[t] = true
	f := &culprit.Failure{Kind: culprit.KindUnknown, Package: p.Path, Title: "test failed: " + t.Name}
	why := "it is marked FAIL and says nothing else"
	if !t.Output.Empty() {
		why = "it is marked FAIL with output of its own"
	}
	if t.Racy {
		f.Kind, f.Title = culprit.KindDataRace, stable("data race: while "+t.Name+" ran")
		why = "a race was reported while it ran; the log holds no report"
	}
	f.Tests = append(f.Tests, ref(p, t, culprit.RoleCause, why))
	for _, a := range ancestors(p, t) {
		if a.Failing() && !c.claimed[a] {
			f.Tests = append(f.Tests, ref(p, a, culprit.RoleParent, "it failed because its subtest "+t.Name+" did"))
			c.claimed[a] = true
		}
	}
	dropped, after := t.Output.Dropped()
	f.Evidence = lines(t.Output.Lines(), dropped, after)
	addLine(&f.Evidence, t.Ended)
	f.Excluded = excluded(c.log, p, f.Kind)
	return f
}

// addLine makes the evidence cover one more line.
func addLine(e *culprit.Evidence, l golog.Line) {
	if l.No == 0 {
		return
	}
	if e.FirstLine == 0 || l.No < e.FirstLine {
		e.FirstLine, e.FirstByte = l.No, l.Start
	}
	if l.No > e.LastLine {
		e.LastLine, e.EndByte = l.No, l.End
	}
}

// unknownPackage is a package that failed without a failing test.
func unknownPackage(c *claims) *culprit.Failure {
	p := c.pkg
	title := "package failed without a failing test"
	if p.Path != "" {
		title += ": " + shortPath(p.Path)
	}
	f := &culprit.Failure{Kind: culprit.KindUnknown, Package: p.Path, Title: stable(title)}
	for _, t := range p.Tests {
		if t.Status == culprit.StatusUnknown && len(f.Tests) < 1000 {
			f.Tests = append(f.Tests, ref(p, t, culprit.RoleUnknown, "it started and the log shows no result"))
		}
	}
	dropped, after := p.Output.Dropped()
	ls := p.Output.Lines()
	// What a test that never ended printed is often all there is.
	for _, t := range p.Tests {
		if t.Status == culprit.StatusUnknown && len(ls) < 5000 {
			ls = append(ls, t.Output.Lines()...)
		}
	}
	f.Evidence = lines(ls, dropped, after)
	addLine(&f.Evidence, p.Ended)
	f.Excluded = excluded(c.log, p, culprit.KindUnknown)
	return f
}

// called is what a title says of a package: its last element, and words that stand for
// it where the log does not name it.
func called(path string) string {
	if path == "" {
		return "a package that the log does not name"
	}
	return shortPath(path)
}

// shortPath is the last element of an import path.
func shortPath(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
