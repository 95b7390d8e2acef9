// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"time"

	"github.com/culprit-ci/culprit"
)

// Log is what a log shows, section by section.
type Log struct {
	// Ref identifies the raw input. Its Format is "" when nothing of go test
	// was recognised.
	Ref culprit.LogRef
	// Job is what the log's own header lines tell; what they do not is empty.
	Job culprit.Job
	// Packages are the test runs in the order in which they ended, those that
	// did not end last. A package that passed and shows nothing else keeps its
	// counts only.
	Packages []*Package
	// Builds are the compiler's and vet's outputs, one per "# package" header
	// or test2json ImportPath.
	Builds []*Build
	// Marks are job-level lines that say how the job ended, outside any package.
	Marks []Mark
	// Notes are lines outside of tests that hold a word of trouble, in log order.
	Notes []Note
	// Binary is true when the input is not text: it holds NUL bytes.
	Binary bool
	// LostTests counts tests that were not kept because the memory budget was
	// spent. None of them is known to have failed.
	LostTests int64
	// LostFailures counts failing tests and reports beyond the budget.
	LostFailures int64
}

// Result is how a package's test run ended.
type Result string

// The results. The zero value means that the log does not show the end.
const (
	ResultNone Result = ""
	ResultPass Result = "pass"
	ResultFail Result = "fail"
	ResultSkip Result = "skip" // no test files
)

// Package is one test run of one package.
type Package struct {
	// Path is the import path, "" where the log does not tell: in plain text
	// only the closing "ok" or "FAIL" line names the package.
	Path string
	// Section is the job, step or service that the run belongs to, "" when the
	// log tells none apart.
	Section string
	// JSON is true when the sections come from test2json events.
	JSON   bool
	Result Result
	// Closed is true when a line "ok p", "FAIL p" or a package event ended the
	// run. A test binary run by hand ends with a lone PASS or FAIL, which sets
	// Result and leaves Closed false.
	Closed bool
	// Cached is true for a result that go test did not compute anew.
	Cached bool
	// Verbose is true when "=== RUN" lines or run events were seen.
	Verbose bool
	// ExitStatus is N of the line "exit status N", 0 when there is none.
	ExitStatus int
	// BuildFailed holds the reason in brackets of "FAIL p [build failed]",
	// "setup failed" included; "" when the package did build.
	BuildFailed string
	// FailedBuild is the import path of the build that failed, as the event of the
	// package names it; "" in text.
	FailedBuild string
	// PassShown is true when the process printed PASS, however it ended.
	PassShown bool
	// Tests are in order of first appearance. Passed tests of a passed package
	// are counted and not kept.
	Tests []*Test
	// Passed counts tests that passed, kept or not.
	Passed int64
	// Elapsed is how long the run took, 0 when the log does not tell.
	Elapsed time.Duration
	// Reports are the race reports, identical ones folded.
	Reports []*Report
	// Marks are lines that suggest another kind: a panic, a timeout.
	Marks []Mark
	// Crashes are the ends of processes, quoted ones included.
	Crashes []*Crash
	// Output is what belongs to no test.
	Output *Text
	// Started and Ended are the first and last line of the run.
	Started, Ended Line

	byName map[string]*Test // made when the run has ended
	short  bool             // Path is as gotestsum shortens it
}

// Test returns the test of that full name, nil when the log does not show it.
func (p *Package) Test(name string) *Test { return p.byName[name] }

// Test is one test, all its runs together.
type Test struct {
	// Name is the full name: "TestTools/SendTaskInput/NoID".
	Name string
	// Status is the gravest result of all runs: fail, unknown, pass, skip.
	Status culprit.Status
	// Runs counts results and unfinished starts; Failed counts failures, Passed
	// passes. They differ from 1 and 0/1 under -count or in re-runs.
	Runs, Failed, Passed int
	// Elapsed is how long the last run took, 0 when the log does not tell.
	Elapsed time.Duration
	// Reran is true when a later run of the test was one of the failed tests only,
	// as gotestsum --rerun-fails does it.
	Reran bool
	// Last is the result of the latest run, "" while none has ended.
	Last culprit.Status
	// Racy is true when the test carries "race detected during execution of test".
	Racy bool
	// Started is the line that started the first run, or the result's line
	// where no start is shown (StartShown false). Ended is the line of the
	// gravest result.
	Started, Ended Line
	StartShown     bool
	// Output is the test's own output without framing lines, nil when the test
	// passed.
	Output *Text

	running   bool
	unstarted bool // failed without "=== RUN" in a verbose run
}

// Failing reports whether any run of the test failed.
func (t *Test) Failing() bool { return t.Status == culprit.StatusFail }

// Build is the output of building or vetting one package.
type Build struct {
	// ImportPath is as printed, for example "p [p.test]".
	ImportPath string
	Section    string // as of a package
	Output     *Text
	// Failed is true when a build-fail event says so, and Ended is its line, without
	// text. In text it is always false.
	Failed bool
	Ended  Line
}

// MarkKind names what a [Mark] suggests.
type MarkKind string

// The marks.
const (
	MarkPanic       MarkKind = "panic"         // "panic: …" at the start of a line, or "fatal error: …"
	MarkTimeout     MarkKind = "timeout"       // "panic: test timed out after …", "*** Test killed"
	MarkKilled      MarkKind = "killed"        // "signal: killed"
	MarkMemory      MarkKind = "out-of-memory" // the runtime ran out of memory
	MarkCancelled   MarkKind = "cancelled"     // the runner says the job was cancelled
	MarkRunnerLost  MarkKind = "runner-lost"   // the runner died or lost its server
	MarkJobTimeout  MarkKind = "job-timeout"   // the runner ended the job because it took too long
	MarkJobFailed   MarkKind = "job-failed"    // "Process completed with exit code 1"
	MarkRunFailed   MarkKind = "run-failed"    // a lone FAIL after all packages
	MarkMapFatal    MarkKind = "concurrent-map"
	MarkAllAsleep   MarkKind = "deadlock"
	MarkLogAfter    MarkKind = "log-after-test"
	MarkLostReport  MarkKind = "lost-report"  // "WARNING: DATA RACE" where the log ends before the first access
	MarkCountedRace MarkKind = "counted-race" // "Found 1 data race(s)"
)

// Mark is a line that says something about the run as a whole.
type Mark struct {
	Kind MarkKind
	Line Line
}

// Report is one race report cut out of the output around it.
type Report struct {
	// Race holds both accesses with their stacks as printed. File, Line, Func
	// and Test of an access are left empty: they are conclusions.
	Race *culprit.Race
	// First and Last are the report's first and last line in the raw log,
	// separators included.
	First, Last Line
	// Text is the report alone, without other output between its lines.
	Text string
	// Repeats counts identical reports of the package, 1 means once.
	Repeats int
	// Damaged says what is missing, "" when the report is whole.
	Damaged string
	// Indent is the width of white space before the report's first line.
	Indent int
	// Carrier is the test whose output held the report's first line, "" when
	// none did. It does not say who raced.
	Carrier string
}
