// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/culprit-ci/culprit"
)

// insertRuns writes the packages that ran and the tests that did not pass.
func (c *saved) insertRuns(ctx context.Context, tx *sql.Tx) error {
	var packages, runs [][]any
	seen := map[int64]bool{}
	for _, r := range c.Runs {
		path := clean(r.Package, maxName)
		pkg := packageID(c.repository, path)
		if seen[pkg] {
			continue // store.Runs joins those of one package
		}
		seen[pkg] = true
		packages = append(packages, []any{pkg, c.repository, path})
		runs = append(runs, []any{c.seq, pkg, clean(string(r.Result), maxIdent), r.Passed, r.Failed, r.Skipped, r.Unfinished, r.Elapsed.Microseconds(), c.day})
	}
	if err := bulk(ctx, tx, "INSERT INTO packages (id, repository, path) VALUES ON CONFLICT (id) DO NOTHING", packages); err != nil {
		return err
	}
	err := bulk(ctx, tx, "INSERT INTO package_runs (case_seq, package, result, passed, failed, skipped, unfinished, elapsed, day) VALUES", runs)
	if err != nil {
		return err
	}
	return c.insertOutcomes(ctx, tx)
}

// outcome is a row of outcomes before it is written.
type outcome struct {
	path, test string
	status     culprit.Status
	role       culprit.Role
	failure    string
	elapsed    int64

	runs, failed, passed int
}

// insertOutcomes joins what the log says of a test with the part that the case
// says it played.
func (c *saved) insertOutcomes(ctx context.Context, tx *sql.Tx) error {
	var order []int64
	outcomes := map[int64]*outcome{}
	c.outcomes = outcomes
	at := func(path, test string) *outcome {
		path, test = clean(path, maxName), clean(test, maxName)
		id := testID(c.repository, path, test)
		if outcomes[id] == nil {
			order = append(order, id)
			outcomes[id] = &outcome{path: path, test: test}
		}
		return outcomes[id]
	}
	for _, r := range c.Runs {
		for _, t := range r.Tests {
			o := at(r.Package, t.Test)
			o.status, o.runs, o.failed, o.passed, o.elapsed = t.Status, t.Runs, t.Failed, t.Passed, t.Elapsed.Microseconds()
		}
	}
	for _, f := range c.Case.Failures {
		if f == nil {
			continue
		}
		for _, t := range f.Tests {
			o := at(t.Package, t.Name)
			if o.status == "" {
				o.status, o.runs = t.Status, 1
				switch t.Status {
				case culprit.StatusFail:
					o.failed = 1
				case culprit.StatusPass:
					o.passed = 1
				}
			}
			// A test may be part of several failures. The one it caused tells most.
			if o.failure == "" || o.role != culprit.RoleCause && t.Role == culprit.RoleCause {
				o.failure, o.role = clean(f.ID, maxIdent), t.Role
			}
		}
	}
	var packages, tests, rows [][]any
	for _, id := range order {
		o := outcomes[id]
		pkg := packageID(c.repository, o.path)
		packages = append(packages, []any{pkg, c.repository, o.path})
		tests = append(tests, []any{id, pkg, o.test})
		rows = append(rows, []any{c.seq, id, clean(string(o.status), maxIdent), clean(string(o.role), maxIdent), o.failure, o.runs, o.failed, o.passed, o.elapsed, c.seen})
	}
	if err := bulk(ctx, tx, "INSERT INTO packages (id, repository, path) VALUES ON CONFLICT (id) DO NOTHING", packages); err != nil {
		return err
	}
	if err := bulk(ctx, tx, "INSERT INTO tests (id, package, name) VALUES ON CONFLICT (id) DO NOTHING", tests); err != nil {
		return err
	}
	return bulk(ctx, tx, "INSERT INTO outcomes (case_seq, test, status, role, failure, runs, failed, passed, elapsed, seen_at) VALUES", rows)
}

// insertFailures writes the failures and finds, or makes, the cause of each.
func (c *saved) insertFailures(ctx context.Context, tx *sql.Tx) error {
	ids := map[string]bool{}
	var rows [][]any
	for i, f := range c.Case.Failures {
		if f == nil {
			continue
		}
		failure := clean(f.ID, maxIdent)
		if failure == "" || ids[failure] {
			failure = "#" + strconv.Itoa(i) // a damaged case is kept, too
		}
		ids[failure] = true
		path := clean(f.Package, maxName)
		pkg := packageID(c.repository, path)
		err := bulk(ctx, tx, "INSERT INTO packages (id, repository, path) VALUES ON CONFLICT (id) DO NOTHING", [][]any{{pkg, c.repository, path}})
		if err != nil {
			return err
		}
		cause, err := c.cause(ctx, tx, f, pkg)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			c.seq, failure, cause, clean(string(f.Kind), maxIdent), pkg, clean(f.Title, maxName), c.day, c.line, c.head, c.runKey, c.seen, c.rerun(f),
		})
	}
	return bulk(ctx, tx, "INSERT INTO failures (case_seq, failure, cause, kind, package, title, day, line, head, run_key, seen_at, proven) VALUES", rows)
}

// rerun is 1 when a test of a failure both failed and passed in the job.
func (c *saved) rerun(f *culprit.Failure) int {
	for _, t := range f.Tests {
		if o := c.outcomes[testID(c.repository, clean(t.Package, maxName), clean(t.Name, maxName))]; o != nil && o.failed > 0 && o.passed > 0 {
			return 1
		}
	}
	return 0
}
