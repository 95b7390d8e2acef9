// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package phantom_test

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/phantom"
	"github.com/culprit-ci/culprit/internal/source"
)

// live runs one package of the live programs under the race detector, one -run
// pattern after the other, each as often as it takes until enough stacks were
// seen, and returns the access stacks by the top-level test in them. On a busy
// machine two goroutines may miss each other many times in a row.
func live(t *testing.T, pkg string, enough func(stacks map[string][][]culprit.Frame, pattern string) bool, patterns ...string) (*source.Tree, map[string][][]culprit.Frame) {
	t.Helper()
	ctx := context.Background()
	if ok, why, err := gocmd.RaceReady(ctx, ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	dir := t.TempDir()
	a, err := txtar.ParseFile("testdata/live/phantom.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		p := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, why, err := source.Open(ctx, dir)
	if tree == nil {
		t.Fatal(why, err)
	}
	stacks := map[string][][]culprit.Frame{}
	// One test a run: the detector suppresses reports with an equal address.
	for _, run := range patterns {
		for try := 0; try < 4 || try < 100 && !enough(stacks, run); try++ {
			collect(t, dir, pkg, run, stacks)
		}
	}
	return tree, stacks
}

// collect runs the tests of one pattern once and adds the stacks of what raced.
func collect(t *testing.T, dir, pkg, run string, stacks map[string][][]culprit.Frame) {
	t.Helper()
	ctx := context.Background()
	res, err := gocmd.Run(ctx, gocmd.Cmd{Dir: dir, Args: []string{"test", "-race", "-v", "-count=1", "-parallel=8", "-vet=off", "-run", run, "./" + pkg}})
	if err == nil {
		return
	}
	log, err := golog.Read(ctx, bytes.NewReader(res.Stdout), golog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range log.Packages {
		for _, r := range p.Reports {
			for _, acc := range r.Race.Accesses {
				name := testOf(acc)
				stacks[name] = append(stacks[name], acc.Stack)
			}
		}
	}
}

func testOf(a culprit.Access) string {
	for _, list := range [][]culprit.Frame{a.Stack, a.Created} {
		for i := len(list) - 1; i >= 0; i-- {
			if n := source.ParseSymbol(list[i].Func); strings.HasPrefix(n.Name, "Test") {
				return n.Name
			}
			if n := source.ParseSymbol(list[i].Func); strings.HasPrefix(n.Recv, "Test") {
				return n.Recv
			}
		}
	}
	return ""
}

// TestRecoveredPanics: every stale frame is flagged, and nothing else.
func TestRecoveredPanics(t *testing.T) {
	t.Parallel()
	tree, stacks := live(t, "phantom", func(stacks map[string][][]culprit.Frame, pattern string) bool {
		return len(stacks[pattern]) > 0
	}, "TestOwn", "TestNil", "TestJSON", "TestScan")
	flagged := 0
	seen := map[string]bool{}
	for name, list := range stacks {
		for _, stack := range list {
			checked, ruled, why, err := phantom.Check(context.Background(), tree, stack)
			if err != nil || why != "" {
				t.Fatal(why, err)
			}
			for i, f := range checked {
				// In these programs the true stack is the assignment in the subtest,
				// possibly below the method it calls, and package testing.
				base := path.Base(strings.ReplaceAll(f.File, `\`, "/"))
				isTrue := i == 0 || base == "testing.go"
				if isTrue == (f.Trust == culprit.TrustPhantom) {
					t.Errorf("%s: frame %d %s %s:%d is %s (%s)", name, i, f.Func, base, f.Line, f.Trust, f.Why)
				}
				if f.Trust == culprit.TrustPhantom {
					flagged++
					seen[name] = true
				}
			}
			helpers := slices.ContainsFunc(checked, func(f culprit.Frame) bool {
				return f.Trust == culprit.TrustPhantom && f.Func != checked[0].Func
			})
			if helpers != (len(ruled) > 0) {
				t.Errorf("%s: stale helpers: %v, ruled out: %+v", name, helpers, ruled)
			}
		}
	}
	for _, name := range []string{"TestOwn", "TestNil", "TestJSON", "TestScan"} {
		if !seen[name] {
			t.Errorf("%s: no stale frame in %d stacks: the program does not show what it is made for", name, len(stacks[name]))
		}
	}
	t.Logf("%d stale frames flagged in the stacks of %d tests", flagged, len(stacks))
}

// TestCleanStacks: no frame of a clean stack is ever called phantom.
func TestCleanStacks(t *testing.T) {
	t.Parallel()
	tree, stacks := live(t, "clean", func(stacks map[string][][]culprit.Frame, _ string) bool { return len(stacks) >= 15 }, "Test")
	if len(stacks) < 15 {
		t.Errorf("only %d of the programs raced", len(stacks))
	}
	count := map[culprit.Trust]int{}
	for name, list := range stacks {
		for _, stack := range list {
			checked, _, _, err := phantom.Check(context.Background(), tree, stack)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range checked {
				count[f.Trust]++
				if f.Trust == culprit.TrustPhantom {
					t.Errorf("%s: frame %d %s %s:%d of a clean stack is called phantom: %s", name, i, f.Func, filepath.Base(f.File), f.Line, f.Why)
				}
			}
		}
	}
	t.Logf("%d tests raced; frames: %v", len(stacks), count)
}
