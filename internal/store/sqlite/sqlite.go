// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sqlite opens a store in a file, by the SQLite that is written in Go.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3/database"
	_ "modernc.org/sqlite" // the driver

	"github.com/culprit-ci/culprit/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var files embed.FS

// applicationID marks a file as ours ("culp"), so that the database of another
// program is never changed by mistake.
const applicationID = 0x63756c70

// maxConns bounds the connections of one process: readers beside one writer.
const maxConns = 8

// Engine describes the database to the shared code.
func Engine() (sqlstore.Engine, error) {
	migrations, err := fs.Sub(files, "migrations")
	return sqlstore.Engine{Name: "sqlite", Dialect: database.DialectSQLite3, Migrations: migrations}, err
}

// Open opens the store in a file, which is made, with the folders above it, when
// it is not there: only the user can read them, since logs may hold secrets.
func Open(ctx context.Context, file string) (*sqlstore.DB, error) {
	if err := create(file); err != nil {
		return nil, fmt.Errorf("the store %s cannot be made: %w", file, err)
	}
	db, err := OpenSQL(file)
	if err != nil {
		return nil, fmt.Errorf("the store %s: %w", file, err)
	}
	if err := claim(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("the store %s cannot be used: %w", file, err)
	}
	engine, err := Engine()
	if err != nil {
		db.Close()
		return nil, err
	}
	s, err := sqlstore.New(ctx, db, engine)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("the store %s cannot be used: %w", file, err)
	}
	return s, nil
}

// OpenSQL opens the file without looking at what is in it.
//
// A transaction takes the lock for writing when it begins: one that reads first
// and writes later fails at once when another has written meanwhile, whatever
// the time to wait. FULL makes a commit survive a power cut, which matters where
// something was filed.
func OpenSQL(file string) (*sql.DB, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	path := filepath.ToSlash(full)
	if path[0] != '/' {
		path = "/" + path // C:/… of Windows
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(60000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	return db, nil
}

func create(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// claim checks that a file is ours, and marks it when it is new.
func claim(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var id, tables int64
	if err := tx.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), (SELECT COUNT(*) FROM sqlite_master)").Scan(&id, &tables); err != nil {
		return err
	}
	switch {
	case id == applicationID:
		return nil
	case id != 0 || tables > 0:
		return errors.New("it is a database of another program")
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	return tx.Commit()
}
