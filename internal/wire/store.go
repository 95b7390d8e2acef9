// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/postgres"
	"github.com/culprit-ci/culprit/internal/store/sqlite"
)

// StoreVariable names the environment variable that says where the store is.
const StoreVariable = "CULPRIT_STORE"

// Store says where a store is.
type Store struct {
	file    string // of SQLite, "" for PostgreSQL
	address string // of PostgreSQL
}

// FindStore takes the address of a store: postgres://…, or the name of a file,
// which may begin with sqlite:. "" is a file in the user's data directory.
func FindStore(address string, getenv func(string) string) (Store, error) {
	scheme, rest, found := strings.Cut(address, ":")
	switch {
	case address == "":
		dir, err := dataDir(getenv)
		return Store{file: filepath.Join(dir, "culprit.db")}, err
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return Store{address: address}, nil
	case found && scheme == "sqlite":
		address = strings.TrimPrefix(rest, "//")
	case strings.Contains(address, "://"):
		return Store{}, fmt.Errorf("a store is a file, sqlite:FILE or postgres://…, and not %s://…", scheme)
	}
	if address == "" {
		return Store{}, errors.New("the store sqlite: names no file")
	}
	return Store{file: address}, nil
}

// dataDir is where programs of the user keep their data, by the custom of the
// system.
func dataDir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) { // a relative one is to be ignored
		return filepath.Join(dir, "culprit"), nil
	}
	home, profile := getenv("HOME"), getenv("LocalAppData")
	switch {
	case runtime.GOOS == "windows" && profile != "":
		return filepath.Join(profile, "culprit"), nil
	case runtime.GOOS == "darwin" && home != "":
		return filepath.Join(home, "Library", "Application Support", "culprit"), nil
	case home != "":
		return filepath.Join(home, ".local", "share", "culprit"), nil
	}
	return "", fmt.Errorf("there is no data directory for the store; set %s or HOME", StoreVariable)
}

// String names the store for a person, without a password.
func (s Store) String() string {
	if s.file != "" {
		return s.file
	}
	return "PostgreSQL"
}

// Exists reports whether the store's file is there. A server is asked when it is
// opened.
func (s Store) Exists() (bool, error) {
	if s.file == "" {
		return true, nil
	}
	_, err := os.Stat(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Open opens the store, and makes it where it is missing.
func (s Store) Open(ctx context.Context) (store.Store, error) {
	if s.file != "" {
		return sqlite.Open(ctx, s.file)
	}
	return postgres.Open(ctx, s.address)
}
