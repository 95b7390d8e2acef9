// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
)

// The sums that flakes reads are kept by difference: what a case adds to them is
// looked at before and after it is written, and only the change is applied. So a
// case may be saved again and again.

// causeDay is a row of cause_days.
type causeDay struct{ cause, day int64 }

// share is what one case has in the sums.
type share struct {
	failures []failureKey
	packages map[int64]int64 // package to day
}

// failureKey is what the sums need of a failure.
type failureKey struct {
	causeDay
	line, runKey string
	proven       bool
}

// present gives the share of a case as it is in the tables.
func present(ctx context.Context, tx *sql.Tx, seq int64) (share, error) {
	had := share{packages: map[int64]int64{}}
	if seq == 0 {
		return had, nil
	}
	var err error
	had.failures, err = collect(ctx, tx, func(rows *sql.Rows) (k failureKey, err error) {
		return k, rows.Scan(&k.cause, &k.day, &k.line, &k.runKey, &k.proven)
	}, "SELECT cause, day, line, run_key, proven = 1 FROM failures WHERE case_seq = $1", seq)
	if err != nil {
		return had, err
	}
	_, err = collect(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
		var pkg, day int64
		err := rows.Scan(&pkg, &day)
		had.packages[pkg] = day
		return struct{}{}, err
	}, "SELECT package, day FROM package_runs WHERE case_seq = $1", seq)
	return had, err
}

// forget removes what an earlier save left beside the row of the case.
func forget(ctx context.Context, tx *sql.Tx, seq int64) error {
	if seq == 0 {
		return nil
	}
	for _, t := range []string{"failures", "outcomes", "package_runs"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+t+" WHERE case_seq = $1", seq); err != nil {
			return err
		}
	}
	return nil
}

// count brings the sums from before to what the tables hold now.
func (c *saved) count(ctx context.Context, tx *sql.Tx, before share, flipped []causeDay) error {
	after, err := present(ctx, tx, c.seq)
	if err != nil {
		return err
	}
	if err := c.countPackages(ctx, tx, before, after); err != nil {
		return err
	}
	if err := settle(ctx, tx, before, after); err != nil {
		return err
	}
	lines := map[causeLine]bool{}
	days := map[causeDay]*[2]int64{} // runs, jobs
	for sign, s := range map[int64]share{-1: before, +1: after} {
		runs := map[failureKey]bool{} // one case may show a cause twice
		for _, f := range s.failures {
			lines[causeLine{f.cause, f.line}] = true
			f.line, f.proven = "", false
			if runs[f] {
				continue
			}
			runs[f] = true
			if days[f.causeDay] == nil {
				days[f.causeDay] = &[2]int64{}
			}
			shared, err := c.sharesRun(ctx, tx, f)
			if err != nil {
				return err
			}
			if !shared {
				days[f.causeDay][0] += sign
			}
			days[f.causeDay][1] += sign
		}
	}
	if err := applyCauses(ctx, tx, days, lines); err != nil {
		return err
	}
	proven, err := countProven(ctx, tx, before, after, flipped)
	if err != nil {
		return err
	}
	for d := range days {
		proven[d] = true
	}
	return sumBlocks(ctx, tx, proven)
}

// blockBits is how many days a row of cause_blocks is of, as a power of two. The
// migrations and storetest have it as a number.
const blockBits = 4

// sumBlocks brings the rows of cause_blocks to what cause_days holds, where days
// of them have changed.
func sumBlocks(ctx context.Context, tx *sql.Tx, days map[causeDay]bool) error {
	blocks := map[causeDay]bool{}
	for d := range days {
		blocks[causeDay{d.cause, d.day >> blockBits}] = true
	}
	for b := range blocks {
		if _, err := tx.ExecContext(ctx, "DELETE FROM cause_blocks WHERE cause = $1 AND block = $2", b.cause, b.day); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO cause_blocks (cause, block, runs, jobs, days, proven)
			SELECT cause, day >> 4, SUM(runs), SUM(jobs), COUNT(*), SUM(proven) FROM cause_days
			WHERE cause = $1 AND day BETWEEN $2 AND $3 GROUP BY cause, day >> 4`, b.cause, b.day<<blockBits, b.day<<blockBits+1<<blockBits-1)
		if err != nil {
			return err
		}
	}
	return nil
}

// sharesRun tells whether another case shows the cause in the same CI run on the
// same day. What other cases show does not change while this one is written.
func (c *saved) sharesRun(ctx context.Context, tx *sql.Tx, f failureKey) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM (SELECT 1 FROM failures
			WHERE cause = $1 AND day = $2 AND run_key = $3 AND case_seq <> $4 LIMIT 1) AS other`,
		f.cause, f.day, f.runKey, c.seq).Scan(&n)
	return n > 0, err
}

func applyCauses(ctx context.Context, tx *sql.Tx, days map[causeDay]*[2]int64, lines map[causeLine]bool) error {
	var rows [][]any
	for _, d := range slices.SortedFunc(maps.Keys(days), func(a, b causeDay) int { return cmp.Or(cmp.Compare(a.cause, b.cause), cmp.Compare(a.day, b.day)) }) {
		if n := days[d]; *n != [2]int64{} {
			rows = append(rows, []any{d.day, d.cause, n[0], n[1], 0})
		}
	}
	err := bulk(ctx, tx, `INSERT INTO cause_days (day, cause, runs, jobs, proven) VALUES
		ON CONFLICT (day, cause) DO UPDATE SET runs = cause_days.runs + excluded.runs, jobs = cause_days.jobs + excluded.jobs`, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := tx.ExecContext(ctx, "DELETE FROM cause_days WHERE day = $1 AND cause = $2 AND jobs = 0", row[0], row[1]); err != nil {
			return err
		}
	}
	for l := range lines {
		if err := l.settle(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (c *saved) countPackages(ctx context.Context, tx *sql.Tx, before, after share) error {
	type packageDay struct{ pkg, day int64 }
	sums := map[packageDay]int64{}
	for pkg, day := range before.packages {
		sums[packageDay{pkg, day}]--
	}
	for pkg, day := range after.packages {
		sums[packageDay{pkg, day}]++
	}
	var rows [][]any
	for p, n := range sums {
		if n != 0 {
			rows = append(rows, []any{p.pkg, p.day, n})
		}
	}
	return bulk(ctx, tx, `INSERT INTO package_days (package, day, jobs) VALUES
		ON CONFLICT (package, day) DO UPDATE SET jobs = package_days.jobs + excluded.jobs`, rows)
}

// settle gives the causes that the case shows, or showed before it was saved
// again, their first and last time. A cause that no case shows any more goes,
// unless something was filed or concluded about it: a stage may have found that
// a failure is of another cause.
func settle(ctx context.Context, tx *sql.Tx, before, after share) error {
	done := map[int64]bool{}
	for _, f := range append(slices.Clone(before.failures), after.failures...) {
		cause := f.cause
		if done[cause] {
			continue
		}
		done[cause] = true
		for _, statement := range []string{
			`UPDATE causes SET
				first_seen = (SELECT MIN(seen_at) FROM failures WHERE cause = $1),
				last_seen = (SELECT MAX(seen_at) FROM failures WHERE cause = $1)
			WHERE seq = $1 AND EXISTS (SELECT 1 FROM failures WHERE cause = $1)`,
			`DELETE FROM causes WHERE seq = $1 AND closed_at = 0
				AND NOT EXISTS (SELECT 1 FROM failures WHERE cause = $1)
				AND NOT EXISTS (SELECT 1 FROM filings WHERE filings.cause = causes.key)`,
			`DELETE FROM cause_names WHERE cause = $1 AND NOT EXISTS (SELECT 1 FROM causes WHERE seq = $1)`,
		} {
			if _, err := tx.ExecContext(ctx, statement, cause); err != nil {
				return err
			}
		}
	}
	return nil
}
