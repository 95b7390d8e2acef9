// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// Runs gives what a log shows per package. A package of which the log shows
// several runs is one entry with the counts of all and the gravest result. Left
// out are packages without a name, those that did not run (cached results,
// failed builds, no test files), and tests of which the reader kept only counts
// beyond its budget.
func Runs(log *golog.Log) []PackageRun {
	b := runBuilder{packages: map[string]int{}, tests: map[[2]string]int{}}
	for _, p := range log.Packages {
		if p.Path == "" || p.Cached || p.BuildFailed != "" || p.Result == golog.ResultSkip {
			continue
		}
		b.add(p)
	}
	return b.runs
}

// runBuilder joins the runs of one package, and of one test in them.
type runBuilder struct {
	runs     []PackageRun
	packages map[string]int    // path to its place in runs
	tests    map[[2]string]int // path and name to the place in its Tests
}

// gravity orders results; a failure that is shown outweighs an end that is not.
var gravity = []Result{Pass, Unknown, Fail}

func (b *runBuilder) add(p *golog.Package) {
	i, ok := b.packages[p.Path]
	if !ok {
		i = len(b.runs)
		b.packages[p.Path] = i
		b.runs = append(b.runs, PackageRun{Package: p.Path, Result: Pass})
	}
	r := &b.runs[i]
	result := Unknown
	switch p.Result {
	case golog.ResultPass:
		result = Pass
	case golog.ResultFail:
		result = Fail
	}
	if slices.Index(gravity, result) > slices.Index(gravity, r.Result) {
		r.Result = result
	}
	r.Passed += p.Passed
	r.Elapsed += p.Elapsed
	for _, t := range p.Tests {
		switch t.Status {
		case culprit.StatusPass:
			continue // counted in p.Passed
		case culprit.StatusSkip:
			r.Skipped++
			continue
		case culprit.StatusFail:
			r.Failed++
		default:
			r.Unfinished++
		}
		b.note(r, t)
	}
}

func (b *runBuilder) note(r *PackageRun, t *golog.Test) {
	key := [2]string{r.Package, t.Name}
	i, ok := b.tests[key]
	if !ok {
		b.tests[key] = len(r.Tests)
		r.Tests = append(r.Tests, Outcome{Test: t.Name, Status: t.Status, Runs: t.Runs, Failed: t.Failed, Passed: t.Passed, Elapsed: t.Elapsed})
		return
	}
	have := &r.Tests[i]
	have.Runs += t.Runs
	have.Failed += t.Failed
	have.Passed += t.Passed
	have.Elapsed = t.Elapsed
	if t.Status == culprit.StatusFail {
		have.Status = t.Status
	}
}
