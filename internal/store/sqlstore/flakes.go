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

const (
	maxTests    = 10 // named of one cause
	lookBack    = 5  // occurrences that they are taken from
	defaultRows = 20
)

// ranked is a flake with its number in the tables.
type ranked struct {
	store.Flake
	seq, pkg int64
	unknown  bool // seen where neither branch nor pull request is known
}

// Flakes implements [store.Reader].
func (s *DB) Flakes(ctx context.Context, q store.FlakeQuery) (*store.Flakes, error) {
	answer, err := s.flakes(ctx, q)
	if err != nil {
		return nil, s.failed("ranking flakes", err)
	}
	return answer, nil
}

func (s *DB) flakes(ctx context.Context, q store.FlakeQuery) (*store.Flakes, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultRows
	}
	answer := &store.Flakes{}
	first := firstDay(q.Since)
	if !q.Since.IsZero() {
		answer.Since = fromMicros(first * microsPerDay)
	}
	// The database orders by runs. A few more than asked for are read, so that
	// causes with equally many runs can be ordered by the rest.
	rows, left, err := s.rank(ctx, q, first, 2*limit+10)
	if err != nil {
		return nil, err
	}
	answer.Left = left
	if err := s.describe(ctx, rows, first); err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, byCost)
	if answer.More = len(rows) > limit; answer.More {
		rows = rows[:limit]
	}
	for _, r := range rows {
		r.Why = r.why()
		if err := s.tests(ctx, r); err != nil {
			return nil, err
		}
		answer.List = append(answer.List, r.Flake)
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

// rank gives the causes that are flaky by runs hit, or all, and how many are
// left out because nothing shows that they are. What shows it is said by
// [ranked.why].
func (s *DB) rank(ctx context.Context, q store.FlakeQuery, first int64, limit int) (list []*ranked, left int, err error) {
	// Whole blocks of days are summed as such, and before them the days since first.
	whole := (first + 1<<blockBits - 1) >> blockBits
	args := []any{first, first * microsPerDay, whole, whole << blockBits}
	repository := ""
	if q.Repository != "" {
		repository, args = " AND c.repository = $5", append(args, clean(q.Repository, maxIdent))
	}
	// CROSS JOIN tells SQLite to go from causes to their days, which are in order,
	// and not the other way round; PostgreSQL does as it likes.
	part := func(days, table, when string) string {
		return `SELECT c.seq AS cause, SUM(d.runs) AS runs, SUM(d.jobs) AS jobs, ` + days + ` AS days, SUM(d.proven) AS proven
			FROM causes c CROSS JOIN ` + table + ` d
			WHERE c.last_seen >= $2 AND d.cause = c.seq AND ` + when + repository + ` GROUP BY c.seq`
	}
	sums := `WITH sums AS MATERIALIZED (
			SELECT cause, CAST(SUM(runs) AS BIGINT) AS runs, CAST(SUM(jobs) AS BIGINT) AS jobs, CAST(SUM(days) AS BIGINT) AS days,
				CAST(SUM(proven) AS BIGINT) AS proven
			FROM (` + part("SUM(d.days)", "cause_blocks", "d.block >= $3") + " UNION ALL " + part("COUNT(*)", "cause_days", "d.day >= $1 AND d.day < $4") + `) AS parts
			GROUP BY cause),
		judged AS MATERIALIZED (
			SELECT sums.*, CASE
				WHEN proven > 0 THEN 1
				WHEN (SELECT COUNT(*) FROM (SELECT 1 FROM cause_lines l
					WHERE l.cause = sums.cause AND l.last_seen >= $2 AND l.own = 1 LIMIT 2) AS two) = 2 THEN 1
				WHEN runs > 1 AND EXISTS (SELECT 1 FROM cause_lines l
					WHERE l.cause = sums.cause AND l.line = '' AND l.last_seen >= $2) THEN 1
				ELSE 0 END AS flaky
			FROM sums) `
	only, count := "WHERE flaky = 1", "(SELECT COUNT(*) FROM judged WHERE flaky = 0)"
	if q.All {
		only, count = "", "0"
	}
	list, err = collect(ctx, s.db, func(rows *sql.Rows) (*ranked, error) {
		r := &ranked{}
		return r, scanCause(rows, &r.Cause, &r.seq, &r.pkg, &r.Runs, &r.Jobs, &r.Days, &r.Proven, &left)
	}, sums+`
		SELECT `+causeColumns+`, c.package, d.runs, d.jobs, d.days, d.proven, `+count+`
		FROM (SELECT * FROM judged `+only+` ORDER BY runs DESC, days DESC, cause LIMIT `+placeAfter(args)+`) d
		JOIN causes c ON c.seq = d.cause LEFT JOIN packages p ON p.id = c.package
		ORDER BY d.runs DESC, d.days DESC, d.cause`, append(args, limit)...)
	if err == nil && len(list) == 0 {
		err = s.db.QueryRowContext(ctx, sums+"SELECT "+count, args...).Scan(&left)
	}
	return list, left, err
}

// describe counts the lines of work of causes, and the jobs of their packages.
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
		WHERE last_seen >= $1 AND (own = 1 OR line = '') AND cause IN (`+places(2, len(ids))+`)
		GROUP BY cause, SUBSTR(line, 1, 1)`, append([]any{first * microsPerDay}, ids...)...)
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

// why says what shows that a cause is flaky. A failure of one pull request or
// branch alone may simply be its bug, and so may be one of which neither is
// known, when it was seen once.
func (r *ranked) why() string {
	var reasons []string
	if r.Proven > 0 {
		reasons = append(reasons, fmt.Sprintf("failed and passed at one commit, in %s", plural(r.Proven, "job")))
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
func (s *DB) tests(ctx context.Context, f *ranked) error {
	type row struct{ id, failure, test string }
	// The cause is in the order, too, so that the databases take the index of one
	// cause, and do not walk through all failures by their time until five are its.
	rows, err := collect(ctx, s.db, func(rows *sql.Rows) (r row, err error) {
		return r, rows.Scan(&r.id, &r.failure, &r.test)
	}, `SELECT k.id, f.failure, COALESCE(t.name, '')
		FROM (SELECT case_seq, failure, seen_at FROM failures
			WHERE cause BETWEEN $1 AND $1 ORDER BY cause DESC, seen_at DESC, case_seq DESC LIMIT $2) f
		JOIN cases k ON k.seq = f.case_seq
		LEFT JOIN outcomes o ON o.case_seq = f.case_seq AND o.failure = f.failure AND o.role NOT IN ('collateral', 'parent')
		LEFT JOIN tests t ON t.id = o.test
		ORDER BY f.seen_at DESC, f.case_seq DESC, t.name`, f.seq, lookBack)
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
