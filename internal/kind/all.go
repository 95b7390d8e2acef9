// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// Kind recognises one kind of failure.
type Kind struct {
	Name culprit.Kind
	// Match returns the failures of this kind in one package's run. Tests that
	// a failure accounts for are claimed in c and are not offered again.
	Match func(c *claims) []*culprit.Failure
	// Job returns the failures that show outside of every test: in a build, or
	// in what the job itself printed. It runs once all packages are through.
	Job func(j *job) []*culprit.Failure
}

// All returns the kinds in order of precedence: an earlier one claims its tests,
// crashes, builds and lines first, and the semantic cause comes before the noise
// it makes.
//
//  1. What the detector or the runtime names by itself. A race fails tests that
//     have no failure of their own; the messages that the runtime keeps for one
//     cause say more than "panic".
//  2. What the machine lacks. A full disk, a taken port, a module or host that
//     cannot be reached show as a panic, a failed assertion or a build error,
//     and none of these is the reason.
//  3. What ended the process. It makes unknown every test that had not ended.
//  4. What did not build. It makes "[build failed]" of every package above it.
//  5. What a test says, the most telling form first. An assertion is what is
//     left of a message that says nothing more.
//  6. What shows without a failed test. Each of these is true of packages that
//     have a better reason, so they come behind all of them.
//  7. What ended the job. A job is cancelled because something else failed.
func All() []Kind {
	return []Kind{
		{Name: culprit.KindDataRace, Match: dataRaces, Job: jobRaces},
		{Name: culprit.KindConcurrentMap, Match: concurrentMaps},
		{Name: culprit.KindDeadlock, Match: deadlocks, Job: jobDeadlocks},
		{Name: culprit.KindLogAfterTest, Match: logsAfterTest},
		{Name: culprit.KindTimeout, Match: timeouts, Job: jobTimeouts},

		{Name: culprit.KindDiskFull, Match: fullDisks, Job: jobFullDisks},
		{Name: culprit.KindOutOfMemory, Match: outOfMemory, Job: jobOutOfMemory},
		{Name: culprit.KindPortInUse, Match: takenPorts, Job: jobTakenPorts},
		{Name: culprit.KindModuleDownload, Match: moduleDownloads, Job: jobModuleDownloads},
		{Name: culprit.KindNetwork, Match: networks, Job: jobNetworks},

		{Name: culprit.KindMock, Match: mocks, Job: jobMocks},
		{Name: culprit.KindGoroutineLeak, Match: leaks, Job: jobLeaks},
		{Name: culprit.KindPanic, Match: panics},
		{Name: culprit.KindTestMain, Match: testMains},
		{Name: culprit.KindExit, Match: exits},

		{Name: culprit.KindVet, Job: jobVets},
		{Name: culprit.KindBuild, Job: jobBuilds},

		{Name: culprit.KindFuzz, Match: fuzzes},
		{Name: culprit.KindExample, Match: examples},
		{Name: culprit.KindGolden, Match: goldens},
		{Name: culprit.KindEventually, Match: eventuallies},
		{Name: culprit.KindAssertion, Match: assertions},
		{Name: culprit.KindBenchmark, Match: benchmarks},

		{Name: culprit.KindCoverage, Job: jobCoverage},
		{Name: culprit.KindLint, Job: jobLints},

		{Name: culprit.KindRunnerLost, Job: jobRunnerLost},
		{Name: culprit.KindCancelled, Match: interrupted, Job: jobCancelled},
		{Name: culprit.KindUnknown, Match: unknowns},
	}
}

// claims is one package's run and what of it is accounted for.
type claims struct {
	log     *golog.Log
	pkg     *golog.Package
	claimed map[*golog.Test]bool
	found   bool // an earlier kind found a failure

	tests   []*golog.Test        // that failed
	parent  map[*golog.Test]bool // of them, those with a failed subtest
	spoke   map[*golog.Test][]*item
	crashes []*crash
	itself  map[*golog.Test]bool
	listed  map[*culprit.Failure]map[string]bool
}

func newClaims(log *golog.Log, p *golog.Package) *claims {
	c := &claims{log: log, pkg: p, claimed: map[*golog.Test]bool{}, spoke: map[*golog.Test][]*item{}, itself: map[*golog.Test]bool{}, listed: map[*culprit.Failure]map[string]bool{}}
	c.tests, c.parent = failing(p)
	c.crashes = crashes(p)
	return c
}

// job is what no package's run accounts for.
type job struct {
	log      *golog.Log
	failures []*culprit.Failure // found so far
	builds   []*failedBuild
	used     map[int]bool // notes, by index
}
