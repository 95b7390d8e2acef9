// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

import (
	"encoding/json"
	"time"
)

// Schema is the identifier of the JSON form of a [Case].
const Schema = "culprit.case/v1"

// List is a slice whose JSON form is never null: a nil List is written as [].
type List[T any] []T

// MarshalJSON writes a nil list as an empty array.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// Case is all that is known about one failed job.
type Case struct {
	// Schema is always [Schema].
	Schema string `json:"schema"`
	// ID names the case: the same log of the same job always has the same ID.
	ID  string `json:"id"`
	Job Job    `json:"job"`
	Log LogRef `json:"log"`
	// Verdict says what the log as a whole shows.
	Verdict Verdict `json:"verdict"`
	// VerdictWhy is the reason of a verdict that is not [Failed]; else empty.
	VerdictWhy string `json:"verdict_why,omitempty"`
	// Failures has one entry per underlying cause, in log order: twelve tests
	// failed by one race are one Failure.
	Failures List[*Failure] `json:"failures"`
	// Steps records each stage that ran, was skipped or could not conclude.
	Steps List[Step] `json:"steps"`
	// Checklist is computed from Steps and Failures by [Checklist].
	Checklist List[CheckItem] `json:"checklist"`
}

// Job is where a log comes from. A field that is not known is empty and absent
// from the JSON form.
type Job struct {
	Provider    string     `json:"provider,omitempty"`     // for example "github" or "local"
	Repository  string     `json:"repository,omitempty"`   // owner/name, or the module path when only that is known
	RunID       string     `json:"run_id,omitempty"`       //
	JobID       string     `json:"job_id,omitempty"`       //
	Attempt     int        `json:"attempt,omitempty"`      // counts from 1
	Name        string     `json:"name,omitempty"`         // the job's name, for example "test-go-race-pg"
	Workflow    string     `json:"workflow,omitempty"`     //
	URL         string     `json:"url,omitempty"`          //
	Commit      string     `json:"commit,omitempty"`       // the full hash the job ran at
	BaseCommit  string     `json:"base_commit,omitempty"`  // for a merge commit of a pull request, the base it was merged on
	PullRequest int        `json:"pull_request,omitempty"` //
	Branch      string     `json:"branch,omitempty"`       //
	Actor       string     `json:"actor,omitempty"`        // who started the run
	StartedAt   *time.Time `json:"started_at,omitempty"`   //
}

// LogRef identifies the bytes that were read.
type LogRef struct {
	// Format is how the test results were written: "test2json", "go-test",
	// "gotestsum", "junit", "mixed", or "" when nothing was recognised.
	Format string `json:"format"`
	// Wrapper is what stood around each line: "github-actions", "gitlab",
	// "docker-compose" and others, or "none".
	Wrapper string `json:"wrapper"`
	// Packed is what the log was unpacked from: "gzip", "zstd", "zip", or "". The
	// counts, the digest and all places are of the unpacked text.
	Packed string `json:"packed,omitempty"`
	// Bytes and Lines count the raw input, before anything was stripped.
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	// SHA256 is the hex digest of the raw input.
	SHA256 string `json:"sha256"`
}

// Verdict is what a log as a whole shows.
type Verdict string

// The verdicts.
const (
	Failed     Verdict = "failed"     // at least one failure was found
	Passed     Verdict = "passed"     // tests ran, all that started finished, none failed
	Incomplete Verdict = "incomplete" // the log ends, or starts, in the middle: no failure is shown, but none is excluded
	NoTests    Verdict = "no-tests"   // the input shows no output of a Go test run
)
