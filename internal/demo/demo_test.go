// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/demo"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

func build(t *testing.T) *demo.Repo {
	t.Helper()
	r, err := demo.Build(context.Background(), filepath.Join(t.TempDir(), "repo"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBuildIsDeterministic(t *testing.T) {
	t.Parallel()
	var heads []string
	for range 2 {
		out, err := gitx.Run(context.Background(), build(t).Dir, gitx.Options{}, "rev-parse", "HEAD")
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, string(out))
	}
	if heads[0] != heads[1] {
		t.Errorf("two builds have different commits: %q", heads)
	}
}

func TestBuildRefusesAFullFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Build(context.Background(), dir); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v, want an error that says the folder is not empty", err)
	}
}

// TestStory is the first user's case on a real run: what the report must say,
// whatever interleaving the run had.
func TestStory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	if ok, why, err := gocmd.RaceReady(ctx, ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	r := build(t)
	if _, err := gocmd.Run(ctx, gocmd.Cmd{Dir: r.Dir, Args: []string{"vet", "./..."}}); err != nil {
		t.Errorf("the tree does not vet: %v", err)
	}
	log := filepath.Join(t.TempDir(), "test.log")
	if _, err := r.Fail(ctx, log, nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := engine.Triage(ctx, engine.Input{Log: f, Repo: r.Dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Failures) != 1 || c.Failures[0].Kind != culprit.KindDataRace || c.Failures[0].Cause == nil {
		t.Fatalf("want one data race with a cause, got %d failures; steps: %+v", len(c.Failures), c.Steps)
	}
	checkCause(t, c.Failures[0], r.Dir)
	checkOtherCommit(t, r.Dir, log)
	checkRoles(t, c.Failures[0])
	checkPeople(t, c.Failures[0])
	if fx := c.Failures[0].Fix; fx == nil || fx.Status != culprit.FixBuilds {
		t.Errorf("fix: got %+v, want one that builds", fx)
	}
	if len(c.Failures[0].Siblings) == 0 || c.Failures[0].Siblings[0].Subject != "tooLong" {
		t.Errorf("siblings: got %+v, want tooLong", c.Failures[0].Siblings)
	}
}

// checkOtherCommit: lines of one commit are never blamed at another.
func checkOtherCommit(t *testing.T, dir, log string) {
	t.Helper()
	for rev, want := range map[string]int{"HEAD": 3, "HEAD~2": 0, "nonsense": 0} {
		f, err := os.Open(log)
		if err != nil {
			t.Fatal(err)
		}
		c, err := engine.Triage(context.Background(), engine.Input{Log: f, Repo: dir, Commit: rev})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got := len(c.Failures[0].Blame); got != want {
			t.Errorf("--commit %s: %d lines blamed, want %d", rev, got, want)
		}
	}
}

func checkCause(t *testing.T, f *culprit.Failure, dir string) {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(dir, "sdk/toolsdk/toolsdk_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	line := func(n int) string { return strings.TrimSpace(strings.Split(string(src), "\n")[n-1]) }
	c := f.Cause
	if c.Subject != "err" || line(c.Declared.Line) != "ws, err := client.Workspace(t.Context(), r.ID)" {
		t.Errorf("subject %s declared at %q", c.Subject, line(c.Declared.Line))
	}
	if c.Grade != culprit.GradeLocated || c.Pattern != culprit.PatternCapturedOuterVariable {
		t.Errorf("grade %s, pattern %s", c.Grade, c.Pattern)
	}
	if len(c.Sites) != 2 || c.Sites[0].Line == c.Sites[1].Line {
		t.Fatalf("sites %+v", c.Sites)
	}
	for _, s := range c.Sites {
		if !strings.HasPrefix(line(s.Line), "err = store.UpdateAppHealth(") || s.Op != culprit.OpWrite {
			t.Errorf("site %d is a %s in %q", s.Line, s.Op, line(s.Line))
		}
	}
	if !slices.ContainsFunc(c.RuledOut, func(r culprit.RuledOut) bool { return strings.Contains(r.What, "dbfake") }) {
		t.Errorf("dbfake is not ruled out: %+v", c.RuledOut)
	}
	for _, a := range f.Race.Accesses {
		if len(a.Stack) < 3 || a.Stack[0].Trust != culprit.TrustOK || a.Stack[len(a.Stack)-1].Trust != culprit.TrustOK {
			t.Errorf("the ends of the stack must hold: %+v", a.Stack)
		}
	}
}

func checkRoles(t *testing.T, f *culprit.Failure) {
	t.Helper()
	var raced []string
	for _, x := range f.Tests {
		switch x.Role {
		case culprit.RoleCause:
			raced = append(raced, x.Name)
		case culprit.RoleUnknown:
			t.Errorf("%s has no role: %s", x.Name, x.Why)
		}
	}
	slices.Sort(raced)
	if want := []string{"TestTools/GetTaskLogs", "TestTools/SendTaskInput"}; !slices.Equal(raced, want) {
		t.Errorf("raced: %v, want %v", raced, want)
	}
}

func checkPeople(t *testing.T, f *culprit.Failure) {
	t.Helper()
	commits := map[string]string{}
	for _, b := range f.Blame {
		if b.Role == culprit.BlameAccess {
			commits[b.Commit] = b.Subject
			if b.FlakeFix == "" || b.PullRequest != 21 {
				t.Errorf("blamed commit: flake fix %q, pull request %d", b.FlakeFix, b.PullRequest)
			}
		}
	}
	if len(commits) != 1 {
		t.Errorf("accesses are blamed on %v, want one commit", commits)
	}
	if len(f.Owners) == 0 || !strings.HasPrefix(f.Owners[0].Who, "Priya Raman") {
		t.Errorf("owners %+v, want the author of both writes first", f.Owners)
	}
}
