// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// OwnLine is true for a row l of cause_lines that is a line of work of its own: a
// pull request, or a branch that is not that of a pull request which shows the
// cause, too. Many projects run each push to a branch and each change of its
// pull request, and both are the same work. Where the branch of a pull request is
// not known it may be any, except those that work is merged into, by custom.
const OwnLine = `CASE WHEN l.line > '#' AND l.line < '$' OR l.line > '=' AND (
		l.head IN ('main', 'master', 'trunk', 'develop')
		OR NOT EXISTS (SELECT 1 FROM cause_lines m WHERE m.cause = l.cause AND m.head = l.head AND m.line > '#' AND m.line < '$')
			AND NOT EXISTS (SELECT 1 FROM cause_lines m WHERE m.cause = l.cause AND m.head = '' AND m.line > '#' AND m.line < '$'))
	THEN 1 ELSE 0 END`

// causeLine is the key of a row of cause_lines.
type causeLine struct {
	cause int64
	line  string
}

// settle brings the row to what the failures say, and the rows of the cause that
// this may concern.
func (l causeLine) settle(ctx context.Context, tx *sql.Tx) error {
	var head sql.NullString
	var seen sql.NullInt64
	err := tx.QueryRowContext(ctx, "SELECT MAX(head), MAX(seen_at) FROM failures WHERE cause = $1 AND line = $2", l.cause, l.line).Scan(&head, &seen)
	if err != nil {
		return err
	}
	was := ""
	err = tx.QueryRowContext(ctx, "SELECT head FROM cause_lines WHERE cause = $1 AND line = $2", l.cause, l.line).Scan(&was)
	had := err == nil
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case !had && !head.Valid:
		return nil
	case !head.Valid:
		_, err = tx.ExecContext(ctx, "DELETE FROM cause_lines WHERE cause = $1 AND line = $2", l.cause, l.line)
	case had:
		_, err = tx.ExecContext(ctx, "UPDATE cause_lines SET head = $3, last_seen = $4 WHERE cause = $1 AND line = $2", l.cause, l.line, head.String, seen.Int64)
	default:
		_, err = tx.ExecContext(ctx, "INSERT INTO cause_lines (cause, line, head, own, last_seen) VALUES ($1, $2, $3, 0, $4)", l.cause, l.line, head.String, seen.Int64)
	}
	if err != nil || had && head.Valid && was == head.String {
		return err
	}
	renew := "UPDATE cause_lines AS l SET own = " + OwnLine + " WHERE l.cause = $1"
	if had || head.String == "" {
		_, err = tx.ExecContext(ctx, renew, l.cause) // a head that came, went or is not known may concern any
	} else {
		_, err = tx.ExecContext(ctx, renew+" AND l.head = $2", l.cause, head.String)
	}
	return err
}
