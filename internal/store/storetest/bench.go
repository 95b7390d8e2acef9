// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/sqlstore"
)

// benchOutcomes is the environment variable with the number of outcomes that
// [Bench] fills a database with.
const benchOutcomes = "CULPRIT_BENCH_OUTCOMES"

// The shape of the filled database: each job shows ten failures, each of them
// five tests that failed by it, and ran twenty packages. All outcomes are rows of
// tests that did not pass, the only ones the store has one by one: in a project
// where one test in a hundred fails they stand for a hundred times as many.
const (
	perFailure  = 5
	perJob      = 10
	packages    = 400
	perJobRun   = 20
	causes      = 5000
	spread      = 180 // days
	benchedDay0 = 20500
)

// Bench measures the questions on a database of many outcomes, 100,000 or as
// many as CULPRIT_BENCH_OUTCOMES says:
//
//	CULPRIT_BENCH_OUTCOMES=10000000 go test ./internal/store/... -run '^$' -bench Questions -benchtime 20x -timeout 1h
func Bench(b *testing.B, d Database) {
	n := 100_000
	if s := os.Getenv(benchOutcomes); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	address := d.Fresh(b)
	s, err := d.Open(ctx, address)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	db, err := d.SQL(address)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	jobs := fill(b, db, n)
	b.Logf("filled with %d outcomes of %d jobs in %.0f s", n, jobs, time.Since(start).Seconds())

	last := time.Unix(86400*(benchedDay0+spread), 0).UTC()
	flakes := func(q store.FlakeQuery) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if f, err := s.Flakes(ctx, q); err != nil || len(f.List) == 0 {
					b.Fatalf("Flakes = %+v, %v", f, err)
				}
			}
		}
	}
	history := func(q store.HistoryQuery) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if h, err := s.History(ctx, q); err != nil || len(h.Occurrences) == 0 {
					b.Fatalf("History = %+v, %v", h, err)
				}
			}
		}
	}
	b.Run("flakes/30d", flakes(store.FlakeQuery{Since: last.AddDate(0, 0, -30)}))
	b.Run("flakes/30d/repository", flakes(store.FlakeQuery{Since: last.AddDate(0, 0, -30), Repository: "example/tasks"}))
	b.Run("flakes/all", flakes(store.FlakeQuery{}))
	b.Run("flakes/all/100", flakes(store.FlakeQuery{Limit: 100}))
	b.Run("history/test", history(store.HistoryQuery{Name: "Test77/2"}))
	b.Run("history/rare-test", history(store.HistoryQuery{Name: "Test4077/2"}))
	b.Run("history/package/30d", history(store.HistoryQuery{Name: "example.com/tasks/p7", Since: last.AddDate(0, 0, -30)}))
	b.Run("history/title", history(store.HistoryQuery{Name: "data race: v4077 "}))
	b.Run("match", func(b *testing.B) {
		f := &culprit.Failure{Kind: culprit.KindDataRace, Title: "data race: v77 ", Fingerprint: "fp77"}
		for b.Loop() {
			if c, err := s.Match(ctx, "example/tasks", f, ""); err != nil || len(c) != 1 {
				b.Fatalf("Match = %+v, %v", c, err)
			}
		}
	})
	b.Run("save", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if err := s.Save(ctx, job(fmt.Sprintf("new%d/%d", b.N, i), last, at("c", "main", 0), failing("fp77", "data race: v77 ", "Test77/2"))); err != nil {
				b.Fatal(err)
			}
		}
	})
	Verify(b, db)
}

// fill writes the tables by their own SQL, which both databases take, and the
// sums by the definition that [Verify] has of them.
func fill(b *testing.B, db *sql.DB, outcomes int) (jobs int) {
	b.Helper()
	jobs = outcomes / perFailure / perJob
	const numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i < %d) "
	series := func(n int) string { return fmt.Sprintf(numbers, n-1) }
	seen := fmt.Sprintf("(CAST(%d AS BIGINT) * 86400000000 + CAST(j.i AS BIGINT) * %d)", benchedDay0, int64(spread)*86_400_000_000/int64(jobs))
	day := "(" + seen + " / 86400000000)"
	// Half of the failures are of the fifty worst causes.
	cause := fmt.Sprintf("(1 + CASE WHEN k.k %% 2 = 0 THEN (j.i * 7 + k.k * 13) %% 50 ELSE (j.i * 31 + k.k * 577) %% %d END)", causes)
	j := "(SELECT i FROM n) j"
	k := fmt.Sprintf("(SELECT i AS k FROM (%s SELECT i FROM n) AS z) k", series(perJob))
	t := fmt.Sprintf("(SELECT i AS t FROM (%s SELECT i FROM n) AS z) t", series(perFailure))
	p := fmt.Sprintf("(SELECT i AS p FROM (%s SELECT i FROM n) AS z) p", series(perJobRun))
	// PostgreSQL does not see that numbers were given and not drawn.
	ahead := "SELECT 1"
	if _, err := db.Exec("SELECT pg_backend_pid()"); err == nil {
		ahead = "SELECT setval(pg_get_serial_sequence('cases', 'seq'), (SELECT MAX(seq) FROM cases)), setval(pg_get_serial_sequence('causes', 'seq'), (SELECT MAX(seq) FROM causes))"
	}
	line := "CASE WHEN j.i / 8 % 4 = 0 THEN '=main' WHEN j.i / 8 % 4 = 1 THEN '=b' || (j.i / 8 % 700) ELSE '#' || (1 + j.i / 8 % 900) END"
	for _, statement := range []string{
		series(packages) + "INSERT INTO packages SELECT 1 + i, 'example/tasks', 'example.com/tasks/p' || i FROM n",
		series(causes) + `INSERT INTO causes SELECT 1 + i, 'key' || (1 + i), 'example/tasks', 'data-race', 1 + i % ` + strconv.Itoa(packages) + `,
			'data race: v' || (1 + i) || ' ', 'fp' || (1 + i), 'owner' || (i % 40), 0, 0, '', 0, '', '' FROM n`,
		series(causes) + "INSERT INTO cause_names SELECT 'example/tasks', 'title \ndata race: v' || (1 + i) || ' ', 1 + i FROM n",
		series(causes) + "INSERT INTO cause_names SELECT 'example/tasks', 'fingerprint fp' || (1 + i), 1 + i FROM n",
		series((causes+1)*perFailure) + "INSERT INTO tests SELECT i, 1 + i / 5 % " + strconv.Itoa(packages) + ", 'Test' || (i / 5) || '/' || (i % 5) FROM n",
		series(jobs) + `INSERT INTO cases SELECT 1 + j.i, 'case' || j.i, 'example/tasks', 'github', j.i / 4, j.i, 1, 'job' || (j.i % 4), 'ci', '',
			'commit' || (j.i / 8), '', 0, ` + line + `, 'github ' || (j.i / 4) || '/1', 'failed', 'sha' || j.i, '', ` + seen + `, 0, 1, '{}' FROM ` + j,
		series(jobs) + `INSERT INTO package_runs SELECT 1 + j.i, 1 + (j.i + p.p * 20) % ` + strconv.Itoa(packages) + `,
			CASE WHEN (j.i + p.p) % 9 = 0 THEN 'fail' ELSE 'pass' END, 50, 0, 0, 0, 0, ` + day + " FROM " + j + ", " + p,
		series(jobs) + `INSERT INTO failures SELECT 1 + j.i, 'f' || k.k, ` + cause + ", 'data-race', 1 + (" + cause + "-1) % " + strconv.Itoa(packages) + `,
			'data race', ` + day + ", " + line + ", CASE WHEN j.i / 8 % 4 = 0 THEN 'main' ELSE 'b' || (j.i / 8 % 900) END, 'github ' || (j.i / 4) || '/1', " + seen + ", CASE WHEN j.i % 7 = 0 THEN 1 ELSE 0 END FROM " + j + ", " + k,
		series(jobs) + "INSERT INTO outcomes SELECT 1 + j.i, " + cause + ` * 5 + t.t, 'fail', 'cause', 'f' || k.k, 1, 1, 0, 0, ` + seen + " FROM " + j + ", " + k + ", " + t + ` WHERE true
			ON CONFLICT DO NOTHING`,
		"INSERT INTO cause_days (day, cause, runs, jobs, proven) " + sums["cause_days"][1],
		"INSERT INTO cause_blocks (cause, block, runs, jobs, days, proven) " + sums["cause_blocks"][1],
		"INSERT INTO cause_lines (cause, line, head, last_seen, own) SELECT cause, line, MAX(head), MAX(seen_at), 0 FROM failures GROUP BY cause, line",
		"UPDATE cause_lines AS l SET own = " + sqlstore.OwnLine,
		"INSERT INTO package_days " + sums["package_days"][1],
		`UPDATE causes SET first_seen = COALESCE((SELECT MIN(seen_at) FROM failures WHERE cause = seq), 0),
			last_seen = COALESCE((SELECT MAX(seen_at) FROM failures WHERE cause = seq), 0)`,
		"DELETE FROM causes WHERE last_seen = 0",
		ahead,
		"ANALYZE",
	} {
		start := time.Now()
		if _, err := db.Exec(statement); err != nil {
			b.Fatalf("%v in %s", err, statement)
		}
		if took := time.Since(start); took > 5*time.Second {
			_, what, _ := strings.Cut(statement, "INSERT INTO ")
			b.Logf("%.0f s: %.14s", took.Seconds(), what)
		}
	}
	var have int
	if err := db.QueryRow("SELECT COUNT(*) FROM outcomes").Scan(&have); err != nil || have < outcomes*8/10 {
		b.Fatalf("%d outcomes were written, %v", have, err)
	}
	b.Logf("%d rows of outcomes", have)
	return jobs
}
