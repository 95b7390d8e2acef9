// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit/internal/store"
)

// maxDetail bounds the bytes of [store.Filing.Detail].
const maxDetail = 1 << 20

const filingColumns = "key, repository, action, cause, state, target, url, detail, created_at, updated_at"

func scanFiling(row interface{ Scan(...any) error }) (f store.Filing, err error) {
	var created, updated int64
	state := ""
	err = row.Scan(&f.Key, &f.Repository, &f.Action, &f.Cause, &state, &f.Target, &f.URL, &f.Detail, &created, &updated)
	if len(f.Detail) == 0 {
		f.Detail = nil // some drivers give an empty one
	}
	f.State, f.Created, f.Updated = store.State(state), fromMicros(created), fromMicros(updated)
	return f, err
}

// checkKey refuses what cannot be a key. Unlike other text a key is never
// shortened: two filings must not become one.
func checkKey(key string) error {
	if key == "" || clean(key, maxIdent) != key {
		return fmt.Errorf("the key of a filing has 1 to %d bytes of plain text", maxIdent)
	}
	return nil
}

// Begin implements [store.Filings].
func (s *DB) Begin(ctx context.Context, f store.Filing) (store.Filing, bool, error) {
	if err := errors.Join(checkKey(f.Key), checkDetail(f.Detail)); err != nil {
		return store.Filing{}, false, s.failed("beginning a filing", err)
	}
	fresh := false
	have := store.Filing{}
	err := s.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "INSERT INTO filings ("+filingColumns+") VALUES ("+places(1, 10)+") ON CONFLICT (key) DO NOTHING",
			f.Key, clean(f.Repository, maxIdent), clean(f.Action, maxIdent), clean(f.Cause, maxIdent), clean(string(f.State), maxIdent),
			clean(f.Target, maxIdent), clean(f.URL, maxName), detail(f.Detail), micros(f.Created), micros(f.Updated))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		fresh = n > 0
		have, err = scanFiling(tx.QueryRowContext(ctx, "SELECT "+filingColumns+" FROM filings WHERE key = $1", f.Key))
		return err
	})
	if err != nil {
		return store.Filing{}, false, s.failed("beginning a filing", err)
	}
	return have, fresh, nil
}

// Finish implements [store.Filings].
func (s *DB) Finish(ctx context.Context, f store.Filing) error {
	if err := errors.Join(checkKey(f.Key), checkDetail(f.Detail)); err != nil {
		return s.failed("finishing a filing", err)
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		return missing(tx.ExecContext(ctx, "UPDATE filings SET state = $2, target = $3, url = $4, detail = $5, updated_at = $6 WHERE key = $1",
			f.Key, clean(string(f.State), maxIdent), clean(f.Target, maxIdent), clean(f.URL, maxName), detail(f.Detail), micros(f.Updated)))
	})
	return s.failed("finishing a filing", err)
}

// Filing implements [store.Filings].
func (s *DB) Filing(ctx context.Context, key string) (store.Filing, error) {
	if checkKey(key) != nil {
		return store.Filing{}, store.ErrNotFound
	}
	f, err := scanFiling(s.db.QueryRowContext(ctx, "SELECT "+filingColumns+" FROM filings WHERE key = $1", key))
	if errors.Is(err, sql.ErrNoRows) {
		return store.Filing{}, store.ErrNotFound
	}
	return f, s.failed("reading a filing", err)
}

// FilingsSince implements [store.Filings].
func (s *DB) FilingsSince(ctx context.Context, repository string, since time.Time) ([]store.Filing, error) {
	all, err := collect(ctx, s.db, func(rows *sql.Rows) (store.Filing, error) { return scanFiling(rows) },
		"SELECT "+filingColumns+" FROM filings WHERE repository = $1 AND created_at >= $2 ORDER BY created_at, key",
		clean(repository, maxIdent), micros(since))
	return all, s.failed("reading filings", err)
}

func checkDetail(b []byte) error {
	if len(b) > maxDetail {
		return fmt.Errorf("the detail of a filing has %d bytes, more than %d", len(b), maxDetail)
	}
	return nil
}

// detail makes the column's value, which is never null.
func detail(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
