// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/pgtest"
	"github.com/culprit-ci/culprit/internal/store/postgres"
	"github.com/culprit-ci/culprit/internal/store/sqlite"
)

// BenchmarkIngest puts 200 logs, or as many as CULPRIT_BENCH_LOGS says, into an
// empty store:
//
//	CULPRIT_BENCH_LOGS=10000 go test ./internal/ingest -run '^$' -bench Ingest -benchtime 1x -timeout 1h
//
// Each log is as a runner of GitHub writes it: time stamps, forty packages, in
// verbose mode 400 tests, and in every third one to three that fail. Again is the
// same run once more, when all logs are known.
func BenchmarkIngest(b *testing.B) {
	n := 200
	if s := os.Getenv("CULPRIT_BENCH_LOGS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	dir := b.TempDir()
	size := int64(0)
	for i := range n {
		text := benchLog(i, n)
		size += int64(len(text))
		name := filepath.Join(dir, strconv.Itoa(i%100), strconv.Itoa(i)+".log")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	measure := func(b *testing.B, open func() (store.Store, error)) {
		for b.Loop() {
			db, err := open()
			if err != nil {
				b.Fatal(err)
			}
			for _, again := range []bool{false, true} {
				start := time.Now()
				sum, err := Run(b.Context(), db, Options{Paths: []string{dir}, Workers: 2, Job: culprit.Job{Repository: "example/tasks", Name: "race"}})
				if err != nil || sum.Files != n || sum.New != n && !again || sum.Known != n && again {
					b.Fatalf("Run = %+v, %v", sum, err)
				}
				unit := "logs/s"
				if again {
					unit = "known-logs/s"
				}
				b.ReportMetric(float64(n)/time.Since(start).Seconds(), unit)
				if !again {
					b.ReportMetric(float64(size)/1e6/time.Since(start).Seconds(), "MB/s")
				}
			}
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("sqlite", func(b *testing.B) {
		measure(b, func() (store.Store, error) { return sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "culprit.db")) })
	})
	b.Run("postgres", func(b *testing.B) {
		pgtest.Need(b, server)
		measure(b, func() (store.Store, error) { return postgres.Open(b.Context(), server.Database(b)) })
	})
}

// benchLog writes the log of job i of n, which ran on one of 90 days.
func benchLog(i, n int) string {
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 90 * 24 * time.Hour / time.Duration(n))
	var b strings.Builder
	line := func(format string, args ...any) {
		at = at.Add(3 * time.Millisecond)
		fmt.Fprintf(&b, "%s %s\n", at.Format("2006-01-02T15:04:05.0000000Z"), fmt.Sprintf(format, args...))
	}
	failing := map[int]bool{}
	if i%3 == 0 {
		for k := range 1 + i%9/3 {
			failing[(i*7+k*13)%400%(40+i%360)] = true
		}
	}
	for p := range 40 {
		failed := false
		for t := range 10 {
			name := fmt.Sprintf("TestThing%d", p*10+t)
			line("=== RUN   %s", name)
			line("=== PAUSE %s", name)
			line("=== CONT  %s", name)
			if failing[p*10+t] {
				failed = true
				line("    thing_test.go:%d: got %d, want 4", 10+t, i%7)
				line("--- FAIL: %s (0.%02ds)", name, i%100)
				continue
			}
			line("--- PASS: %s (0.%02ds)", name, i%100)
		}
		if failed {
			line("FAIL")
			line("FAIL\texample.com/tasks/p%d\t0.%03ds", p, i%1000)
		} else {
			line("PASS")
			line("ok  \texample.com/tasks/p%d\t0.%03ds", p, i%1000)
		}
	}
	return b.String()
}
