// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// module writes files (name, text, …) as a module example.com/m.
func module(t *testing.T, files ...string) string {
	t.Helper()
	if ok, why, err := gocmd.RaceReady(context.Background(), ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	dir := t.TempDir()
	files = append(files, "go.mod", "module example.com/m\n\ngo 1.26\n")
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sandbox opens one that the test's end closes.
func sandbox(t *testing.T, dir string) *Sandbox {
	t.Helper()
	s, why, err := Open(context.Background(), dir, "", nil)
	if s == nil {
		t.Fatal(why, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// failure is a race between two marked lines of a package in the module.
func failure(dir string, files map[string]string, test string, marks [2][2]string) *culprit.Failure {
	f := &culprit.Failure{ID: "f1", Kind: culprit.KindDataRace, Package: "example.com/m", Race: &culprit.Race{},
		Tests: culprit.List[culprit.TestRef]{{Name: test, Role: culprit.RoleCause}}}
	for _, m := range marks {
		text := files[m[0]]
		line := strings.Count(text[:strings.Index(text, m[1])], "\n") + 1
		f.Race.Accesses = append(f.Race.Accesses, culprit.Access{
			File: m[0], Line: line, Stack: culprit.List[culprit.Frame]{{Func: "", File: m[0], Line: line}},
		})
	}
	return f
}

// hidden races only when the two goroutines meet: left alone, the lock that both
// take orders the write before the read.
const hidden = `package m

import (
	"sync"
	"testing"
	"time"

	"example.com/m/p"
)

func TestHidden(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	c := &p.Counter{}
	wg.Go(func() {
		c.Add()
		mu.Lock()
		mu.Unlock()
	})
	wg.Go(func() {
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		mu.Unlock()
		if c.N > 1 { // READ
			t.Error(c.N)
		}
	})
	wg.Wait()
}
`

const counter = `package p

type Counter struct{ N int }

func (c *Counter) Add() { c.N++ } // WRITE
`

// TestDelaysMakeARareRaceShow is the amplifier's purpose: sites in two packages,
// a one-line function and a condition, and a lock that hides the race.
func TestDelaysMakeARareRaceShow(t *testing.T) {
	t.Parallel()
	files := map[string]string{"m_test.go": hidden, "p/p.go": counter}
	s := sandbox(t, module(t, "m_test.go", hidden, "p/p.go", counter))
	f := failure(s.Tree, files, "TestHidden", [2][2]string{{"p/p.go", "WRITE"}, {"m_test.go", "READ"}})
	target := &Target{Dir: ".", Module: ".", ModulePath: "example.com/m", Patterns: []string{"^TestHidden$"}, Points: points(f)}
	ctx, m := context.Background(), s.NewMatcher(f, nil)
	bin, why, err := s.Prepare(ctx, target, "x", nil)
	if bin == nil || bin.Why != "" {
		t.Fatal(bin, why, err)
	}
	trials := s.NewTrials(m, nil)
	late := time.Now().Add(5 * time.Minute)
	off, err := trials.Measure(ctx, bin.Binary, Setting{}, 5, 2, late, nil)
	if err != nil || off.Runs != 5 || off.Failed != 0 {
		t.Fatalf("without delays: %+v, %v", off, err)
	}
	on, err := trials.Measure(ctx, bin.Binary, Setting{Delay: ModeMeet, Wait: 2 * time.Second}, 5, 2, late, nil)
	if err != nil || on.Hits != 5 {
		t.Fatalf("with delays: %+v, %v", on, err)
	}
	// Another race is not this one.
	other := failure(s.Tree, files, "TestHidden", [2][2]string{{"p/p.go", "package"}, {"m_test.go", "package"}})
	x, err := s.NewTrials(s.NewMatcher(other, nil), nil).Measure(ctx, bin.Binary, Setting{Delay: ModeMeet, Wait: 2 * time.Second}, 1, 1, late, nil)
	if err != nil || x.Hits != 0 || len(x.Others) != 1 {
		t.Errorf("looking for another race: %+v, %v", x, err)
	}
}

// reached races only when the entry is there before the update begins, and the
// goroutines are started so that it is not.
const reached = `package m

import (
	"sync"
	"testing"
	"time"
)

var (
	mu      sync.Mutex
	entries = map[string]*int{}
)

func update() {
	mu.Lock()
	defer mu.Unlock()
	for _, e := range entries {
		*e = 1 // WRITE
	}
}

func add(t *testing.T) {
	time.Sleep(5 * time.Millisecond)
	e := new(int)
	mu.Lock()
	entries["a"] = e
	mu.Unlock()
	if *e > 1 { // READ
		t.Error(*e)
	}
}

func TestReached(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		add(t)
	}()
	go func() {
		defer wg.Done()
		update()
	}()
	wg.Wait()
}
`

// TestLateStartReachesTheAccess: what a goroutine finds when it gets there decides
// whether it makes the access at all, so that the start is what has to be late.
func TestLateStartReachesTheAccess(t *testing.T) {
	t.Parallel()
	files := map[string]string{"m_test.go": reached}
	s := sandbox(t, module(t, "m_test.go", reached))
	f := failure(s.Tree, files, "TestReached", [2][2]string{{"m_test.go", "WRITE"}, {"m_test.go", "READ"}})
	for side, fn := range []string{"TestReached.func2", "TestReached.func1"} {
		a := &f.Race.Accesses[side]
		a.Stack[0].Func = "example.com/m." + []string{"update", "add"}[side]
		call := []string{"\t\tupdate()", "\t\tadd(t)"}[side]
		line := strings.Count(reached[:strings.Index(reached, call)], "\n") + 1
		a.Stack = append(a.Stack, culprit.Frame{Func: "example.com/m." + fn, File: "m_test.go", Line: line})
	}
	target := &Target{Dir: ".", Module: ".", ModulePath: "example.com/m", Patterns: []string{"^TestReached$"}, Points: append(points(f), startPoints(f)...)}
	if len(target.Points) != 4 || target.self() {
		t.Fatalf("points %+v", target.Points)
	}
	bin, why, err := s.Prepare(t.Context(), target, "x", nil)
	if bin == nil || bin.Why != "" {
		t.Fatal(bin, why, err)
	}
	trials := s.NewTrials(s.NewMatcher(f, nil), nil)
	late := time.Now().Add(5 * time.Minute)
	for mode, want := range map[Mode]int{ModeOff: 0, ModeSecondStart: 0, ModeFirstStart: 5} {
		x, err := trials.Measure(t.Context(), bin.Binary, Setting{Delay: mode, Wait: time.Second}, 5, 2, late, nil)
		if err != nil || x.Hits != want {
			t.Errorf("%q: %d of %d runs, want %d; %v", mode, x.Hits, x.Runs, want, err)
		}
	}
}
