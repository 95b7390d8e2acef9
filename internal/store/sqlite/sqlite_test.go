// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/storetest"
)

func testDatabase() storetest.Database {
	return storetest.Database{
		Fresh:  func(t testing.TB) string { return filepath.Join(t.TempDir(), "a b?c%d#e", "culprit.db") },
		Open:   func(ctx context.Context, file string) (store.Store, error) { return Open(ctx, file) },
		SQL:    OpenSQL,
		Engine: Engine,
	}
}

func TestMain(m *testing.M) {
	storetest.Child(testDatabase())
	os.Exit(m.Run())
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, testDatabase())
}

// TestFile checks who can read the file, and that no other file is touched.
func TestFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "new", "culprit.db")
	s, err := Open(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{file, file + "-wal", file + "-shm", filepath.Dir(file)} {
		st, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s has mode %v: others can read it", name, st.Mode())
		}
	}

	foreign := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE cases (theirs)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, foreign); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("Open of another program's = %v", err)
	}

	text := filepath.Join(t.TempDir(), "notes.txt")
	const notes = "these are notes and no database, and long enough to be taken for a page of one"
	if err := os.WriteFile(text, []byte(notes), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, text); err == nil || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("Open of a text = %v", err)
	}
	if got, err := os.ReadFile(text); err != nil || string(got) != notes {
		t.Errorf("the text is now %q, %v", got, err)
	}
	if _, err := Open(ctx, t.TempDir()); err == nil {
		t.Error("Open of a folder worked")
	}
}

func BenchmarkQuestions(b *testing.B) { storetest.Bench(b, testDatabase()) }
