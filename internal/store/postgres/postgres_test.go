// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/pgtest"
	"github.com/culprit-ci/culprit/internal/store/sqlite"
	"github.com/culprit-ci/culprit/internal/store/storetest"
)

var server *pgtest.Server

func testDatabase() storetest.Database {
	return storetest.Database{
		Fresh:  func(t testing.TB) string { return server.Schema(t) },
		Open:   func(ctx context.Context, address string) (store.Store, error) { return Open(ctx, address) },
		SQL:    OpenSQL,
		Engine: Engine,
	}
}

func TestMain(m *testing.M) {
	storetest.Child(testDatabase())
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { server = s }))
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	pgtest.Need(t, server)
	storetest.Run(t, testDatabase())
}

// TestSameTables: what one engine has, the other has.
func TestSameTables(t *testing.T) {
	t.Parallel()
	ours, err := Engine()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := sqlite.Engine()
	if err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, ours, theirs)
}

// TestSchemaAtOnce opens a database without our schema by several at a time.
func TestSchemaAtOnce(t *testing.T) {
	t.Parallel()
	pgtest.Need(t, server)
	address := server.Database(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(context.Background(), address)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	db, err := OpenSQL(address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("SELECT 1 FROM " + Schema + ".cases"); err != nil {
		t.Error(err)
	}
}

// TestMessages: the password is in no message, and a foreign table is let alone.
func TestMessages(t *testing.T) {
	t.Parallel()
	pgtest.Need(t, server)
	ctx := context.Background()
	for _, address := range []string{
		"postgres://user:hunter2@/db?host=" + t.TempDir(),
		"postgres://user:hunter2@127.0.0.1:1/db",
		"postgres://user:hunter2@127.0.0.1:port/db",
		"host=/nowhere password=hunter2 connect_timeout=x",
	} {
		_, err := Open(ctx, address)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open = %v", err)
		}
	}
	address := server.Database(t)
	db, err := OpenSQL(address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE public.cases (theirs TEXT)"); err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := db.Exec("SELECT theirs FROM public.cases"); err != nil {
		t.Error(err)
	}
}

func BenchmarkQuestions(b *testing.B) {
	pgtest.Need(b, server)
	storetest.Bench(b, testDatabase())
}
