// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package postgres opens a store in a PostgreSQL database, by pgx.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3/database"

	"github.com/culprit-ci/culprit/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var files embed.FS

// Schema holds the tables, so that the database may have others. A search_path
// in the address replaces it.
const Schema = "culprit"

// maxConns bounds the connections of one process.
const maxConns = 8

// Engine describes the database to the shared code. The number of the lock is
// "culprit" in bytes.
func Engine() (sqlstore.Engine, error) {
	migrations, err := fs.Sub(files, "migrations")
	return sqlstore.Engine{
		Name: "postgres", Dialect: database.DialectPostgres, Migrations: migrations,
		Lock: "SELECT pg_advisory_xact_lock(27995115411860852)",
	}, err
}

// Open opens the store at an address as libpq takes it: postgres://… or
// "host=… dbname=…". Messages never hold the password.
func Open(ctx context.Context, address string) (*sqlstore.DB, error) {
	db, err := OpenSQL(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the store is not right: %w", err)
	}
	engine, err := Engine()
	if err != nil {
		db.Close()
		return nil, err
	}
	if err := prepare(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("the store cannot be used: %w", err)
	}
	s, err := sqlstore.New(ctx, db, engine)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("the store cannot be used: %w", err)
	}
	return s, nil
}

// OpenSQL opens the database without looking at what is in it.
func OpenSQL(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	if config.RuntimeParams["search_path"] == "" {
		config.RuntimeParams["search_path"] = Schema
	}
	// Compiling a query takes longer than ours run: 110 of 270 ms of a ranking.
	if config.RuntimeParams["jit"] == "" {
		config.RuntimeParams["jit"] = "off"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	return db, nil
}

// prepare makes the schema. When two make it at once, PostgreSQL fails one of
// them in spite of IF NOT EXISTS; then it is there.
func prepare(ctx context.Context, db *sql.DB) error {
	var there sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT current_schema()").Scan(&there); err != nil || there.Valid {
		return err
	}
	_, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+Schema)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.Code == "42P06") {
		return nil
	}
	return err
}
