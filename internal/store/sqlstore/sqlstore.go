// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlstore is the store over database/sql: one code path for SQLite and
// PostgreSQL, which differ in how they are opened and in the types of their
// migrations, and in nothing else. Both take $1 for the first argument, ON
// CONFLICT and RETURNING.
//
// One transaction writes at a time, on both. SQLite knows no other way; on
// PostgreSQL a lock held for the transaction replaces what would otherwise be
// deadlocks between writers that update the same sums in another order.
// Reading never waits.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/culprit-ci/culprit/internal/store"
)

// Engine is what differs between the databases.
type Engine struct {
	// Name is for messages.
	Name string
	// Dialect is what the migrations are recorded with.
	Dialect database.Dialect
	// Migrations has the numbered files at its root.
	Migrations fs.FS
	// Lock is executed first in each writing transaction, "" for nothing.
	Lock string
}

// table is where the migrations are recorded. The name is not goose's own, which
// another program may use in the same database.
const table = "culprit_schema"

// DB is a store.
type DB struct {
	db     *sql.DB
	engine Engine
	now    func() time.Time
	// writer has room for one: writers of this process queue here and not in the
	// database, where SQLite would have them poll.
	writer chan struct{}
}

var _ store.Store = (*DB)(nil)

// New brings the schema up to date and returns the store, which owns db from
// then on.
func New(ctx context.Context, db *sql.DB, engine Engine) (*DB, error) {
	if err := migrate(ctx, db, engine); err != nil {
		return nil, err
	}
	return &DB{db: db, engine: engine, now: time.Now, writer: make(chan struct{}, 1)}, nil
}

// Close ends the connections.
func (s *DB) Close() error { return s.db.Close() }

// Provider gives the migrations of an engine on a database.
func Provider(db *sql.DB, engine Engine) (*goose.Provider, error) {
	recorded, err := database.NewStore(engine.Dialect, table)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectCustom, db, engine.Migrations, goose.WithStore(recorded), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// migrate applies what is missing. Several processes may start at once: the
// first does the work, and another fails when it tries the same step; then it
// looks again. Each failure of that kind means that a step was done, so as many
// tries as there are steps are enough.
func migrate(ctx context.Context, db *sql.DB, engine Engine) error {
	p, err := Provider(db, engine)
	if err != nil {
		return err
	}
	steps := p.ListSources()
	newest := steps[len(steps)-1].Version
	for range len(steps) + 2 { // one for the table of versions, one to see that all is done
		var have int64
		if have, err = p.GetDBVersion(ctx); err != nil {
			continue
		}
		if have > newest {
			return fmt.Errorf("its schema is version %d and this program knows up to %d; use a newer culprit", have, newest)
		}
		if have == newest {
			return nil
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("bringing the schema up to date: %w", err)
}

// write runs do in a transaction, when no other one writes.
func (s *DB) write(ctx context.Context, do func(tx *sql.Tx) error) error {
	select {
	case s.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writer }()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing after a commit
	if s.engine.Lock != "" {
		if _, err := tx.ExecContext(ctx, s.engine.Lock); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// failed wraps an error once, where it leaves the package.
func (s *DB) failed(doing string, err error) error {
	if err == nil || errors.Is(err, store.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s store: %s: %w", s.engine.Name, doing, err)
}
