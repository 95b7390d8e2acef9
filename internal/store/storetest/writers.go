// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/sqlstore"
)

// The load of testWriters.
const (
	writers = 8
	each    = 8
)

// testWriters lets eight writers, on two connections pools as two processes have
// them, save cases of the same causes, packages and runs, each twice, while
// others read.
func testWriters(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	second, err := d.Open(ctx, s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	stores := []store.Store{s.Store, second}
	var wg sync.WaitGroup
	firsts := make([]int, writers) // filings each writer was the first to begin
	for w := range writers {
		wg.Go(func() {
			on := stores[w%len(stores)]
			for i := range each {
				// All share the runs; the order of causes and packages differs.
				r := job(fmt.Sprintf("c%d/%d", w, i), day(i%5), at("abc", "main", 1+w%3), inRun(fmt.Sprintf("run%d", i%7), 1))
				for k := range 3 {
					failing(fmt.Sprintf("fp%d", (w+i+k)%4), "race", "TestA", fmt.Sprintf("Test%d", k))(r)
				}
				if w%2 == 0 {
					slices.Reverse(r.Runs)
					slices.Reverse(r.Case.Failures)
				}
				for range 2 {
					if err := on.Save(ctx, r); err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
				}
				_, fresh, err := on.Begin(ctx, store.Filing{Key: fmt.Sprintf("create/%d", i), State: store.Intended, Created: day(i)})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
				if fresh {
					firsts[w]++
				}
			}
		})
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, on := range stores {
		readers.Go(func() {
			for range 10 { // what a machine that is busy can do, too
				select {
				case <-done:
					return
				default:
				}
				if _, err := on.Flakes(ctx, store.FlakeQuery{All: true}); err != nil {
					t.Errorf("reader: %v", err)
					return
				}
				if _, err := on.History(ctx, store.HistoryQuery{Name: "TestA"}); err != nil {
					t.Errorf("reader: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	readers.Wait()
	total := 0
	for _, n := range firsts {
		total += n
	}
	if total != each {
		t.Errorf("%d filings were begun for the first time, want %d", total, each)
	}
	h, err := s.History(ctx, store.HistoryQuery{Name: "example.com/tasks/a"})
	if err != nil || h.FailedJobs != writers*each || h.Jobs != writers*each || h.Shown != 3*writers*each {
		t.Errorf("History = %+v, %v", h, err)
	}
}

// testOpenAtOnce opens an empty database by several at the same time.
func testOpenAtOnce(t *testing.T, d Database) {
	address := d.Fresh(t)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			s, err := d.Open(context.Background(), address)
			if err != nil {
				t.Errorf("opener %d: %v", i, err)
				return
			}
			defer s.Close()
			if err := s.Save(context.Background(), job(fmt.Sprintf("c%d", i), day(i))); err != nil {
				t.Errorf("opener %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// testMigrations goes up, down and up again, one step at a time.
func testMigrations(t *testing.T, d Database) {
	ctx := context.Background()
	address := d.Fresh(t)
	s, err := d.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, job("c1", day(0), failing("fp1", "race: err", "TestA")))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := d.SQL(address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	engine, err := d.Engine()
	if err != nil {
		t.Fatal(err)
	}
	p, err := sqlstore.Provider(db, engine)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(engine.Migrations, "*.sql")
	if err != nil || len(files) == 0 || len(files) != len(p.ListSources()) {
		t.Fatalf("migrations = %v, %v; the provider has %d", files, err, len(p.ListSources()))
	}
	// The newest step alone: it brings what an older program had written up to date.
	if _, err := p.Down(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(ctx); err != nil {
		t.Fatal(err)
	}
	Verify(t, db)
	for range files {
		if _, err := p.Down(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := p.GetDBVersion(ctx); err != nil || v != 0 {
		t.Errorf("version after all down = %d, %v", v, err)
	}
	if _, err := db.Exec("SELECT 1 FROM cases"); err == nil {
		t.Error("the table of cases is still there")
	}
	if _, err := p.Up(ctx); err != nil {
		t.Fatal(err)
	}
	s, err = d.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	save(t, s, job("c1", day(0), failing("fp1", "race: err", "TestA")))
	Verify(t, db)
}

// testNewer opens a database that a later version has changed.
func testNewer(t *testing.T, d Database) {
	s := open(t, d)
	db, err := d.SQL(s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO culprit_schema (version_id, is_applied) VALUES (999, true)"); err != nil {
		t.Fatal(err)
	}
	again, err := d.Open(context.Background(), s.address)
	if err == nil {
		again.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "use a newer culprit") {
		t.Errorf("Open = %v", err)
	}
}

// Columns gives the tables of an engine's migrations with their columns, so that
// those of two engines can be compared. Types, indexes and comments differ.
func Columns(t testing.TB, engine sqlstore.Engine) map[string][]string {
	t.Helper()
	names, err := fs.Glob(engine.Migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]string{}
	for _, name := range names {
		data, err := fs.ReadFile(engine.Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for _, line := range strings.Split(string(data), "\n") {
			words := strings.Fields(line)
			switch {
			case strings.HasPrefix(line, "CREATE TABLE "):
				table = words[2]
			case strings.HasPrefix(line, ")"):
				table = ""
			case table != "" && len(words) > 1 && words[0] != "--":
				tables[table] = append(tables[table], strings.TrimSuffix(strings.Join(words[:1], " "), ","))
			case strings.HasPrefix(line, "CREATE INDEX "), strings.HasPrefix(line, "DROP "):
				tables["others"] = append(tables["others"], line)
			}
		}
	}
	return tables
}

// Same fails when two engines do not have the same migrations.
func Same(t testing.TB, a, b sqlstore.Engine) {
	t.Helper()
	one, other := Columns(t, a), Columns(t, b)
	if len(one) < 10 {
		t.Fatalf("only %d tables were read", len(one))
	}
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("tables of %s and %s differ:\n%s", a.Name, b.Name, diff)
	}
}
