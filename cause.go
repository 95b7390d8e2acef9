// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Pos is a position in a file.
type Pos struct {
	// File is relative to the repository root, with "/"; a position outside the
	// repository keeps the path as printed.
	File string `json:"file"`
	Line int    `json:"line"`
	// Column counts bytes from 1; 0 means that only the line is known.
	Column int `json:"column,omitempty"`
}

// Cause is the racing variable, and why nothing orders the two accesses.
type Cause struct {
	Pattern Pattern `json:"pattern"`
	// Subject is the variable as the source names it: "err", "s.conns".
	Subject string `json:"subject"`
	// Kind says what the subject is.
	Kind SubjectKind `json:"kind"`
	// Type is the subject's type, qualified by package name; "" when not known.
	Type     string `json:"type"`
	Declared Pos    `json:"declared"`
	// DeclaredIn is the function that declares the subject, as a symbol; "" for
	// package variables and fields.
	DeclaredIn string `json:"declared_in,omitempty"`
	// Sites are the two racing statements of the report, ordered by position.
	// A race of one statement with itself has one site twice.
	Sites List[Site] `json:"sites"`
	// OtherSites are statements that further reports of the same cause show.
	OtherSites List[Site] `json:"other_sites"`
	// Because says in one sentence why nothing orders the sites.
	Because  string         `json:"because"`
	RuledOut List[RuledOut] `json:"ruled_out"`
	Grade    Grade          `json:"grade"`
	// GradeWhy says what the grade rests on, and what would raise it.
	GradeWhy string `json:"grade_why,omitempty"`
	// Alternatives are further variables that both statements access, where the
	// report does not tell which of them raced.
	Alternatives List[Alternative] `json:"alternatives"`
	// Also are further variables that raced, as other reports of the run show,
	// for the same reason: nothing waits for a goroutine that writes them all.
	Also List[Alternative] `json:"also"`
	// Where says whether the bug is in the product or in its tests, and WhereWhy
	// why; "" when that could not be told.
	Where    Where  `json:"where,omitempty"`
	WhereWhy string `json:"where_why,omitempty"`
}

// Where says in which code a bug is.
type Where string

// The places of a bug.
const (
	// WhereTest: in test code; no user of the product meets it.
	WhereTest Where = "test"
	// WhereProduct: in the product's own code.
	WhereProduct Where = "product"
)

// SubjectKind says what kind of variable raced.
type SubjectKind string

// The kinds of subject.
const (
	SubjectLocal     SubjectKind = "local"
	SubjectParameter SubjectKind = "parameter"
	SubjectResult    SubjectKind = "result"
	SubjectPackage   SubjectKind = "package"
	SubjectField     SubjectKind = "field"
	SubjectElement   SubjectKind = "element"
	SubjectMap       SubjectKind = "map"
	SubjectObject    SubjectKind = "object"
)

// Site is a statement that accesses the subject.
type Site struct {
	Pos
	Op Op `json:"op"`
	// Statement is the source of the statement, on one line and shortened.
	Statement string `json:"statement"`
	// Func is the function that holds the statement, as a symbol.
	Func string `json:"func,omitempty"`
}

// RuledOut is something a reader would wrongly suspect.
type RuledOut struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Grade says how firmly a cause is known.
type Grade string

// The grades, from weak to firm.
const (
	// GradeGuessed: from syntax or incomplete types, or one of several candidates.
	GradeGuessed Grade = "guessed"
	// GradeLocated: the type checker resolves both statements to one variable.
	GradeLocated Grade = "located"
	// GradeMeasured: located, and shown by running: the failure comes with the
	// cause and goes with it.
	GradeMeasured Grade = "measured"
)

// Pattern names the class of a data race. The names follow "A Study of
// Real-World Data Races in Golang" (Chabbi and Ramanathan, PLDI 2022).
type Pattern string

// The patterns.
const (
	PatternCapturedOuterVariable Pattern = "captured-outer-variable"
	PatternLoopVariable          Pattern = "loop-variable"
	PatternNamedResult           Pattern = "named-result"
	PatternSlice                 Pattern = "slice"
	PatternMap                   Pattern = "map"
	PatternCopiedLock            Pattern = "copied-lock"
	PatternMessageAndMemory      Pattern = "message-and-memory"
	PatternWaitGroup             Pattern = "waitgroup"
	PatternSharedFixture         Pattern = "shared-fixture"
	PatternMissingLock           Pattern = "missing-lock"
	PatternPartialLock           Pattern = "partial-lock"
	PatternWriteUnderRLock       Pattern = "write-under-rlock"
	PatternPlainAndAtomic        Pattern = "plain-and-atomic"
	PatternLazyInit              Pattern = "lazy-init"
	PatternGlobalState           Pattern = "global-state"
	PatternUseAfterEnd           Pattern = "use-after-end"
	PatternLibraryObject         Pattern = "library-object"
	PatternUnknown               Pattern = "unknown"
)

// Patterns lists all patterns, in the order of the constants.
func Patterns() []Pattern {
	return []Pattern{
		PatternCapturedOuterVariable, PatternLoopVariable, PatternNamedResult, PatternSlice, PatternMap, PatternCopiedLock,
		PatternMessageAndMemory, PatternWaitGroup, PatternSharedFixture, PatternMissingLock, PatternPartialLock,
		PatternWriteUnderRLock, PatternPlainAndAtomic, PatternLazyInit, PatternGlobalState, PatternUseAfterEnd,
		PatternLibraryObject, PatternUnknown,
	}
}

// Sibling is another instance of the failure's class, found in the source.
type Sibling struct {
	Pos
	Subject string  `json:"subject"`
	Pattern Pattern `json:"pattern"`
	Message string  `json:"message"`
}

// Alternative is another variable that a report could be about.
type Alternative struct {
	Subject  string `json:"subject"`
	Declared Pos    `json:"declared"`
	Why      string `json:"why"`
}
