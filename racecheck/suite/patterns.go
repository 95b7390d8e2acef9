// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/closesend"
	"github.com/culprit-ci/culprit/racecheck/copiedlock"
	"github.com/culprit-ci/culprit/racecheck/flow"
	"github.com/culprit-ci/culprit/racecheck/lazyinit"
	"github.com/culprit-ci/culprit/racecheck/libraryobject"
	"github.com/culprit-ci/culprit/racecheck/loopvar"
	"github.com/culprit-ci/culprit/racecheck/namedresult"
	"github.com/culprit-ci/culprit/racecheck/outervar"
	"github.com/culprit-ci/culprit/racecheck/parallelglobal"
	"github.com/culprit-ci/culprit/racecheck/parentend"
	"github.com/culprit-ci/culprit/racecheck/partlock"
	"github.com/culprit-ci/culprit/racecheck/plainatomic"
	"github.com/culprit-ci/culprit/racecheck/rlockwrite"
	"github.com/culprit-ci/culprit/racecheck/sharedmap"
	"github.com/culprit-ci/culprit/racecheck/sharedobject"
	"github.com/culprit-ci/culprit/racecheck/sharedslice"
	"github.com/culprit-ci/culprit/racecheck/unlockedfield"
	"github.com/culprit-ci/culprit/racecheck/waitgroupadd"
)

// Pattern joins a pattern of a race with the analyzer that finds its instances in
// the source, before they fail.
type Pattern struct {
	Pattern  culprit.Pattern
	Analyzer *analysis.Analyzer
}

// Patterns lists the patterns of races, in the order of the constants of package
// culprit. The folder of each analyzer has a real report of the pattern in
// testdata/race.txtar, with the cause that is found from it.
func Patterns() []Pattern {
	return []Pattern{
		{culprit.PatternCapturedOuterVariable, outervar.Analyzer},
		{culprit.PatternLoopVariable, loopvar.Analyzer},
		{culprit.PatternNamedResult, namedresult.Analyzer},
		{culprit.PatternSlice, sharedslice.Analyzer},
		{culprit.PatternMap, sharedmap.Analyzer},
		{culprit.PatternCopiedLock, copiedlock.Analyzer},
		{culprit.PatternMessageAndMemory, closesend.Analyzer},
		{culprit.PatternWaitGroup, waitgroupadd.Analyzer},
		{culprit.PatternSharedFixture, sharedobject.Analyzer},
		{culprit.PatternMissingLock, unlockedfield.Analyzer},
		{culprit.PatternPartialLock, partlock.Analyzer},
		{culprit.PatternWriteUnderRLock, rlockwrite.Analyzer},
		{culprit.PatternPlainAndAtomic, plainatomic.Analyzer},
		{culprit.PatternLazyInit, lazyinit.Analyzer},
		{culprit.PatternGlobalState, parallelglobal.Analyzer},
		{culprit.PatternUseAfterEnd, parentend.Analyzer},
		{culprit.PatternLibraryObject, libraryobject.Analyzer},
	}
}

// Instances lists the instances of a pattern in one package, as far as the package
// alone tells. ok is false when there is no analyzer for the pattern, or when it
// cannot run because of what is not known of the types.
func Instances(p culprit.Pattern, u *racecheck.Unit) (list []racecheck.Instance, ok bool) {
	a := Of(p)
	if a == nil {
		return nil, false
	}
	if !u.Given(flow.Facts) {
		// Without a driver nobody wants the facts of functions that nothing here calls.
		u.Give(flow.Facts, flow.NewFactSet(u.Info, u.Files))
	}
	result, ok := u.Run(a, nil)
	if !ok {
		return nil, false
	}
	list, ok = result.([]racecheck.Instance)
	return list, ok
}

// Of gives the analyzer of a pattern, nil when there is none.
func Of(p culprit.Pattern) *analysis.Analyzer {
	for _, known := range Patterns() {
		if known.Pattern == p {
			return known.Analyzer
		}
	}
	return nil
}
