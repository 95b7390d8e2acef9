// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package suite is the list of the analyzers that culprit vet runs, and of the
// ideas that did not make it into the list, with the reasons.
package suite

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/closesend"
	"github.com/culprit-ci/culprit/racecheck/copiedlock"
	"github.com/culprit-ci/culprit/racecheck/lazyinit"
	"github.com/culprit-ci/culprit/racecheck/libraryobject"
	"github.com/culprit-ci/culprit/racecheck/loopvar"
	"github.com/culprit-ci/culprit/racecheck/namedresult"
	"github.com/culprit-ci/culprit/racecheck/otherlock"
	"github.com/culprit-ci/culprit/racecheck/outervar"
	"github.com/culprit-ci/culprit/racecheck/parallelglobal"
	"github.com/culprit-ci/culprit/racecheck/parentend"
	"github.com/culprit-ci/culprit/racecheck/partlock"
	"github.com/culprit-ci/culprit/racecheck/plainatomic"
	"github.com/culprit-ci/culprit/racecheck/rlockwrite"
	"github.com/culprit-ci/culprit/racecheck/sharedmap"
	"github.com/culprit-ci/culprit/racecheck/sharedobject"
	"github.com/culprit-ci/culprit/racecheck/sharedslice"
	"github.com/culprit-ci/culprit/racecheck/signalread"
	"github.com/culprit-ci/culprit/racecheck/sleepwait"
	"github.com/culprit-ci/culprit/racecheck/unlockedfield"
	"github.com/culprit-ci/culprit/racecheck/waitgroupadd"
)

// Checks lists the analyzers of race patterns, by name.
func Checks() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		closesend.Analyzer,
		libraryobject.Analyzer,
		loopvar.Analyzer,
		namedresult.Analyzer,
		otherlock.Analyzer,
		outervar.Analyzer,
		parallelglobal.Analyzer,
		parentend.Analyzer,
		rlockwrite.Analyzer,
		sharedmap.Analyzer,
		sharedobject.Analyzer,
		sharedslice.Analyzer,
		signalread.Analyzer,
		sleepwait.Analyzer,
		waitgroupadd.Analyzer,
	}
}

// Optional lists the analyzers that run only when they are named: what they find
// is too often no race to fail a build by (docs/VET-PRECISION.md has the figures),
// and often enough one to read when a package is known to race.
func Optional() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		copiedlock.Analyzer,
		lazyinit.Analyzer,
		partlock.Analyzer,
		plainatomic.Analyzer,
		unlockedfield.Analyzer,
	}
}

// Analyzers lists what culprit vet runs by itself: the checks, and
// [NewIgnoreCheck] over them.
func Analyzers() []*analysis.Analyzer {
	return append(Checks(), NewIgnoreCheck(Checks()))
}

// All lists the analyzers that can be named: the checks, the optional ones, and
// [NewIgnoreCheck] over both.
func All() []*analysis.Analyzer {
	checks := append(Checks(), Optional()...)
	return append(checks, NewIgnoreCheck(checks))
}

// Lookup finds an analyzer by its name.
func Lookup(name string) (*analysis.Analyzer, bool) {
	for _, a := range All() {
		if a.Name == name {
			return a, true
		}
	}
	return nil, false
}

// NewIgnoreCheck returns the analyzer of the //culprit:ignore directives
// themselves. It runs after checks, so that it knows which directive was of use.
func NewIgnoreCheck(checks []*analysis.Analyzer) *analysis.Analyzer {
	var ran []string
	for _, a := range checks {
		ran = append(ran, a.Name)
	}
	return &analysis.Analyzer{
		Name: "ignore",
		Doc: `report //culprit:ignore directives that are wrong or of no use

A directive names the analyzer it silences and says why:

	counter++ //culprit:ignore outervar the fake server answers one request at a time

It stands at the end of the line of the finding, or alone on the line above.
Several analyzers are separated by commas. A directive without a reason silences
nothing, and one that silences nothing is reported, so that it goes when the code
under it has changed.

# When not to worry

A finding of this analyzer is never about a race: the directive can be corrected
or deleted.`,
		URL:      "https://github.com/culprit-ci/culprit/blob/main/docs/analyzers/ignore.md",
		Requires: append([]*analysis.Analyzer{racecheck.Ignores}, checks...),
		Run: func(pass *analysis.Pass) (any, error) {
			list := pass.ResultOf[racecheck.Ignores].(*racecheck.IgnoreList)
			for _, in := range list.All() {
				if problem := wrong(list, in, ran); problem != "" {
					pass.Report(analysis.Diagnostic{Pos: in.Pos, Category: "ignore", Message: problem})
				}
			}
			return nil, nil
		},
	}
}

// wrong says what is wrong with a directive, "" when it is as it should be. Of an
// analyzer that did not run nothing is known.
func wrong(list *racecheck.IgnoreList, in *racecheck.Ignore, ran []string) string {
	if len(in.Names) == 0 {
		return "this directive names no analyzer: write //culprit:ignore NAME REASON"
	}
	for _, n := range in.Names {
		optional := slices.ContainsFunc(Optional(), func(a *analysis.Analyzer) bool { return a.Name == n })
		if !slices.Contains(ran, n) && !optional {
			return fmt.Sprintf("there is no analyzer %q to ignore", n)
		}
	}
	if in.Reason == "" {
		return "this directive silences nothing without a reason: write //culprit:ignore NAME REASON"
	}
	unused := slices.DeleteFunc(list.Unused(in), func(n string) bool { return !slices.Contains(ran, n) })
	if len(unused) > 0 {
		return fmt.Sprintf("this directive silences nothing: %s reports nothing here", strings.Join(unused, ", "))
	}
	return ""
}
