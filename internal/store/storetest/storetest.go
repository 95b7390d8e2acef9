// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package storetest is what every database of package store must pass. It works
// on real databases only, and besides the answers it checks the tables: the sums
// that are kept must be those of the rows.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/sqlstore"
)

// Database is how the suite reaches the one under test.
type Database struct {
	// Fresh gives the address of an empty database.
	Fresh func(t testing.TB) string
	// Open opens a store, making its tables where they are missing.
	Open func(ctx context.Context, address string) (store.Store, error)
	// SQL opens the database below a store.
	SQL func(address string) (*sql.DB, error)
	// Engine has the migrations.
	Engine func() (sqlstore.Engine, error)
}

// Run runs the whole suite. The TestMain of the package has to call [Child].
func Run(t *testing.T, d Database) {
	for _, tc := range []struct {
		name string
		test func(*testing.T, Database)
	}{
		{"Cases", testCases},
		{"SaveAgain", testSaveAgain},
		{"SaveIsWhole", testSaveIsWhole},
		{"Causes", testCauses},
		{"CauseOfAnotherCase", testMovedCause},
		{"Closed", testClosed},
		{"Silent", testSilent},
		{"History", testHistory},
		{"Flakes", testFlakes},
		{"FlakesProof", testFlakesProof},
		{"FlakesLines", testFlakesLines},
		{"FlakesLimit", testFlakesLimit},
		{"Filings", testFilings},
		{"Hostile", testHostile},
		{"Times", testTimes},
		{"Writers", testWriters},
		{"OpenAtOnce", testOpenAtOnce},
		{"Migrations", testMigrations},
		{"Newer", testNewer},
		{"Crash", testCrash},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.test(t, d)
		})
	}
}

// opened is a store with the database below it.
type opened struct {
	store.Store
	address string
	d       Database
}

// open opens a store on a fresh database; its sums are checked at the end.
func open(t testing.TB, d Database) *opened {
	t.Helper()
	o := &opened{address: d.Fresh(t), d: d}
	o.reopen(t)
	t.Cleanup(func() { o.Store.Close() })
	t.Cleanup(func() { o.verify(t) })
	return o
}

func (o *opened) reopen(t testing.TB) {
	t.Helper()
	if o.Store != nil {
		if err := o.Store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := o.d.Open(context.Background(), o.address)
	if err != nil {
		t.Fatal(err)
	}
	o.Store = s
}

// verify checks that the sums are those of the rows.
func (o *opened) verify(t testing.TB) {
	t.Helper()
	db, err := o.d.SQL(o.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	Verify(t, db)
}

// sums pairs what is kept with what it is the sum of.
var sums = map[string][2]string{
	"cause_days": {
		"SELECT day, cause, runs, jobs, proven FROM cause_days",
		"SELECT day, cause, COUNT(DISTINCT run_key), COUNT(DISTINCT case_seq), COUNT(DISTINCT CASE WHEN proven = 1 THEN case_seq END) FROM failures GROUP BY day, cause",
	},
	"cause_blocks": {
		"SELECT cause, block, runs, jobs, days, proven FROM cause_blocks",
		"SELECT cause, day >> 4, CAST(SUM(runs) AS BIGINT), CAST(SUM(jobs) AS BIGINT), COUNT(*), CAST(SUM(proven) AS BIGINT) FROM cause_days GROUP BY cause, day >> 4",
	},
	"cause_lines": {
		"SELECT cause, line, head, last_seen FROM cause_lines",
		"SELECT cause, line, MAX(head), MAX(seen_at) FROM failures GROUP BY cause, line",
	},
	"package_days": {
		"SELECT package, day, jobs FROM package_days WHERE jobs <> 0",
		"SELECT package, day, COUNT(*) FROM package_runs GROUP BY package, day",
	},
	"lines of work": {
		"SELECT cause, line, own FROM cause_lines", "SELECT l.cause, l.line, " + sqlstore.OwnLine + " FROM cause_lines l",
	},
	"failures without a case": {"SELECT case_seq FROM failures", "SELECT case_seq FROM failures WHERE case_seq IN (SELECT seq FROM cases)"},
	"outcomes without a case": {"SELECT case_seq FROM outcomes", "SELECT case_seq FROM outcomes WHERE case_seq IN (SELECT seq FROM cases)"},
	"outcomes without a test": {"SELECT test FROM outcomes", "SELECT test FROM outcomes WHERE test IN (SELECT id FROM tests)"},
	"causes of failures": {
		"SELECT seq FROM causes WHERE closed_at = 0 AND key NOT IN (SELECT cause FROM filings)",
		"SELECT DISTINCT cause FROM failures WHERE cause IN (SELECT seq FROM causes WHERE closed_at = 0 AND key NOT IN (SELECT cause FROM filings))",
	},
	"last seen": {
		"SELECT seq, first_seen, last_seen FROM causes WHERE seq IN (SELECT cause FROM failures)",
		"SELECT cause, MIN(seen_at), MAX(seen_at) FROM failures GROUP BY cause",
	},
}

// Verify checks in the tables of a store that the sums are those of the rows.
func Verify(t testing.TB, db *sql.DB) {
	t.Helper()
	for name, pair := range sums {
		for i, direction := range []string{"kept and wrong", "missing or wrong"} {
			var n int
			query := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT * FROM (%s) AS a EXCEPT SELECT * FROM (%s) AS b) AS c", pair[i], pair[1-i])
			if err := db.QueryRow(query).Scan(&n); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if n > 0 {
				t.Errorf("%s: %d rows are %s", name, n, direction)
			}
		}
	}
}

// day gives noon of a day of the year in which the stories play.
func day(n int) time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, n)
}

// job makes a record of one job, whose log showed the packages a and b to pass.
func job(id string, seen time.Time, change ...func(*store.Record)) *store.Record {
	r := &store.Record{
		Case: &culprit.Case{
			Schema: culprit.Schema, ID: id, Verdict: culprit.Passed,
			Job: culprit.Job{Provider: "github", Repository: "example/tasks", RunID: "run " + id, JobID: id, Attempt: 1, Name: "race", Workflow: "ci"},
			Log: culprit.LogRef{Format: "test2json", Wrapper: "none", Lines: 10, Bytes: 100, SHA256: "sha of " + id},
		},
		Seen: seen, Complete: true,
		Runs: []store.PackageRun{
			{Package: "example.com/tasks/a", Result: store.Pass, Passed: 7},
			{Package: "example.com/tasks/b", Result: store.Pass, Passed: 5, Skipped: 1},
		},
	}
	for _, c := range change {
		c(r)
	}
	return r
}

// failing adds a failure of package a.
func failing(fingerprint, title string, tests ...string) func(*store.Record) {
	return func(r *store.Record) {
		r.Case.Verdict = culprit.Failed
		f := &culprit.Failure{
			ID: fmt.Sprintf("f%d", len(r.Case.Failures)+1), Kind: culprit.KindDataRace, Package: "example.com/tasks/a",
			Title: title, Fingerprint: fingerprint,
			Owners:   culprit.List[culprit.Owner]{{Who: "priya"}},
			Evidence: culprit.Evidence{Text: "WARNING: DATA RACE of " + title},
		}
		a := &r.Runs[0]
		a.Result = store.Fail
		for _, name := range tests {
			f.Tests = append(f.Tests, culprit.TestRef{Name: name, Package: f.Package, Status: culprit.StatusFail, Role: culprit.RoleCause})
			a.Tests = append(a.Tests, store.Outcome{Test: name, Status: culprit.StatusFail, Runs: 1, Failed: 1, Elapsed: 1500 * time.Millisecond})
			a.Failed++
		}
		r.Case.Failures = append(r.Case.Failures, f)
	}
}

func alias(names ...string) func(*store.Record) {
	return func(r *store.Record) { r.Case.Failures[len(r.Case.Failures)-1].Aliases = names }
}

func at(commit, branch string, pr int) func(*store.Record) {
	return func(r *store.Record) {
		r.Case.Job.Commit, r.Case.Job.Branch, r.Case.Job.PullRequest = commit, branch, pr
	}
}

func inRun(run string, attempt int) func(*store.Record) {
	return func(r *store.Record) { r.Case.Job.RunID, r.Case.Job.Attempt = run, attempt }
}

func named(name string) func(*store.Record) {
	return func(r *store.Record) { r.Case.Job.Name = name }
}

func of(repository string) func(*store.Record) {
	return func(r *store.Record) { r.Case.Job.Repository = repository }
}

func save(t testing.TB, s store.Cases, records ...*store.Record) {
	t.Helper()
	for _, r := range records {
		if err := s.Save(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
}
