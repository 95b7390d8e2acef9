// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// find returns the story with a name.
func find(tb testing.TB, name string) *story {
	tb.Helper()
	for _, s := range stories(tb) {
		if s.name() == name {
			return s
		}
	}
	tb.Fatalf("no story %s", name)
	return nil
}

// BenchmarkTriage triages one race of a package that imports net/http, with a
// warm build cache. golist/op is what the go command alone needs to list that
// package with its dependencies and their export data; x is how many times that
// the whole triage takes, and cause-x without the stage that builds a patch.
func BenchmarkTriage(b *testing.B) {
	s := find(b, "race-http-handler")
	dir, log := s.tree(b), s.section("log")
	bench(b, dir, log, "requests")
}

// BenchmarkTriageLarge does the same in a package of 100,000 lines and reports
// the memory that the process got from the system, which never shrinks.
func BenchmarkTriageLarge(b *testing.B) {
	s := find(b, "race-http-handler")
	dir, log := s.tree(b), s.section("log")
	for i := range 100 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("large%d.go", i)), large(i), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	bench(b, dir, log, "requests")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
}

// large is a file of 1,000 lines that is like other code: structs, methods, maps.
func large(i int) []byte {
	var buf bytes.Buffer
	fmt.Fprint(&buf, "package m\n\n")
	for j := range 45 {
		name := fmt.Sprintf("T%dx%d", i, j)
		buf.WriteString(strings.ReplaceAll(`type NAME struct {
	name  string
	count map[string]int
	list  []*NAME
}

func (t *NAME) Add(k string, n int) (sum int, err error) {
	if t.count == nil {
		t.count = map[string]int{}
	}
	t.count[k] += n
	for _, c := range t.list {
		s, err := c.Add(k, n)
		if err != nil {
			return 0, err
		}
		sum += s
	}
	func() { sum += len(t.name) }()
	return sum + t.count[k], nil
}

`, "NAME", name))
	}
	return buf.Bytes()
}

func bench(b *testing.B, dir string, log []byte, subject string) {
	ctx := context.Background()
	list := func() {
		// The environment is the one that the triage's own load has.
		cmd := gocmd.Cmd{Dir: dir, Env: []string{"CGO_ENABLED=0"}, Args: []string{"list", "-deps", "-export", "-test", "."}}
		if res, err := gocmd.Run(ctx, cmd); err != nil {
			b.Fatal(err, string(res.Stderr))
		}
	}
	triage := func() *culprit.Case {
		c, err := engine.Triage(ctx, engine.Input{Log: bytes.NewReader(log), Repo: dir})
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	list()
	if c := triage(); c.Failures[0].Cause == nil || c.Failures[0].Cause.Subject != subject {
		b.Fatalf("the triage found %+v", c.Failures[0].Cause)
	}
	var listing, patching time.Duration
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		start := time.Now()
		list()
		listing += time.Since(start)
		b.StartTimer()
		for _, s := range triage().Steps {
			if s.Stage == culprit.StageFix {
				patching += time.Duration(s.Seconds * float64(time.Second))
			}
		}
	}
	per := float64(listing.Nanoseconds()) / float64(b.N)
	b.ReportMetric(per, "golist-ns/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/per, "x")
	b.ReportMetric(float64((b.Elapsed()-patching).Nanoseconds())/float64(b.N)/per, "cause-x")
}
