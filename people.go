// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Blamed is the commit that last changed a line of the cause.
type Blamed struct {
	// Role says what the line is: "access" or "declaration".
	Role string `json:"role"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Commit is the full hash.
	Commit string `json:"commit"`
	// Author and Email are mapped by .mailmap where the repository has one.
	Author string `json:"author"`
	Email  string `json:"email"`
	// Date is the author date, RFC 3339.
	Date    string `json:"date"`
	Subject string `json:"subject"`
	// PullRequest is the number found in the subject or the merge commit; 0 when none was.
	PullRequest int `json:"pull_request,omitempty"`
	// FlakeFix is the reason why the commit looks like the fix of an earlier
	// flaky test, "" when it does not.
	FlakeFix string `json:"flake_fix,omitempty"`
}

// The roles of a blamed line.
const (
	BlameAccess      = "access"
	BlameDeclaration = "declaration"
)

// Owner is somebody who may know the code, best first. Nobody is ever assigned
// silently: each owner carries the reasons.
type Owner struct {
	// Who is "Name <email>" for a person known from commits, "@handle" or
	// "@org/team" for one known from CODEOWNERS.
	Who     string       `json:"who"`
	Reasons List[string] `json:"reasons"`
}

// Match is a known issue that may be the same bug.
type Match struct {
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	Title    string   `json:"title"`
	Relation Relation `json:"relation"`
	Why      string   `json:"why"`
	// Score is between 0 and 1.
	Score float64 `json:"score"`
}

// Relation says how a known issue relates to a failure.
type Relation string

// The relations.
const (
	RelationDuplicate         Relation = "duplicate"
	RelationRegression        Relation = "regression"
	RelationSameSubject       Relation = "same-subject"
	RelationSameArea          Relation = "same-area"
	RelationIntroducedByFixOf Relation = "introduced-by-fix-of"
	// RelationBeforeFix: the same bug, fixed by a commit that the failing commit
	// does not have. It is no reason to open the issue again.
	RelationBeforeFix Relation = "before-fix"
)
