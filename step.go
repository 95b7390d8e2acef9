// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Step records what one stage did for one failure.
type Step struct {
	Stage Stage `json:"stage"`
	// Failure is the ID of the failure, "" for a stage that concerns the case.
	Failure string  `json:"failure"`
	Outcome Outcome `json:"outcome"`
	// Why is what was concluded, or why nothing was.
	Why string `json:"why"`
	// Seconds is the wall time the stage took.
	Seconds float64 `json:"seconds"`
}

// Outcome is how a stage ended.
type Outcome string

// The outcomes.
const (
	Done         Outcome = "done"
	Skipped      Outcome = "skipped"      // not applicable, or not asked for
	Inconclusive Outcome = "inconclusive" // it ran and could not conclude
	Errored      Outcome = "errored"      // it could not run, and may be retried
)

// Stage names a stage of triage.
type Stage string

// The stages, in the order they run.
const (
	StageRead      Stage = "read"      // log bytes to sections
	StageClassify  Stage = "classify"  // sections to failures
	StageSource    Stage = "source"    // frames to files of the repository
	StagePhantom   Stage = "phantom"   // frames that cannot be true
	StageCause     Stage = "cause"     // the racing variable and its pattern
	StageGroup     Stage = "group"     // reports with one cause become one failure
	StageRoles     Stage = "roles"     // which tests raced, and which only ran
	StageBlame     Stage = "blame"     // lines to commits
	StageOwners    Stage = "owners"    // commits to people
	StageFix       Stage = "fix"       // a patch
	StageRepro     Stage = "repro"     // the failure on purpose
	StageVerify    Stage = "verify"    // the patch, by running
	StageSiblings  Stage = "siblings"  // the same class elsewhere
	StageDuplicate Stage = "duplicate" // known issues
)

// Event announces the progress of a triage to whoever waits for it. Events
// only announce: all conclusions are in the Case.
type Event struct {
	Stage   Stage
	Failure string // ID, or "" for the case
	Message string // for a person, in the present tense: "type-checking ./codersdk/toolsdk"
}
