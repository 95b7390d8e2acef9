// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/closing"
)

// Cause is one cause as the store knows it, over all jobs.
type Cause struct {
	// Key names the cause; it never changes.
	Key        string       `json:"key"`
	Repository string       `json:"repository"`
	Kind       culprit.Kind `json:"kind"`
	Package    string       `json:"package"`
	Title      string       `json:"title"`
	// Aliases are further titles it was seen under, at most [MaxAliases]; only
	// [Causes] fills them in.
	Aliases     []string `json:"-"`
	Fingerprint string   `json:"fingerprint"`
	// Owner is the best owner that the last case with one names, "" for none.
	Owner     string    `json:"owner"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	// Case and Failure are of the last occurrence.
	Case    string `json:"case"`
	Failure string `json:"failure"`
	// Excerpt is the beginning of the last evidence, at most [MaxExcerpt] bytes.
	Excerpt string `json:"-"`
	// Closed is zero for a cause that is open.
	Closed Closed `json:"closed,omitzero"`
}

// MaxExcerpt bounds the bytes of [Cause.Excerpt].
const MaxExcerpt = 2048

// MaxAliases bounds [Cause.Aliases].
const MaxAliases = 64

// Closed says when and why a cause was taken for fixed.
type Closed struct {
	At time.Time `json:"at,omitzero"`
	// Fix is the commit that fixed it, "" when not known.
	Fix string `json:"fix,omitempty"`
	Why string `json:"why,omitempty"`
}

// Silence is an open cause that was not seen for a while.
type Silence struct {
	Cause Cause
	Seen  closing.Seen
}

// Occurrence is one failure in one job.
type Occurrence struct {
	Case        string       `json:"case"`
	Failure     string       `json:"failure"`
	Seen        time.Time    `json:"seen"`
	Repository  string       `json:"repository"`
	Commit      string       `json:"commit,omitempty"`
	Branch      string       `json:"branch,omitempty"`
	PullRequest int          `json:"pull_request,omitempty"`
	Job         string       `json:"job,omitempty"`
	URL         string       `json:"url,omitempty"`
	Source      string       `json:"source,omitempty"`
	Kind        culprit.Kind `json:"kind"`
	Package     string       `json:"package"`
	Title       string       `json:"title"`
	// Cause is the key of the cause.
	Cause string `json:"cause"`
	// Those from here on are set in the history of a test. Seconds is how long its
	// last run took, 0 when the log does not tell.
	Test    string         `json:"test,omitempty"`
	Status  culprit.Status `json:"status,omitempty"`
	Role    culprit.Role   `json:"role,omitempty"`
	Runs    int            `json:"runs,omitempty"`
	Failed  int            `json:"failed,omitempty"`
	Passed  int            `json:"passed,omitempty"`
	Seconds float64        `json:"seconds,omitempty"`
}

// Subject says what a history is of.
type Subject string

// The subjects, in the order in which a name is looked up.
const (
	Everything  Subject = "everything"
	SubjectTest Subject = "test"
	SubjectPkg  Subject = "package"
	SubjectText Subject = "title"
)

// HistoryQuery asks for a history.
type HistoryQuery struct {
	// Name is a test, a package or its end, the key of a cause, or a part of a
	// title; "" is everything. The first that is known decides, in this order.
	Name string
	// Repository limits the answer, "" does not.
	Repository string
	// Since is the oldest time that counts; zero is the beginning.
	Since time.Time
	// Limit bounds the occurrences of the answer, not the counts.
	Limit int
}

// History is what happened to one subject.
type History struct {
	Subject Subject `json:"subject"`
	// Names are the tests, packages or titles that the name stands for.
	Names culprit.List[string] `json:"names"`
	// Shown counts the occurrences in the window, and Occurrences are the last
	// of them, newest first.
	Shown       int                      `json:"shown"`
	Occurrences culprit.List[Occurrence] `json:"occurrences"`
	// Jobs counts the jobs in the window that ran the package of the subject; it
	// is 0 when the subject has no package or several. It counts whole days, so
	// that it may include jobs of the first day before Since.
	Jobs int `json:"jobs"`
	// FailedJobs counts those among them that show the subject.
	FailedJobs int `json:"failed_jobs"`
}

// FlakeQuery asks for a ranking.
type FlakeQuery struct {
	Repository string
	// Since is the oldest day that counts, in UTC; zero is the beginning.
	Since time.Time
	Limit int
	// All also lists causes that nothing shows to be flaky.
	All bool
}

// Flakes is a ranking.
type Flakes struct {
	// Since is the start of the first day that was counted.
	Since time.Time           `json:"since,omitzero"`
	List  culprit.List[Flake] `json:"flakes"`
	// Left counts causes that were left out, since nothing shows that they are
	// flaky: see [Flake.Why].
	Left int `json:"left"`
	// More is true when there are causes beyond the limit.
	More bool `json:"more"`
}

// Flake is a cause and what it cost in the window.
type Flake struct {
	Cause
	// Runs counts the CI runs that failed by it, each attempt on its own; a
	// matrix of jobs is one run. Jobs counts the jobs.
	Runs int `json:"runs"`
	Jobs int `json:"jobs"`
	// PullRequests and Branches count the lines of work it was seen on. A branch
	// that a pull request of the list is made of, or may be, is not another one.
	PullRequests int `json:"pull_requests"`
	Branches     int `json:"branches"`
	// Days counts the days with an occurrence.
	Days int `json:"days"`
	// PackageJobs counts the jobs that ran the package; Jobs of them failed.
	PackageJobs int `json:"package_jobs"`
	// Proven counts the jobs that failed by it where the same job passed at the
	// same commit, in another attempt or run, or a test of it when run again.
	Proven int `json:"proven"`
	// Tests are the tests that failed by it, at most ten.
	Tests culprit.List[string] `json:"tests"`
	// Why says what shows that it is flaky; "" when nothing does.
	Why string `json:"why"`
}

// State is how far a filing got.
type State string

// The states.
const (
	Intended State = "intended" // recorded, and nobody knows whether it was sent
	Sent     State = "sent"
	Rejected State = "rejected" // the other side refused; nothing changed there
)

// Filing is one change that is made elsewhere at most once.
type Filing struct {
	// Key names the change: the same change always has the same key.
	Key        string
	Repository string
	// Action is what is done: "create", "comment", "reopen" and so on.
	Action string
	// Cause is the key of the cause it is about.
	Cause string
	State State
	// Target is the issue on the other side, "" while it is not known.
	Target string
	URL    string
	// Detail is the writer's own, at most 1 MiB.
	Detail []byte
	// Created and Updated are set by the caller, so that a clock can be given.
	Created, Updated time.Time
}
