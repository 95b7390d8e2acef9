// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/pgtest"
	"github.com/culprit-ci/culprit/internal/store/postgres"
	"github.com/culprit-ci/culprit/internal/store/sqlite"
	"github.com/culprit-ci/culprit/internal/store/storetest"
)

var server *pgtest.Server

func TestMain(m *testing.M) {
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { server = s }))
}

// both runs a test on each database; check verifies the sums of the store.
func both(t *testing.T, test func(t *testing.T, db store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "culprit.db")
		db, err := sqlite.Open(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		test(t, db)
		below, err := sqlite.OpenSQL(file)
		if err != nil {
			t.Fatal(err)
		}
		defer below.Close()
		storetest.Verify(t, below)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		pgtest.Need(t, server)
		address := server.Database(t)
		db, err := postgres.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		test(t, db)
		below, err := postgres.OpenSQL(address)
		if err != nil {
			t.Fatal(err)
		}
		defer below.Close()
		storetest.Verify(t, below)
	})
}

// logs writes n logs; every third fails. It gives their folder.
func logs(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		text := fmt.Sprintf("ok  \texample.com/tasks/a\t%d.1s\nok  \texample.com/tasks/b\t0.2s\n", i)
		if i%3 == 0 {
			text = fmt.Sprintf("--- FAIL: TestA%d (0.1s)\n    a_test.go:9: got %d\nFAIL\nFAIL\texample.com/tasks/a\t%d.1s\nok  \texample.com/tasks/b\t0.2s\nFAIL\n", i%2, i, i)
		}
		name := filepath.Join(dir, fmt.Sprintf("d%d", i%4), fmt.Sprintf("%d.log", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		day := time.Date(2026, 4, 1+i%9, 12, 0, 0, 0, time.UTC)
		if err := os.Chtimes(name, day, day); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestInterrupted ends a run in the middle and starts it again: nothing is lost,
// nothing is counted twice.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db store.Store) {
		dir := logs(t, 60)
		done := 0
		for stop := 7; done < 40; stop += 5 {
			ctx, cancel := context.WithCancel(t.Context())
			sum, err := Run(ctx, db, Options{Paths: []string{dir}, Workers: 3, Progress: func(s Summary) {
				if s.New >= stop {
					cancel()
				}
			}})
			cancel()
			if !errors.Is(err, context.Canceled) && err != nil || sum.Known < min(done, sum.Files) && err == nil {
				t.Fatalf("Run = %+v, %v", sum, err)
			}
			done += sum.New
		}
		sum, err := Run(t.Context(), db, Options{Paths: []string{dir}, Workers: 3})
		if err != nil || sum.Files != 60 || sum.New+sum.Known != 60 || len(sum.Unreadable) != 0 {
			t.Fatalf("Run = %+v, %v", sum, err)
		}
		sum, err = Run(t.Context(), db, Options{Paths: []string{dir}, Workers: 3})
		if err != nil || sum.Known != 60 {
			t.Fatalf("Run again = %+v, %v", sum, err)
		}
		sum, err = Run(t.Context(), db, Options{Paths: []string{dir}, Workers: 3, Again: true})
		if err != nil || sum.New != 60 || sum.Failed != 20 {
			t.Fatalf("Run with Again = %+v, %v", sum, err)
		}
		h, err := db.History(t.Context(), store.HistoryQuery{Name: "tasks/a", Limit: 1})
		if err != nil || h.Jobs != 60 || h.FailedJobs != 20 {
			t.Errorf("History = %+v, %v", h, err)
		}
		if last := h.Occurrences[0]; !last.Seen.Equal(time.Date(2026, 4, 7, 12, 0, 0, 0, time.UTC)) || !strings.HasPrefix(last.Source, dir) {
			t.Errorf("last = %+v", last)
		}
	})
}

// TestJob: what the log says wins over what the flags say.
func TestJob(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db store.Store) {
		file := filepath.Join(t.TempDir(), "job.log")
		var text strings.Builder
		for _, line := range []string{
			"##[group]Getting Git version info",
			"Syncing repository: theirs/repo",
			"--- FAIL: TestToken (0.1s)",
			"    token_test.go:3: ghp_0123456789abcdefghijABCDEFGHIJ012345 in /home/priya/src",
			"FAIL",
			"FAIL\texample.com/tasks/a\t0.1s",
		} {
			fmt.Fprintf(&text, "2026-05-06T07:08:09.1234567Z %s\n", line)
		}
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		job := culprit.Job{Repository: "our/repo", Branch: "main", Commit: "abc", PullRequest: 5, Name: "race"}
		sum, err := Run(t.Context(), db, Options{Paths: []string{file, file}, Job: job})
		if err != nil || sum.New != 1 || sum.Known != 1 || sum.Failed != 1 {
			t.Fatalf("Run = %+v, %v", sum, err)
		}
		h, err := db.History(t.Context(), store.HistoryQuery{})
		if err != nil || len(h.Occurrences) != 1 {
			t.Fatalf("History = %+v, %v", h, err)
		}
		o := h.Occurrences[0]
		if o.Repository != "theirs/repo" || o.Branch != "main" || o.Commit != "abc" || o.PullRequest != 5 || o.Job != "race" || o.Seen.Format(time.DateTime) != "2026-05-06 07:08:09" {
			t.Errorf("occurrence = %+v", o)
		}
		c, err := db.Load(t.Context(), o.Case)
		if err != nil {
			t.Fatal(err)
		}
		if evidence := c.Failures[0].Evidence.Text; !strings.Contains(evidence, "token_test.go:3") || strings.Contains(evidence, "ghp_0123") || strings.Contains(evidence, "priya") {
			t.Errorf("evidence = %q", evidence)
		}
	})
}

// TestStoreGone: when the store fails the run ends with its error, and does not
// go through the other files.
func TestStoreGone(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "culprit.db"))
	if err != nil {
		t.Fatal(err)
	}
	dir := logs(t, 50)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sum, err := Run(t.Context(), db, Options{Paths: []string{dir}, Workers: 2})
	if err == nil || !strings.Contains(err.Error(), "closed") || len(sum.Unreadable) != 0 {
		t.Errorf("Run = %+v, %v", sum, err)
	}
}
