// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// Classify turns a log into its verdict, the reason of a verdict that is not
// failed, and the failures in log order with the IDs f1, f2, …
//
// Roles of tests are what the log alone tells; the cause stage refines them.
func Classify(log *golog.Log) (culprit.Verdict, string, []*culprit.Failure) {
	believe(log)
	j := &job{log: log, used: map[int]bool{}, builds: findBuilds(log)}
	for _, p := range log.Packages {
		if fs := headless(log, p); len(fs) > 0 {
			j.failures = append(j.failures, fs...)
			continue
		}
		c := newClaims(log, p)
		for _, k := range All() {
			if k.Match == nil {
				continue
			}
			fs := k.Match(c)
			c.found = c.found || len(fs) > 0
			j.failures = append(j.failures, fs...)
		}
	}
	j.failures = append(j.failures, excerpt(j)...)
	for _, k := range All() {
		if k.Job != nil {
			j.failures = append(j.failures, k.Job(j)...)
		}
	}
	j.nameTest()
	all := merged(j.failures)
	slices.SortStableFunc(all, func(a, b *culprit.Failure) int {
		return int(max(-1, min(1, a.Evidence.FirstLine-b.Evidence.FirstLine)))
	})
	for i, f := range all {
		f.ID = fmt.Sprintf("f%d", i+1)
	}
	if len(all) > 0 {
		return culprit.Failed, "", all
	}
	verdict, why := verdictOf(log)
	return verdict, why, nil
}

// believe drops what is said of the end of the job in the middle of a package that
// passed: a test printed it.
func believe(log *golog.Log) {
	log.Marks = slices.DeleteFunc(log.Marks, func(m golog.Mark) bool {
		return slices.ContainsFunc(log.Packages, func(p *golog.Package) bool {
			return p.Result == golog.ResultPass && p.Started.No < m.Line.No && m.Line.No < p.Ended.No
		})
	})
}

// verdictOf judges a log that shows no failure.
func verdictOf(log *golog.Log) (culprit.Verdict, string) {
	switch {
	case log.Ref.Bytes == 0:
		return culprit.NoTests, "the input is empty"
	case log.Binary:
		return culprit.NoTests, "the input is binary: it holds NUL bytes and no output of go test"
	}
	for _, p := range log.Packages {
		if m, ok := markOf(p.Marks, golog.MarkLostReport); ok {
			return culprit.Incomplete, fmt.Sprintf("the log ends inside the race report that starts at line %d", m.Line.No)
		}
		if p.Result == golog.ResultNone {
			return culprit.Incomplete, unfinished(p)
		}
	}
	if log.LostFailures > 0 {
		return culprit.Incomplete, fmt.Sprintf("%d failures did not fit into memory", log.LostFailures)
	}
	if len(log.Packages) == 0 {
		if m, ok := markOf(log.Marks, golog.MarkCancelled); ok {
			return culprit.Incomplete, fmt.Sprintf("the job was cancelled (line %d) and shows no output of go test", m.Line.No)
		}
		return culprit.NoTests, "the input shows no output of go test"
	}
	for _, k := range []golog.MarkKind{golog.MarkCancelled, golog.MarkRunFailed, golog.MarkJobFailed} {
		if m, ok := markOf(log.Marks, k); ok {
			return culprit.Incomplete, fmt.Sprintf("no test is shown to fail, yet line %d says %q", m.Line.No, m.Line.Text)
		}
	}
	return culprit.Passed, "every test that started has a result and none failed"
}

// unfinished says why a package's run has no end.
func unfinished(p *golog.Package) string {
	open := 0
	first := ""
	for _, t := range p.Tests {
		if t.Status == culprit.StatusUnknown {
			if first == "" {
				first = t.Name
			}
			open++
		}
	}
	name := p.Path
	if name == "" {
		name = "a package that the log does not name"
	}
	if open > 0 {
		return fmt.Sprintf("the log ends before the result of %s; %s and %d other tests had not ended", name, first, open-1)
	}
	return "the log shows no result of " + name
}

func markOf(marks []golog.Mark, kind golog.MarkKind) (golog.Mark, bool) {
	for _, m := range marks {
		if m.Kind == kind {
			return m, true
		}
	}
	return golog.Mark{}, false
}

// failing returns the tests that failed, and those of them that failed because
// a subtest did.
func failing(p *golog.Package) (tests []*golog.Test, parent map[*golog.Test]bool) {
	parent = map[*golog.Test]bool{}
	for _, t := range p.Tests {
		if !t.Failing() {
			continue
		}
		tests = append(tests, t)
		for _, a := range ancestors(p, t) {
			if a.Failing() {
				parent[a] = true
			}
		}
	}
	return tests, parent
}

// ancestors returns the tests whose subtest t is, nearest first.
func ancestors(p *golog.Package, t *golog.Test) []*golog.Test {
	var out []*golog.Test
	for name := t.Name; ; {
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return out
		}
		name = name[:i]
		if a := p.Test(name); a != nil {
			out = append(out, a)
		}
	}
}

// ref returns t as it stands in a failure.
func ref(p *golog.Package, t *golog.Test, role culprit.Role, why string) culprit.TestRef {
	r := culprit.TestRef{Name: t.Name, Package: p.Path, Status: t.Status, Role: role, Why: why}
	if t.Runs > 1 {
		r.Runs, r.Failed = t.Runs, t.Failed
	}
	return r
}
