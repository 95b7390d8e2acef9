// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
)

// twins selects the cases of the same job at the same commit: another attempt, or
// another run. Another job of the matrix is none, it runs elsewhere or without
// the race detector; nor is a job without a name.
const twins = `SELECT seq FROM cases WHERE commit_sha = $1 AND repository = $2 AND workflow = $3 AND job_name = $4 AND seq <> $5`

// prove marks the failures of a case where its twins passed, and those of its
// twins where it passed: a failure that comes and goes at one commit is not of
// that commit. It returns the rows of cause_days that this changes for others.
//
// A mark stays when its twin is saved again with another result. A log does not
// change, so that takes a new version of the program that reads it differently.
func (c *saved) prove(ctx context.Context, tx *sql.Tx) ([]causeDay, error) {
	job := c.Case.Job
	if job.Commit == "" || job.Name == "" {
		return nil, nil
	}
	ident := func(s string) string { return clean(s, maxIdent) }
	key := []any{ident(job.Commit), c.repository, ident(job.Workflow), ident(job.Name), c.seq}
	_, err := tx.ExecContext(ctx, `
		UPDATE failures SET proven = 1 WHERE case_seq = $5 AND proven = 0 AND EXISTS (
			SELECT 1 FROM package_runs p WHERE p.case_seq IN (`+twins+`) AND p.package = failures.package AND p.result = 'pass'
				AND NOT EXISTS (SELECT 1 FROM failures g WHERE g.case_seq = p.case_seq AND g.cause = failures.cause))`, key...)
	if err != nil {
		return nil, err
	}
	return collect(ctx, tx, func(rows *sql.Rows) (d causeDay, err error) {
		return d, rows.Scan(&d.cause, &d.day)
	}, `UPDATE failures SET proven = 1 WHERE proven = 0 AND case_seq IN (`+twins+`)
			AND EXISTS (SELECT 1 FROM package_runs p WHERE p.case_seq = $5 AND p.package = failures.package AND p.result = 'pass')
			AND NOT EXISTS (SELECT 1 FROM failures g WHERE g.case_seq = $5 AND g.cause = failures.cause)
		RETURNING cause, day`, key...)
}

// countProven counts the marks of the rows of cause_days where they may have
// changed, and returns which these are.
func countProven(ctx context.Context, tx *sql.Tx, before, after share, flipped []causeDay) (map[causeDay]bool, error) {
	days := map[causeDay]bool{}
	for _, d := range flipped {
		days[d] = true
	}
	for _, s := range []share{before, after} {
		for _, f := range s.failures {
			if f.proven {
				days[f.causeDay] = true
			}
		}
	}
	for d := range days {
		_, err := tx.ExecContext(ctx, `
			UPDATE cause_days SET proven = (SELECT COUNT(DISTINCT case_seq) FROM failures WHERE cause = $1 AND day = $2 AND proven = 1)
			WHERE cause = $1 AND day = $2`, d.cause, d.day)
		if err != nil {
			return nil, err
		}
	}
	return days, nil
}
