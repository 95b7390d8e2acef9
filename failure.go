// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Failure is one underlying cause of a red job and all that is known about it.
//
// The pointer and list fields after Evidence are filled in by later stages.
// A nil or empty one means "no conclusion"; the Case's Steps say why.
type Failure struct {
	// ID is unique within the Case and stable for the same log: "f1", "f2", …
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Package is the import path of the package whose test run failed, or ""
	// when the log does not tell. (For a race it need not be the package that
	// holds the bug.)
	Package string `json:"package"`
	// Title says what failed in one line. It is stable between runs: it holds
	// no addresses, line numbers, counters or durations.
	Title string `json:"title"`
	// Note is what a rule of the repository's .culprit.yaml says of it.
	Note string `json:"note,omitempty"`
	// Aliases are further titles of the same bug. Two failures that share a
	// title or an alias are the same bug.
	Aliases List[string] `json:"aliases"`
	// Fingerprint identifies the cause across runs, "" when the log and the source
	// show too little; docs/DUPLICATES.md says what it is made of.
	Fingerprint string `json:"fingerprint"`
	// Tests are the tests this failure accounts for. A test that made a racing
	// access is listed even when it passed.
	Tests    List[TestRef]  `json:"tests"`
	Excluded List[Excluded] `json:"excluded"`
	Evidence Evidence       `json:"evidence"`
	// Related holds the evidence of further reports with the same cause.
	Related List[Evidence] `json:"related"`
	Race    *Race          `json:"race,omitempty"`
	// What a kind other than a race shows; what does not apply is absent. See
	// docs/kinds.md for which kind fills in what.
	Crash     *Crash     `json:"crash,omitempty"`
	Timeout   *Timeout   `json:"timeout,omitempty"`
	Assertion *Assertion `json:"assertion,omitempty"`
	Resource  *Resource  `json:"resource,omitempty"`
	Exit      *Exit      `json:"exit,omitempty"`
	Crasher   *Crasher   `json:"crasher,omitempty"`
	Coverage  *Coverage  `json:"coverage,omitempty"`
	// Goroutines are those of a dump, the longest blocked first: what holds a
	// timeout or deadlock, or what leaked.
	Goroutines List[Goroutines] `json:"goroutines"`
	// Diagnostics are the messages of a build, vet or lint, the first real error first.
	Diagnostics List[Diagnostic] `json:"diagnostics"`
	// Packages are further packages that failed for the same reason.
	Packages List[string] `json:"packages"`
	Cause    *Cause       `json:"cause,omitempty"`
	Blame    List[Blamed] `json:"blame"`
	Owners   List[Owner]  `json:"owners"`
	Fix      *Fix         `json:"fix,omitempty"`
	Repro    *Repro       `json:"repro,omitempty"`
	// Shuffle is the seed of the order in which the package's tests ran, where the
	// log shows one.
	Shuffle string      `json:"shuffle,omitempty"`
	Known   List[Match] `json:"known"`
	// Siblings are other instances of the same class in the repository.
	Siblings List[Sibling] `json:"siblings"`
}

// Status is the result of a test as the log shows it.
type Status string

// The statuses.
const (
	StatusFail    Status = "fail"
	StatusPass    Status = "pass"
	StatusSkip    Status = "skip"
	StatusUnknown Status = "unknown" // started, and the log shows no result
)

// Role is the part a test played in a failure.
type Role string

// The roles.
const (
	// RoleCause: the test itself failed, or a goroutine it owns made a racing access.
	RoleCause Role = "cause"
	// RoleCollateral: the test was only running when something else failed.
	RoleCollateral Role = "collateral"
	// RoleParent: the test failed because a subtest did.
	RoleParent Role = "parent"
	// RoleUnknown: the log and the source do not tell.
	RoleUnknown Role = "unknown"
)

// TestRef names a test and says what part it played.
type TestRef struct {
	// Name is the full name as go test prints it: "TestTools/SendTaskInput/NoID".
	Name    string `json:"name"`
	Package string `json:"package"`
	Status  Status `json:"status"`
	Role    Role   `json:"role"`
	// Why is the evidence for Role, in one sentence.
	Why string `json:"why"`
	// Runs and Failed count how often the test ran and failed, where it ran more
	// than once; both are 0 otherwise.
	Runs   int `json:"runs,omitempty"`
	Failed int `json:"failed,omitempty"`
}

// Excluded is a kind that a reader might suspect, and why it is not that.
type Excluded struct {
	Kind Kind   `json:"kind"`
	Why  string `json:"why"`
}

// Evidence is the part of the log that shows the failure.
type Evidence struct {
	// FirstLine and LastLine are 1-based line numbers of the raw log, inclusive.
	// 0 means that no line shows it.
	FirstLine int64 `json:"first_line"`
	LastLine  int64 `json:"last_line"`
	// FirstByte and EndByte are the half-open byte range of those lines in the raw log.
	FirstByte int64 `json:"first_byte"`
	EndByte   int64 `json:"end_byte"`
	// Text is the evidence cut out of interleaved output, without time stamps,
	// colours and other output in between, at most [MaxEvidence] bytes.
	Text string `json:"text"`
	// Repeats counts how often the same thing is shown; 1 means once.
	Repeats int `json:"repeats"`
	// Damaged says what is missing or broken in the evidence, "" when it is
	// whole. Damaged evidence is shown and never acted on.
	Damaged string `json:"damaged"`
}

// MaxEvidence bounds the bytes of [Evidence.Text]. Longer evidence is cut in
// the middle, and the text says so.
const MaxEvidence = 64 << 10
