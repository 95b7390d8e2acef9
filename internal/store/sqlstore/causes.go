// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
)

// names gives what a failure can be recognised by, its fingerprint first. A title
// counts within its package: TestNew of one package is not TestNew of another. A
// race is titled by functions, and may show in any package that runs them.
func names(f *culprit.Failure) []string {
	scope := "title " + strings.TrimSuffix(f.Package, "_test")
	if f.Kind == culprit.KindDataRace {
		scope = "title "
	}
	var all []string
	add := func(prefix, name string) {
		full := clean(prefix+name, maxName)
		if name != "" && !slices.Contains(all, full) {
			all = append(all, full)
		}
	}
	add("fingerprint ", f.Fingerprint)
	add(scope+"\n", f.Title)
	for _, a := range f.Aliases[:min(len(f.Aliases), store.MaxAliases)] {
		add(scope+"\n", a)
	}
	return all
}

// candidate is a cause that shares a name with a failure.
type candidate struct {
	seq         int64
	fingerprint string
}

// same picks the cause that a failure with a fingerprint is of; ok is false for
// none. Candidates are ordered by age, and the oldest wins.
func same(fingerprint string, candidates []candidate) (pick candidate, ok bool) {
	var open []candidate // those that no fingerprint contradicts
	for _, c := range candidates {
		switch {
		case fingerprint != "" && c.fingerprint == fingerprint:
			return c, true
		case fingerprint == "" || c.fingerprint == "":
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return candidate{}, false
	}
	// Without a fingerprint of its own, a failure whose title stands for several
	// causes may be any of them: then only one that has none either will do.
	for _, c := range open {
		if c.fingerprint == "" {
			return c, true
		}
	}
	return open[0], len(open) == 1
}

// cause finds the cause of a failure, or makes a new one, and tells it what the
// failure knows.
func (c *saved) cause(ctx context.Context, tx *sql.Tx, f *culprit.Failure, pkg int64) (int64, error) {
	called := names(f)
	if len(called) == 0 {
		called = []string{clean("title "+f.Package+"\n"+string(f.Kind), maxName)}
	}
	candidates, err := collect(ctx, tx, func(rows *sql.Rows) (k candidate, err error) {
		return k, rows.Scan(&k.seq, &k.fingerprint)
	}, `SELECT DISTINCT c.seq, c.fingerprint FROM cause_names n JOIN causes c ON c.seq = n.cause
		WHERE n.repository = $1 AND n.name IN (`+places(2, len(called))+`) ORDER BY c.seq`,
		append([]any{c.repository}, anys(called)...)...)
	if err != nil {
		return 0, err
	}
	fingerprint := clean(f.Fingerprint, maxIdent)
	owner := ""
	if len(f.Owners) > 0 {
		owner = clean(f.Owners[0].Who, maxIdent)
	}
	excerpt := clean(cut(f.Evidence.Text, store.MaxExcerpt), store.MaxExcerpt)
	found, ok := same(fingerprint, candidates)
	if !ok {
		err = tx.QueryRowContext(ctx, `
			INSERT INTO causes (key, repository, kind, package, title, fingerprint, owner, first_seen, last_seen, excerpt, closed_at, closed_fix, closed_why)
			VALUES (`+places(1, 10)+`, 0, '', '') RETURNING seq`,
			c.newKey(called[0]), c.repository, clean(string(f.Kind), maxIdent), pkg, clean(f.Title, maxName), fingerprint, owner, c.seen, c.seen, excerpt).Scan(&found.seq)
	} else {
		_, err = tx.ExecContext(ctx, `
			UPDATE causes SET
				title = CASE WHEN fingerprint = '' AND CAST($2 AS TEXT) <> '' THEN $3 ELSE title END,
				fingerprint = CASE WHEN fingerprint = '' THEN $2 ELSE fingerprint END,
				owner = CASE WHEN CAST($4 AS TEXT) <> '' AND ($5 >= last_seen OR owner = '') THEN $4 ELSE owner END,
				excerpt = CASE WHEN $5 >= last_seen THEN $6 ELSE excerpt END
			WHERE seq = $1`, found.seq, fingerprint, clean(f.Title, maxName), owner, c.seen, excerpt)
	}
	if err != nil {
		return 0, err
	}
	var rows [][]any
	for _, n := range called {
		rows = append(rows, []any{c.repository, n, found.seq})
	}
	return found.seq, bulk(ctx, tx, "INSERT INTO cause_names (repository, name, cause) VALUES ON CONFLICT DO NOTHING", rows)
}

// newKey makes the key of a new cause. It is made from the case, so that no two
// causes have the same and a store that is filled again gives the same keys.
func (c *saved) newKey(name string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.repository, name, c.Case.ID}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// causeColumns are what scanCause reads. The last case is the newest failure.
const causeColumns = `c.key, c.repository, c.kind, COALESCE(p.path, ''), c.title, c.fingerprint, c.owner, c.first_seen, c.last_seen,
	c.excerpt, c.closed_at, c.closed_fix, c.closed_why, c.seq`

const causeTables = `causes c LEFT JOIN packages p ON p.id = c.package`

// scanCause reads causeColumns and then whatever else is asked for.
func scanCause(rows *sql.Rows, c *store.Cause, seq *int64, also ...any) error {
	var first, last, closed int64
	kind := ""
	err := rows.Scan(append([]any{&c.Key, &c.Repository, &kind, &c.Package, &c.Title, &c.Fingerprint, &c.Owner, &first, &last,
		&c.Excerpt, &closed, &c.Closed.Fix, &c.Closed.Why, seq}, also...)...)
	c.Kind, c.FirstSeen, c.LastSeen, c.Closed.At = culprit.Kind(kind), fromMicros(first), fromMicros(last), fromMicros(closed)
	return err
}

// numbered is a cause with its number in the tables.
type numbered struct {
	store.Cause
	seq int64
}

func scanNumbered(rows *sql.Rows) (n numbered, err error) {
	return n, scanCause(rows, &n.Cause, &n.seq)
}

// complete adds aliases and the last occurrence to causes. A cause whose
// occurrences are all of the case to leave out, or are gone, is dropped.
func (s *DB) complete(ctx context.Context, causes []numbered, exclude string) ([]store.Cause, error) {
	aliases, err := s.aliases(ctx, causes)
	if err != nil {
		return nil, err
	}
	kept := make([]store.Cause, 0, len(causes))
	for _, c := range causes {
		var last int64
		err := s.db.QueryRowContext(ctx, `
			SELECT k.id, f.failure, f.seen_at FROM failures f JOIN cases k ON k.seq = f.case_seq
			WHERE f.cause = $1 AND k.id <> $2 ORDER BY f.seen_at DESC, f.case_seq DESC LIMIT 1`,
			c.seq, clean(exclude, maxIdent)).Scan(&c.Case, &c.Failure, &last)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.LastSeen, c.Aliases = fromMicros(last), aliases[c.seq]
		kept = append(kept, c.Cause)
	}
	return kept, nil
}

// aliases gives the titles that causes have beside the one they show.
func (s *DB) aliases(ctx context.Context, causes []numbered) (map[int64][]string, error) {
	aliases := map[int64][]string{}
	for len(causes) > 0 {
		some := causes[:min(len(causes), maxArgs)]
		causes = causes[len(some):]
		titles := map[int64]string{}
		for _, c := range some {
			titles[c.seq] = c.Title
		}
		ids := keys(titles)
		_, err := collect(ctx, s.db, func(rows *sql.Rows) (struct{}, error) {
			var cause int64
			var name string
			err := rows.Scan(&cause, &name)
			scope, title, ok := strings.Cut(name, "\n")
			if ok && strings.HasPrefix(scope, "title ") && title != titles[cause] && len(aliases[cause]) < store.MaxAliases {
				aliases[cause] = append(aliases[cause], title)
			}
			return struct{}{}, err
		}, "SELECT cause, name FROM cause_names WHERE cause IN ("+places(1, len(ids))+") ORDER BY cause, name", ids...)
		if err != nil {
			return nil, err
		}
	}
	return aliases, nil
}

// Match implements [store.Causes].
func (s *DB) Match(ctx context.Context, repository string, f *culprit.Failure, exclude string) ([]store.Cause, error) {
	called := names(f)
	if len(called) == 0 {
		return nil, nil
	}
	found, err := collect(ctx, s.db, scanNumbered, `
		SELECT `+causeColumns+` FROM `+causeTables+`
		WHERE c.seq IN (SELECT cause FROM cause_names WHERE repository = $1 AND name IN (`+places(3, len(called))+`))
		ORDER BY CASE WHEN c.fingerprint = $2 THEN 0 ELSE 1 END, c.last_seen DESC, c.seq LIMIT 50`,
		append([]any{clean(repository, maxIdent), clean(f.Fingerprint, maxIdent)}, anys(called)...)...)
	if err != nil {
		return nil, s.failed("matching a failure", err)
	}
	causes, err := s.complete(ctx, found, exclude)
	return causes, s.failed("matching a failure", err)
}

// Recent implements [store.Causes].
func (s *DB) Recent(ctx context.Context, repository string, since time.Time, limit int) ([]store.Cause, error) {
	found, err := collect(ctx, s.db, scanNumbered, `
		SELECT `+causeColumns+` FROM `+causeTables+`
		WHERE c.repository = $1 AND c.last_seen >= $2 ORDER BY c.last_seen DESC, c.seq DESC LIMIT $3`,
		clean(repository, maxIdent), micros(since), limit)
	if err != nil {
		return nil, s.failed("reading recent causes", err)
	}
	causes, err := s.complete(ctx, found, "")
	return causes, s.failed("reading recent causes", err)
}

// SetClosed implements [store.Causes].
func (s *DB) SetClosed(ctx context.Context, key string, c store.Closed) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE causes SET closed_at = $2, closed_fix = $3, closed_why = $4 WHERE key = $1",
			clean(key, maxIdent), micros(c.At), clean(c.Fix, maxIdent), clean(c.Why, maxName))
		return missing(res, err)
	})
	return s.failed("closing a cause", err)
}

// missing makes [store.ErrNotFound] of a change that changed nothing.
func missing(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return store.ErrNotFound
}

// Silent implements [store.Causes].
func (s *DB) Silent(ctx context.Context, repository string, before time.Time) ([]store.Silence, error) {
	type silent struct {
		numbered
		pkg int64
	}
	found, err := collect(ctx, s.db, func(rows *sql.Rows) (c silent, err error) {
		return c, scanCause(rows, &c.Cause, &c.seq, &c.pkg)
	}, `SELECT `+causeColumns+`, c.package FROM `+causeTables+`
		WHERE c.repository = $1 AND c.last_seen < $2 AND c.closed_at = 0 ORDER BY c.last_seen, c.seq`,
		clean(repository, maxIdent), micros(before))
	if err != nil {
		return nil, s.failed("looking for silent causes", err)
	}
	var all []store.Silence
	for _, c := range found {
		one := store.Silence{Cause: c.Cause}
		one.Seen.First, one.Seen.Last = c.FirstSeen, c.LastSeen
		first, last := dayOf(micros(c.FirstSeen)), dayOf(micros(c.LastSeen))
		// Jobs after the last occurrence on its own day count for the span: that
		// makes a proposal later, never sooner.
		err := s.db.QueryRowContext(ctx, `
			SELECT (SELECT COALESCE(SUM(runs), 0) FROM cause_days WHERE cause = $1 AND day BETWEEN $3 AND $4),
				(SELECT COALESCE(SUM(jobs), 0) FROM package_days WHERE package = $2 AND day BETWEEN $3 AND $4),
				(SELECT COALESCE(SUM(jobs), 0) FROM package_days WHERE package = $2 AND day > $4)`,
			c.seq, c.pkg, first, last).Scan(&one.Seen.Occurrences, &one.Seen.RunsSpan, &one.Seen.RunsSince)
		if err != nil {
			return nil, s.failed("looking for silent causes", err)
		}
		if one.Seen.Occurrences > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}
