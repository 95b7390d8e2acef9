// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// held is a program in which the caller of one racing function holds the lock
// that the other one lacks: to take it at both ends the race and hangs.
const held = `package m

import (
	"sync"
	"testing"
)

type store struct {
	mu sync.Mutex
	n  int
}

func (s *store) Add() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bump()
}

func (s *store) bump() {
	s.n++
}

func (s *store) Reset() {
	s.n = 0
}

func TestStore(t *testing.T) {
	s := &store{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(s.Add)
		wg.Go(s.Reset)
	}
	wg.Wait()
}

func TestOther(t *testing.T) {}
`

// failing makes a module of one test file, runs it until the detector reports,
// and triages that.
func failing(t *testing.T, src string) (string, *culprit.Case) {
	t.Helper()
	ctx := context.Background()
	if ok, why, err := gocmd.RaceReady(ctx, ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "m_test.go": src} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		res, err := gocmd.Run(ctx, gocmd.Cmd{Dir: dir, Args: []string{"test", "-race", "-json", "-count=1", "-vet=off", "."}})
		var exit *gocmd.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if !bytes.Contains(res.Stdout, []byte("WARNING: DATA RACE")) {
			continue
		}
		c, err := engine.Triage(ctx, engine.Input{Log: bytes.NewReader(res.Stdout), Repo: dir})
		if err != nil {
			t.Fatal(err)
		}
		return dir, c
	}
	t.Fatal("the detector never reported a race")
	return "", nil
}

// about keeps the failure whose cause is s.n with the sites in bump and Reset.
func about(t *testing.T, c *culprit.Case, src string) *culprit.Failure {
	t.Helper()
	line := func(s string) int { return strings.Count(src[:strings.Index(src, s)], "\n") + 1 }
	for _, f := range c.Failures {
		if f.Race == nil {
			continue
		}
		// What the cause stage says of fields is not under test here.
		f.Cause = &culprit.Cause{
			Pattern: culprit.PatternPartialLock, Subject: "s.n", Kind: culprit.SubjectField, Grade: culprit.GradeLocated,
			Declared: culprit.Pos{File: "m_test.go", Line: line("n  int"), Column: 2},
			Sites: culprit.List[culprit.Site]{
				{Pos: culprit.Pos{File: "m_test.go", Line: line("s.n++"), Column: 2}, Op: culprit.OpWrite},
				{Pos: culprit.Pos{File: "m_test.go", Line: line("s.n = 0"), Column: 2}, Op: culprit.OpWrite},
			},
		}
		c.Failures = culprit.List[*culprit.Failure]{f}
		return f
	}
	t.Fatal("no race among the failures")
	return nil
}

// TestProve: a repair that ends the race and hangs is refused by running it, the
// next one holds; and the second time nothing is left to do.
func TestProve(t *testing.T) {
	t.Parallel()
	dir, c := failing(t, held)
	f := about(t, c, held)
	var saved []byte
	in := engine.ProveInput{Case: c, Repo: dir, Budget: 10 * time.Minute, Save: func(c *culprit.Case) error {
		var err error
		saved, err = json.Marshal(c)
		return err
	}}
	if err := engine.Prove(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	if f.Repro == nil || f.Repro.AmplifiedBefore == nil || f.Repro.AmplifiedBefore.Failed == 0 {
		t.Fatalf("repro %+v, steps %+v", f.Repro, c.Steps)
	}
	if f.Fix == nil || f.Fix.Status != culprit.FixVerified || f.Fix.Strategy != fix.ItsLock || !strings.Contains(f.Fix.Patch, "+\ts.mu.Lock()\n \ts.n = 0") {
		t.Fatalf("fix %+v", f.Fix)
	}
	hung := false
	for _, a := range f.Fix.Tried {
		for _, ch := range a.Checks {
			hung = hung || !ch.Passed && ch.Name == "failing tests end" && strings.Contains(a.Patch, "+\ts.mu.Lock()\n \ts.n++")
		}
	}
	if !hung {
		t.Errorf("no repair was refused for hanging: %+v", f.Fix.Tried)
	}
	if f.Cause.Grade != culprit.GradeMeasured || f.Repro.AmplifiedAfter.Failed != 0 {
		t.Errorf("cause %+v, repro %+v", f.Cause, f.Repro)
	}
	before := bytes.Clone(saved)
	again := &culprit.Case{}
	if err := json.Unmarshal(before, again); err != nil {
		t.Fatal(err)
	}
	in.Case = again
	if err := engine.Prove(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, before) {
		t.Errorf("a second proof changed the case:\n%s\nwas\n%s", saved, before)
	}
}

// TestProveRefusesPatches: what does not order the accesses is refused, whatever
// it looks like.
func TestProveRefusesPatches(t *testing.T) {
	t.Parallel()
	dir, c := failing(t, held)
	f := about(t, c, held)
	f.Siblings = culprit.List[culprit.Sibling]{{Pos: culprit.Pos{File: "m_test.go", Line: 1}}}
	for name, p := range map[string]struct{ old, new, check string }{
		"another lock": {"\ts.n = 0\n", "\tvar mu sync.Mutex\n\tmu.Lock()\n\ts.n = 0\n\tmu.Unlock()\n", "the race is gone"},
		"hangs":        {"\ts.n++\n", "\ts.mu.Lock()\n\ts.n++\n\ts.mu.Unlock()\n", "failing tests end"},
		"fails after":  {"\ts.n = 0\n", "\ts.mu.Lock()\n\ts.n = 0\n\tpanic(\"reset\")\n", "failing tests pass with -race"},
	} {
		after := strings.Replace(held, p.old, p.new, 1)
		patch := "diff --git a/m_test.go b/m_test.go\n" + udiff.Unified("a/m_test.go", "b/m_test.go", held, after)
		if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: 10 * time.Minute, Patch: patch}); err != nil {
			t.Fatal(err)
		}
		if f.Fix == nil || f.Fix.Status != culprit.FixRejected {
			t.Errorf("%s: fix %+v", name, f.Fix)
			continue
		}
		if i := slices.IndexFunc(f.Fix.Checks, func(c culprit.Check) bool { return !c.Passed }); i < 0 || f.Fix.Checks[i].Name != p.check {
			t.Errorf("%s: refused by %+v, want %s", name, f.Fix.Checks, p.check)
		}
		if !strings.Contains(f.Fix.Note, "m_test.go:1") {
			t.Errorf("%s: the instance that is left is not told: %q", name, f.Fix.Note)
		}
	}
}

// twice has the same mistake in two tests.
const twice = `package m

import (
	"errors"
	"sync"
	"testing"
)

func work() error { return errors.New("x") }

func TestOne(t *testing.T) {
	var err error
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err = work(); err == nil {
				t.Error("no error")
			}
		})
	}
	wg.Wait()
}

func TestTwo(t *testing.T) {
	var err error
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err = work(); err == nil {
				t.Error("no error")
			}
		})
	}
	wg.Wait()
}
`

// TestProveTellsWhatIsLeft: a patch that mends one of two identical instances says
// where the other one is.
func TestProveTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	dir, c := failing(t, twice)
	line := func(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }
	first, second := strings.Index(twice, "var err error"), strings.LastIndex(twice, "var err error")
	i := slices.IndexFunc(c.Failures, func(f *culprit.Failure) bool { return f.Cause != nil && f.Cause.Subject == "err" })
	if i < 0 {
		t.Fatalf("neither race showed: %+v", c.Failures)
	}
	f := c.Failures[i]
	c.Failures = culprit.List[*culprit.Failure]{f}
	// The one that showed is mended, and the other one has to be told.
	mended, other := first, second
	if f.Cause.Declared.Line == line(twice, second) {
		mended, other = second, first
	}
	after := twice[:mended] + strings.Replace(strings.Replace(twice[mended:], "var err error\n\t", "", 1), "if err = work()", "if err := work()", 1)
	patch := "diff --git a/m_test.go b/m_test.go\n" + udiff.Unified("a/m_test.go", "b/m_test.go", twice, after)
	if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: 5 * time.Minute, Patch: patch}); err != nil {
		t.Fatal(err)
	}
	// The write of the instance that is left.
	want := fmt.Sprintf("the same class remains, untouched by the patch, at m_test.go:%d", line(twice, other+strings.Index(twice[other:], "err = work()")))
	if f.Fix == nil || f.Fix.Note != want {
		t.Fatalf("fix %+v, siblings %+v, want %q", f.Fix, f.Siblings, want)
	}
}

// early reads before the receive that says that the value is there.
const early = `package m

import "testing"

func TestEarly(t *testing.T) {
	name := ""
	done := make(chan bool)
	go func() {
		name = t.Name()
		done <- true
	}()
	if name != "" && name != "TestEarly" {
		t.Errorf("the name is %q", name)
	}
	<-done
}
`

// TestProveReadAfterReceive: what waits for the write is there, and only stands too
// far down.
func TestProveReadAfterReceive(t *testing.T) {
	t.Parallel()
	dir, c := failing(t, early)
	if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: 5 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	f := c.Failures[0]
	if f.Fix == nil || f.Fix.Status != culprit.FixVerified || f.Fix.Strategy != fix.ReadAfter {
		t.Errorf("fix %+v, cause %+v, steps %+v", f.Fix, f.Cause, c.Steps)
	}
}
