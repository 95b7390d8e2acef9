// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package store says what is remembered between runs: cases, the tests and
// packages that ran, causes, and what was filed. It holds the interfaces and
// their types; store/sqlite and store/postgres are the databases, one code path
// (store/sqlstore) on both, and store/storetest is what each must pass.
//
// # What is counted
//
// A log has thousands of tests that passed for one that failed, and its reader
// keeps no names of passed tests in a package that passed. So the store has one
// row per job and package with counts ([PackageRun]), and one row per job and
// test only for tests that did not pass, or that passed and are part of a
// failure ([Outcome]). The rate of a test or a cause is therefore "jobs that
// showed it, of the jobs that ran its package": a package whose result came from
// the test cache, that was not built or has no tests did not run. A test that
// was left out by -run or that skipped itself counts as run, so a rate may be
// too low, and is never too high.
//
// # What is one cause
//
// Failures of one repository are of one cause when their fingerprints are equal.
// Where one of them has none, sharing a title or an alias is enough, in one package
// or, for data races, anywhere; two different fingerprints keep failures apart
// whatever their titles say.
package store

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/culprit-ci/culprit"
)

// ErrNotFound says that the store does not have what was asked for.
var ErrNotFound = errors.New("not in the store")

// Store is a whole database. It is safe for concurrent use, also by several
// processes. What a method has returned from is durable.
type Store interface {
	Cases
	Reader
	Causes
	Filings
	io.Closer
}

// Record is a case and what else its log showed.
type Record struct {
	Case *culprit.Case
	// Seen is when the job ran. Zero stands for the job's start, or, where the
	// case does not tell, the time of the first save.
	Seen time.Time
	// Source is where the log came from, for a person.
	Source string
	// Runs has what the log shows per package, see [Runs].
	Runs []PackageRun
	// Complete says that no stage is left: the log need not be read again.
	Complete bool
}

// Result is how a package's tests ended in one job.
type Result string

// The results.
const (
	Pass    Result = "pass"
	Fail    Result = "fail"
	Unknown Result = "unknown" // the log does not show the end
)

// PackageRun is what one job shows of one package whose tests ran.
type PackageRun struct {
	Package string
	Result  Result
	// Passed, Failed, Skipped and Unfinished count the package's tests.
	Passed, Failed, Skipped, Unfinished int64
	// Elapsed is how long the package's tests took, 0 when the log does not tell.
	Elapsed time.Duration
	// Tests are those that failed or did not finish.
	Tests []Outcome
}

// Outcome is what one job shows of one test.
type Outcome struct {
	Test   string
	Status culprit.Status
	// Runs counts its runs, of which Failed failed and Passed passed; the others
	// were skipped or did not end. They differ from 1 and 0 under -count and in
	// re-runs. A test that did both failed and passed at one commit.
	Runs, Failed, Passed int
	// Elapsed is how long the last run took, 0 when the log does not tell.
	Elapsed time.Duration
}

// Cases keeps what is known of jobs.
type Cases interface {
	// Save adds a case, or replaces what an earlier save of the same ID left.
	// It happens as a whole or not at all.
	Save(ctx context.Context, r *Record) error
	// Load gives a case by its ID, or [ErrNotFound].
	Load(ctx context.Context, id string) (*culprit.Case, error)
	// HasLog gives the ID of a complete case of a log by the log's digest, or
	// [ErrNotFound].
	HasLog(ctx context.Context, sha256 string) (string, error)
}

// Reader answers the questions of people.
type Reader interface {
	// History tells what happened to a test, a package or a cause.
	History(ctx context.Context, q HistoryQuery) (*History, error)
	// Flakes ranks causes by what they cost.
	Flakes(ctx context.Context, q FlakeQuery) (*Flakes, error)
}

// Causes keeps what is known of causes across jobs.
type Causes interface {
	// Match gives the causes that a failure may be another occurrence of, those
	// with its fingerprint first, then those that share a title or an alias. A
	// cause with another fingerprint is among them; it is not the same one.
	// Exclude is the ID of the failure's own case, whose rows do not count.
	Match(ctx context.Context, repository string, f *culprit.Failure, exclude string) ([]Cause, error)
	// Recent gives causes last seen at or after since, newest first.
	Recent(ctx context.Context, repository string, since time.Time, limit int) ([]Cause, error)
	// SetClosed says that a cause is fixed; a zero closing reopens it.
	SetClosed(ctx context.Context, key string, c Closed) error
	// Silent gives the open causes last seen before a time, with what
	// [closing.Propose] needs to know of them.
	Silent(ctx context.Context, repository string, before time.Time) ([]Silence, error)
}

// Filings keeps what was, or is about to be, written elsewhere.
type Filings interface {
	// Begin records an intention before it is acted on. When the key is known it
	// changes nothing and returns what is there, with false.
	Begin(ctx context.Context, f Filing) (Filing, bool, error)
	// Finish records what became of an intention: State, Target, URL, Detail and
	// Updated are taken from f, or [ErrNotFound].
	Finish(ctx context.Context, f Filing) error
	// Filing gives the filing with a key, or [ErrNotFound].
	Filing(ctx context.Context, key string) (Filing, error)
	// FilingsSince gives those created at or after a time, oldest first. It is
	// what limits per day are counted from.
	FilingsSince(ctx context.Context, repository string, since time.Time) ([]Filing, error)
}
