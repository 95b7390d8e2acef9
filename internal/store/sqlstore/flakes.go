// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit/internal/store"
)

// The bounds of what is looked at for one cause. A cause that occurs more often
// than that has shown what it is in its last occurrences.
const (
	lookBack    = 200
	maxTests    = 10
	defaultRows = 20
)

// ranked is a flake with its number in the tables.
type ranked struct {
	store.Flake
	seq, pkg int64
	unknown  bool // seen where neither branch nor pull request is known
	rerun    int  // jobs in which a test of it both failed and passed
}

// Flakes implements [store.Reader]. It walks down the causes by runs hit, a few
// at a time, until enough of them are flaky: only the sums per day are read for
// all causes, everything else for those that may be shown.
func (s *DB) Flakes(ctx context.Context, q store.FlakeQuery) (*store.Flakes, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultRows
	}
	answer := &store.Flakes{}
	first := firstDay(q.Since)
	if !q.Since.IsZero() {
		answer.Since = fromMicros(first * microsPerDay)
	}
	chunk := 2*limit + 10
	for offset := 0; ; offset += chunk {
		rows, err := s.rank(ctx, q.Repository, first, chunk, offset)
		if err == nil {
			err = s.describe(ctx, rows, first)
		}
		if err != nil {
			return nil, s.failed("ranking flakes", err)
		}
		// Runs were ranked by the database; the rest of the order is ours.
		slices.SortStableFunc(rows, byCost)
		for _, r := range rows {
			switch {
			case r.Why == "" && !q.All:
				answer.Left++
			case len(answer.List) == limit:
				answer.More = true
			default:
				answer.List = append(answer.List, r.Flake)
			}
		}
		if len(rows) < chunk || len(answer.List) == limit {
			answer.More = answer.More || len(rows) == chunk
			break
		}
	}
	for i := range answer.List {
		if err := s.tests(ctx, &answer.List[i]); err != nil {
			return nil, s.failed("ranking flakes", err)
		}
	}
	return answer, nil
}

// firstDay is the day of a time, and one before all others for the zero time.
func firstDay(since time.Time) int64 {
	if since.IsZero() {
		return -1 << 20
	}
	return dayOf(micros(since))
}

func byCost(a, b *ranked) int {
	return cmp.Or(
		cmp.Compare(b.Runs, a.Runs), cmp.Compare(b.PullRequests, a.PullRequests),
		cmp.Compare(b.Days, a.Days), b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.seq, b.seq))
}

// rank gives one chunk of the causes by runs hit.
func (s *DB) rank(ctx context.Context, repository string, first int64, limit, offset int) ([]*ranked, error) {
	where, args := "", []any{first, limit, offset}
	if repository != "" {
		where, args = " AND cause IN (SELECT seq FROM causes WHERE repository = $4)", append(args, clean(repository, maxIdent))
	}
	return collect(ctx, s.db, func(rows *sql.Rows) (*ranked, error) {
		r := &ranked{}
		return r, scanCause(rows, &r.Cause, &r.seq, &r.pkg, &r.Runs, &r.Jobs, &r.Days)
	}, `SELECT `+causeColumns+`, c.package, d.runs, d.jobs, d.days
		FROM (SELECT cause, CAST(SUM(runs) AS BIGINT) AS runs, CAST(SUM(jobs) AS BIGINT) AS jobs, COUNT(*) AS days
			FROM cause_days WHERE day >= $1`+where+`
			GROUP BY cause ORDER BY 2 DESC, 4 DESC, 1 LIMIT $2 OFFSET $3) d
		JOIN causes c ON c.seq = d.cause LEFT JOIN packages p ON p.id = c.package ORDER BY d.runs DESC, d.days DESC, d.cause`, args...)
}

// describe fills in what the ranking does not hold, for one chunk.
func (s *DB) describe(ctx context.Context, rows []*ranked, first int64) error {
	if len(rows) == 0 {
		return nil
	}
	byCause, packages := map[int64]*ranked{}, map[int64]int{}
	for _, r := range rows {
		byCause[r.seq] = r
		packages[r.pkg] = 0
	}
	if err := s.lines(ctx, byCause, first); err != nil {
		return err
	}
	if err := s.packageJobs(ctx, packages, first); err != nil {
		return err
	}
	for _, r := range rows {
		r.PackageJobs = max(packages[r.pkg], r.Jobs)
		if err := s.proof(ctx, r, first); err != nil {
			return err
		}
		r.Why = r.why()
	}
	return nil
}

// lines counts the pull requests and branches of causes.
func (s *DB) lines(ctx context.Context, byCause map[int64]*ranked, first int64) error {
	ids := keys(byCause)
	_, err := collect(ctx, s.db, func(rows *sql.Rows) (struct{}, error) {
		var cause, n int64
		var sort string
		err := rows.Scan(&cause, &sort, &n)
		switch r := byCause[cause]; sort {
		case "#":
			r.PullRequests = int(n)
		case "=":
			r.Branches = int(n)
		default:
			r.unknown = true
		}
		return struct{}{}, err
	}, `SELECT cause, SUBSTR(line, 1, 1), COUNT(*) FROM cause_lines
		WHERE last_seen >= $1 AND cause IN (`+places(2, len(ids))+`) GROUP BY cause, SUBSTR(line, 1, 1)`,
		append([]any{first * microsPerDay}, ids...)...)
	return err
}

// packageJobs counts the jobs that ran packages.
func (s *DB) packageJobs(ctx context.Context, packages map[int64]int, first int64) error {
	ids := keys(packages)
	_, err := collect(ctx, s.db, func(rows *sql.Rows) (struct{}, error) {
		var pkg int64
		var n int
		err := rows.Scan(&pkg, &n)
		packages[pkg] = n
		return struct{}{}, err
	}, `SELECT package, CAST(SUM(jobs) AS BIGINT) FROM package_days
		WHERE day >= $1 AND package IN (`+places(2, len(ids))+`) GROUP BY package`, append([]any{first}, ids...)...)
	return err
}

func keys[V any](m map[int64]V) []any {
	all := make([]any, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	return all
}

// proof counts, among the last occurrences of a cause, the commits at which the
// same job passed the package on another attempt or run, and the jobs in which a
// test of it failed and passed. Another job of the matrix proves nothing: it
// runs elsewhere, or without the race detector. Nor does a job without a name.
func (s *DB) proof(ctx context.Context, r *ranked, first int64) error {
	const last = `(SELECT case_seq, failure, package FROM failures
		WHERE cause = $1 AND seen_at >= $2 ORDER BY seen_at DESC LIMIT $3) f`
	return s.db.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(DISTINCT k.commit_sha) FROM (
				SELECT DISTINCT k.commit_sha, k.repository, k.workflow, k.job_name, f.package
				FROM `+last+` JOIN cases k ON k.seq = f.case_seq WHERE k.commit_sha <> '' AND k.job_name <> '') k
			WHERE EXISTS (
				SELECT 1 FROM cases o JOIN package_runs p ON p.case_seq = o.seq AND p.package = k.package
				WHERE o.commit_sha = k.commit_sha AND o.repository = k.repository AND o.workflow = k.workflow
					AND o.job_name = k.job_name AND p.result = 'pass'
					AND NOT EXISTS (SELECT 1 FROM failures g WHERE g.case_seq = o.seq AND g.cause = $1))),
			(SELECT COUNT(DISTINCT f.case_seq) FROM `+last+` JOIN outcomes t ON t.case_seq = f.case_seq AND t.failure = f.failure
			WHERE t.failed > 0 AND t.failed < t.runs)`,
		r.seq, first*microsPerDay, lookBack).Scan(&r.Proven, &r.rerun)
}

// why says what shows that a cause is flaky. A failure of one pull request or
// branch alone may simply be its bug, and so may be one of which neither is
// known, when it was seen once.
func (r *ranked) why() string {
	var reasons []string
	if r.Proven > 0 {
		reasons = append(reasons, fmt.Sprintf("the same job passed at %s that it failed at", plural(r.Proven, "commit")))
	}
	if r.rerun > 0 {
		reasons = append(reasons, fmt.Sprintf("a test failed and passed in %s", plural(r.rerun, "job")))
	}
	if n := r.PullRequests + r.Branches; n > 1 {
		var where []string
		if r.PullRequests > 0 {
			where = append(where, plural(r.PullRequests, "pull request"))
		}
		if r.Branches == 1 {
			where = append(where, "1 branch")
		} else if r.Branches > 1 {
			where = append(where, fmt.Sprintf("%d branches", r.Branches))
		}
		reasons = append(reasons, "seen on "+strings.Join(where, " and "))
	}
	if r.unknown && r.Runs > 1 && len(reasons) == 0 {
		reasons = append(reasons, fmt.Sprintf("seen in %s; the logs do not tell the branches", plural(r.Runs, "run")))
	}
	return strings.Join(reasons, "; ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// tests names the tests that failed by a cause, and its last occurrence.
func (s *DB) tests(ctx context.Context, f *store.Flake) error {
	type row struct{ id, failure, test string }
	rows, err := collect(ctx, s.db, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.id, &r.failure, &r.test)
	}, `SELECT k.id, f.failure, COALESCE(t.name, '')
		FROM (SELECT case_seq, failure, seen_at FROM failures
			WHERE cause = (SELECT seq FROM causes WHERE key = $1) ORDER BY seen_at DESC, case_seq DESC LIMIT $2) f
		JOIN cases k ON k.seq = f.case_seq
		LEFT JOIN outcomes o ON o.case_seq = f.case_seq AND o.failure = f.failure AND o.role NOT IN ('collateral', 'parent')
		LEFT JOIN tests t ON t.id = o.test
		ORDER BY f.seen_at DESC, f.case_seq DESC, t.name`, f.Key, maxTests)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if i == 0 {
			f.Case, f.Failure = r.id, r.failure
		}
		if r.test != "" && !slices.Contains(f.Tests, r.test) && len(f.Tests) < maxTests {
			f.Tests = append(f.Tests, r.test)
		}
	}
	slices.Sort(f.Tests)
	return nil
}
