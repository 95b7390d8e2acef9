// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
)

// maxNamed bounds the tests, packages or causes that one name stands for.
const maxNamed = 500

// subject is what a name stands for: the rows of one table.
type subject struct {
	kind     store.Subject
	ids      []any
	names    []string
	packages map[int64]bool
}

// History implements [store.Reader].
func (s *DB) History(ctx context.Context, q store.HistoryQuery) (*store.History, error) {
	sub, err := s.lookUp(ctx, q)
	if err != nil {
		return nil, s.failed("reading the history", err)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultRows
	}
	h := &store.History{Subject: sub.kind, Names: sub.names}
	if sub.kind != store.Everything && len(sub.ids) == 0 {
		return h, nil
	}
	if sub.kind == store.SubjectTest {
		err = s.testHistory(ctx, q, sub, limit, h)
	} else {
		err = s.failureHistory(ctx, q, sub, limit, h)
	}
	if err == nil && len(sub.packages) == 1 {
		err = s.db.QueryRowContext(ctx, "SELECT CAST(COALESCE(SUM(jobs), 0) AS BIGINT) FROM package_days WHERE package = $1 AND day >= $2",
			keys(sub.packages)[0], firstDay(q.Since)).Scan(&h.Jobs)
		h.Jobs = max(h.Jobs, h.FailedJobs)
	}
	return h, s.failed("reading the history", err)
}

// lookUp finds what a name stands for. The first that is known decides.
func (s *DB) lookUp(ctx context.Context, q store.HistoryQuery) (subject, error) {
	if q.Name == "" {
		return subject{kind: store.Everything}, nil
	}
	name, repo := clean(q.Name, maxName), clean(q.Repository, maxIdent)
	for _, try := range []struct {
		kind  store.Subject
		query string
		args  []any
	}{
		// A test includes its subtests: "0" follows "/" in the order of bytes.
		{store.SubjectTest, `SELECT t.id, t.name, t.package FROM tests t JOIN packages p ON p.id = t.package
			WHERE (t.name = $1 OR t.name >= $2 AND t.name < $3) AND (p.repository = $4 OR CAST($4 AS TEXT) = '')
			ORDER BY t.name, p.path LIMIT $5`, []any{name, name + "/", name + "0", repo, maxNamed}},
		{store.SubjectPkg, `SELECT p.id, p.path, p.id FROM packages p
			WHERE (p.path = $1 OR p.path LIKE $2 ESCAPE '!') AND (p.repository = $3 OR CAST($3 AS TEXT) = '') AND p.path <> ''
			ORDER BY p.path LIMIT $4`, []any{name, "%/" + like(strings.TrimPrefix(name, "./")), repo, maxNamed}},
		{store.SubjectText, `SELECT c.seq, c.title, c.package FROM causes c
			WHERE (c.key = $1 OR LOWER(c.title) LIKE LOWER($2) ESCAPE '!') AND (c.repository = $3 OR CAST($3 AS TEXT) = '')
			ORDER BY c.last_seen DESC, c.seq LIMIT $4`, []any{name, "%" + like(name) + "%", repo, maxNamed}},
	} {
		sub := subject{kind: try.kind, packages: map[int64]bool{}}
		_, err := collect(ctx, s.db, func(rows *sql.Rows) (struct{}, error) {
			var id, pkg int64
			var called string
			err := rows.Scan(&id, &called, &pkg)
			sub.ids, sub.names = append(sub.ids, id), append(sub.names, called)
			sub.packages[pkg] = true
			return struct{}{}, err
		}, try.query, try.args...)
		if err != nil || len(sub.ids) > 0 {
			return sub, err
		}
	}
	return subject{kind: store.SubjectText}, nil
}

// like quotes what LIKE would take for a wildcard.
func like(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

const occurrenceColumns = `k.id, k.seen_at, k.repository, k.commit_sha, k.branch, k.pull_request, k.job_name, k.url, k.source,
	COALESCE(f.failure, ''), COALESCE(f.kind, ''), COALESCE(f.title, ''), COALESCE(c.key, ''), COALESCE(p.path, '')`

func scanOccurrence(rows *sql.Rows, o *store.Occurrence, also ...any) error {
	var seen int64
	var kind string
	err := rows.Scan(append([]any{&o.Case, &seen, &o.Repository, &o.Commit, &o.Branch, &o.PullRequest, &o.Job, &o.URL, &o.Source,
		&o.Failure, &kind, &o.Title, &o.Cause, &o.Package}, also...)...)
	o.Seen, o.Kind = fromMicros(seen), culprit.Kind(kind)
	return err
}

// testHistory reads what happened to tests. A test that passed and is part of a
// failure, as one of two that raced, is listed; it does not count as failed.
func (s *DB) testHistory(ctx context.Context, q store.HistoryQuery, sub subject, limit int, h *store.History) (err error) {
	args := append([]any{since(q)}, sub.ids...)
	where := "o.seen_at >= $1 AND o.test IN (" + places(2, len(sub.ids)) + ")"
	err = s.db.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(DISTINCT CASE WHEN o.status <> 'pass' THEN o.case_seq END) FROM outcomes o WHERE `+where, args...).
		Scan(&h.Shown, &h.FailedJobs)
	if err != nil {
		return err
	}
	h.Occurrences, err = collect(ctx, s.db, func(rows *sql.Rows) (o store.Occurrence, err error) {
		var status, role string
		var elapsed int64
		err = scanOccurrence(rows, &o, &o.Test, &status, &role, &o.Runs, &o.Failed, &o.Passed, &elapsed)
		o.Seconds = float64(elapsed) / 1e6
		o.Status, o.Role = culprit.Status(status), culprit.Role(role)
		return o, err
	}, `SELECT `+occurrenceColumns+`, t.name, o.status, o.role, o.runs, o.failed, o.passed, o.elapsed
		FROM (SELECT * FROM outcomes o WHERE `+where+` ORDER BY o.seen_at DESC, o.case_seq DESC, o.test LIMIT `+placeAfter(args)+`) o
		JOIN tests t ON t.id = o.test LEFT JOIN packages p ON p.id = t.package
		JOIN cases k ON k.seq = o.case_seq
		LEFT JOIN failures f ON f.case_seq = o.case_seq AND f.failure = o.failure
		LEFT JOIN causes c ON c.seq = f.cause
		ORDER BY o.seen_at DESC, o.case_seq DESC, t.name`, append(args, limit)...)
	return err
}

// failureHistory reads what happened to packages, causes or everything.
func (s *DB) failureHistory(ctx context.Context, q store.HistoryQuery, sub subject, limit int, h *store.History) (err error) {
	args := append([]any{since(q)}, sub.ids...)
	where := "f.seen_at >= $1"
	switch sub.kind {
	case store.SubjectPkg:
		where += " AND f.package IN (" + places(2, len(sub.ids)) + ")"
	case store.SubjectText:
		where += " AND f.cause IN (" + places(2, len(sub.ids)) + ")"
	default:
		if q.Repository != "" {
			args = append(args, clean(q.Repository, maxIdent))
			where += " AND f.case_seq IN (SELECT seq FROM cases WHERE repository = $2)"
		}
	}
	err = s.db.QueryRowContext(ctx, "SELECT COUNT(*), COUNT(DISTINCT f.case_seq) FROM failures f WHERE "+where, args...).
		Scan(&h.Shown, &h.FailedJobs)
	if err != nil {
		return err
	}
	h.Occurrences, err = collect(ctx, s.db, func(rows *sql.Rows) (o store.Occurrence, err error) {
		return o, scanOccurrence(rows, &o)
	}, `SELECT `+occurrenceColumns+`
		FROM (SELECT * FROM failures f WHERE `+where+` ORDER BY f.seen_at DESC, f.case_seq DESC, f.failure LIMIT `+placeAfter(args)+`) f
		JOIN cases k ON k.seq = f.case_seq
		LEFT JOIN packages p ON p.id = f.package
		LEFT JOIN causes c ON c.seq = f.cause
		ORDER BY f.seen_at DESC, f.case_seq DESC, f.failure`, append(args, limit)...)
	return err
}

// placeAfter is the place of the argument that follows args.
func placeAfter(args []any) string { return places(len(args)+1, 1) }

// since is the oldest time of a query, the beginning of time for none.
func since(q store.HistoryQuery) int64 {
	if q.Since.IsZero() {
		return -1 << 62
	}
	return micros(q.Since)
}
