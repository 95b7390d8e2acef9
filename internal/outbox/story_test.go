// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/ghapi/ghtest"
	"github.com/culprit-ci/culprit/internal/outbox"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/store/sqlite"
	"github.com/culprit-ci/culprit/internal/tracker/github"
	"github.com/culprit-ci/culprit/internal/wire"
)

// killed is what a process that dies at a point of the story panics with.
type killed struct{ point int }

// reaper counts the points at which a process can die, and lets it die at one.
type reaper struct{ at, point int }

func (r *reaper) here() {
	if r.point++; r.point == r.at {
		panic(killed{r.point})
	}
}

// RoundTrip dies before a change is sent, or after it was made and before the
// answer is seen.
func (r *reaper) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return http.DefaultTransport.RoundTrip(req)
	}
	r.here()
	resp, err := http.DefaultTransport.RoundTrip(req)
	r.here()
	return resp, err
}

// mortal dies before and after each write to the ledger.
type mortal struct {
	outbox.Ledger
	r *reaper
}

func (m mortal) Begin(ctx context.Context, e outbox.Entry) (outbox.Entry, bool, error) {
	m.r.here()
	have, fresh, err := m.Ledger.Begin(ctx, e)
	m.r.here()
	return have, fresh, err
}

func (m mortal) Finish(ctx context.Context, e outbox.Entry) error {
	m.r.here()
	err := m.Ledger.Finish(ctx, e)
	m.r.here()
	return err
}

// world is a repository with its tracker, its history, and a culprit that can die.
type world struct {
	t    *testing.T
	hub  *ghtest.Server
	repo *ghtest.Repo
	db   store.Store
	r    *reaper
	// told is what each step of the story did at last.
	told []string
}

func newWorld(t *testing.T, at int) *world {
	hub := ghtest.New(t)
	file := filepath.Join(t.TempDir(), "culprit.db")
	data, err := history()
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{t: t, hub: hub, repo: hub.Repo("o/r"), db: db, r: &reaper{at: at}}
	for _, c := range [][]string{{"c1"}, {"c2", "c1"}, {"c3", "c2"}, {"c4", "c3"}, {"old", "c2"}} {
		w.repo.AddCommit(c[0], c[1:]...)
	}
	return w
}

// outbox is that of a new process.
func (w *world) outbox() *outbox.Outbox {
	api := w.hub.ClientWith(ghapi.Config{Token: ghtest.Token, Transport: w.r})
	t := github.New(api, "o/r", w.hub.Now)
	return &outbox.Outbox{
		Repository: "o/r", Reader: t, Writer: t, Ledger: mortal{wire.Ledger{Filings: w.db}, w.r}, Labels: []string{"culprit"}, Now: w.hub.Now,
		Learn: wire.Learn(w.db, "o/r"),
		Ancestry: func(ctx context.Context, a, d string) (bool, string, error) {
			yes, err := api.IsAncestor(ctx, "o/r", a, d)
			return yes, "", err
		},
	}
}

// alive runs a step of the story in a process. When that dies, the next one does
// the step again, and again when it cannot be sure yet.
func (w *world) alive(name string, step func(*outbox.Outbox) ([]outbox.Act, error)) {
	w.t.Helper()
	for range 4 {
		acts, died := w.process(step)
		unsure := died
		for _, a := range acts {
			unsure = unsure || a.Did == outbox.Unsure
		}
		if !unsure {
			for _, a := range acts {
				w.told = append(w.told, fmt.Sprintf("%s: %s %s", name, a.Did, a.Issue))
			}
			return
		}
		if !died {
			w.hub.Sleep(outbox.Grace + time.Minute)
		}
	}
	w.t.Fatalf("%s: it never ends", name)
}

func (w *world) process(step func(*outbox.Outbox) ([]outbox.Act, error)) (acts []outbox.Act, died bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
			acts, died = nil, true
		}
	}()
	acts, err := step(w.outbox())
	if err != nil {
		w.t.Fatal(err)
	}
	return acts, false
}

// red is a job that failed.
func (w *world) red(id int, day int, commit, branch string, pull int, failures ...*culprit.Failure) *culprit.Case {
	at := time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC)
	c := &culprit.Case{
		Schema: culprit.Schema, ID: fmt.Sprintf("case%d", id), Verdict: culprit.Failed, Failures: failures,
		Job: culprit.Job{Provider: "github", Repository: "o/r", RunID: fmt.Sprint(id), JobID: fmt.Sprint(id), Attempt: 1, Name: "test", Commit: commit, Branch: branch,
			PullRequest: pull, URL: fmt.Sprintf("https://github.com/o/r/actions/runs/%d/job/%d", id, id), StartedAt: &at},
	}
	for i, f := range failures {
		f.ID = fmt.Sprintf("f%d", i+1)
	}
	return c
}

// file saves a red job and files it, on its day.
func (w *world) file(name string, c *culprit.Case) {
	w.t.Helper()
	if d := c.Job.StartedAt.Sub(w.hub.Now()); d > 0 {
		w.hub.Sleep(d)
	}
	w.save(c)
	w.alive(name, func(o *outbox.Outbox) ([]outbox.Act, error) { return o.File(w.t.Context(), c) })
}

// remembers checks which commit the history holds for the fix of a cause, "" when
// the cause is open.
func (w *world) remembers(f *culprit.Failure, fix string) {
	w.t.Helper()
	list, err := w.db.Match(w.t.Context(), "o/r", f, "")
	if err != nil || len(list) != 1 || list[0].Closed.Fix != fix || list[0].Closed.At.IsZero() != (fix == "") {
		w.t.Errorf("the history has %+v, %v; want one cause with the fix %q", list, err, fix)
	}
}

func (w *world) save(c *culprit.Case) {
	w.t.Helper()
	var runs []store.PackageRun
	seen := map[string]bool{}
	for _, f := range c.Failures {
		if !seen[f.Package] {
			seen[f.Package] = true
			runs = append(runs, store.PackageRun{Package: f.Package, Result: store.Fail, Failed: 1})
		}
	}
	if err := w.db.Save(w.t.Context(), &store.Record{Case: c, Runs: runs, Complete: true}); err != nil {
		w.t.Fatal(err)
	}
}

// history is a database with 32 jobs of December in which the tests of package q
// passed. It is made once: each story starts with a copy.
var history = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "culprit-story-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "culprit.db")
	db, err := sqlite.Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	for i := range 32 {
		at := time.Date(2026, 12, 1, 12, i, 0, 0, time.UTC)
		id := fmt.Sprint(5000 + i)
		c := &culprit.Case{Schema: culprit.Schema, ID: "green" + id, Verdict: culprit.Passed, Job: culprit.Job{Repository: "o/r", RunID: id, JobID: id, StartedAt: &at}}
		err = errors.Join(err, db.Save(context.Background(), &store.Record{Case: c, Complete: true,
			Runs: []store.PackageRun{{Package: "example.com/m/q", Result: store.Pass, Passed: 9}}}))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// race is one cause, shown by whatever two tests.
func race(tests ...string) *culprit.Failure {
	f := &culprit.Failure{
		Kind: culprit.KindDataRace, Package: "example.com/m/p",
		Cause: &culprit.Cause{
			Pattern: culprit.PatternCapturedOuterVariable, Subject: "err", Grade: culprit.GradeLocated, DeclaredIn: "example.com/m/p_test.TestTools",
			Declared: culprit.Pos{File: "p/p_test.go", Line: 31}, Because: "both call t.Parallel",
			Sites: culprit.List[culprit.Site]{
				{Pos: culprit.Pos{File: "p/p_test.go", Line: 113}, Op: culprit.OpWrite, Statement: "err = f()", Func: "example.com/m/p_test.TestTools.func1"},
				{Pos: culprit.Pos{File: "p/p_test.go", Line: 151}, Op: culprit.OpWrite, Statement: "err = g()", Func: "example.com/m/p_test.TestTools.func2"},
			},
		},
		Evidence: culprit.Evidence{FirstLine: 3, LastLine: 9, Text: "WARNING: DATA RACE\nWrite at 0x00c0000a01e0 by goroutine 8", Repeats: 1},
	}
	for _, name := range tests {
		f.Tests = append(f.Tests, culprit.TestRef{Name: name, Package: f.Package, Status: culprit.StatusFail, Role: culprit.RoleCause})
	}
	f.Fingerprint, f.Title = dedupe.Fingerprint(f), dedupe.Title(f)
	return f
}

func panics() *culprit.Failure {
	f := &culprit.Failure{
		Crash: &culprit.Crash{Value: "assignment to entry in nil map", Where: &culprit.Frame{Func: "example.com/m/q.(*Cache).Put", File: "q/cache.go", Line: 7}},
		Kind:  culprit.KindPanic, Package: "example.com/m/q", Title: "panic: nil map in q.(*Cache).Put",
		Tests:    culprit.List[culprit.TestRef]{{Name: "TestCache", Package: "example.com/m/q", Status: culprit.StatusFail, Role: culprit.RoleCause}},
		Evidence: culprit.Evidence{FirstLine: 1, LastLine: 2, Text: "panic: assignment to entry in nil map", Repeats: 1},
	}
	f.Fingerprint = dedupe.Fingerprint(f)
	return f
}

// story tells the story, with a process that dies at one point of it (0: none).
func story(t *testing.T, at int) *world {
	w := newWorld(t, at)
	w.file("monday, main", w.red(1, 2, "c1", "main", 0, race("TestTools/Send", "TestTools/Logs")))
	w.file("wednesday, a pull request, other tests", w.red(2, 4, "c2", "feature", 41, race("TestTools/Delete", "TestTools/List", "TestTools/Send")))
	w.file("thursday, a new one", w.red(3, 5, "c2", "main", 0, panics()))

	w.hub.Sleep(24 * time.Hour)
	w.repo.CloseIssue(1, "c3") // friday: the race is fixed

	w.file("saturday, an old branch", w.red(4, 7, "old", "release-1", 0, race("TestTools/Send", "TestTools/Logs")))
	w.remembers(race(), "c3")
	w.file("sunday, the panic", w.red(5, 8, "c3", "main", 0, panics()))
	w.file("monday, a regression", w.red(6, 9, "c4", "main", 0, race("TestTools/Send", "TestTools/Logs")))
	w.remembers(race(), "")
	w.file("monday, the same job once more", w.red(6, 9, "c4", "main", 0, race("TestTools/Send", "TestTools/Logs")))
	w.file("tuesday, the panic", w.red(7, 10, "c4", "main", 0, panics()))

	// The panic stays away while its package runs; of the race's package nothing ran.
	for i, day := range []int{14, 18, 22, 26} {
		w.file("the race again", w.red(20+i, day, "c4", "main", 0, race("TestTools/Send", "TestTools/Logs")))
	}
	w.hub.Sleep(time.Date(2027, 1, 12, 9, 0, 0, 0, time.UTC).Sub(w.hub.Now()))
	for _, name := range []string{"january", "january, once more"} {
		w.alive(name, func(o *outbox.Outbox) ([]outbox.Act, error) {
			quiet, err := wire.Quiet(t.Context(), w.db, "o/r", w.hub.Now())
			if err != nil {
				return nil, err
			}
			return o.ProposeClosing(t.Context(), quiet)
		})
	}
	return w
}

// state is the tracker as people see it.
func (w *world) state() string {
	var b strings.Builder
	for _, i := range w.repo.Issues() {
		fmt.Fprintf(&b, "#%d %s [%s] %v\n%s\n", i.Number, i.Title, i.State, i.Labels, i.Body)
		for _, c := range w.repo.Comments(i.Number) {
			fmt.Fprintf(&b, "comment:\n%s\n", c.Body)
		}
	}
	return b.String()
}

func TestStory(t *testing.T) {
	t.Parallel()
	w := story(t, 0)
	want := []string{
		"monday, main: create #1",
		"wednesday, a pull request, other tests: comment #1",
		"thursday, a new one: create #2",
		"saturday, an old branch: nothing #1",
		"sunday, the panic: comment #2",
		"monday, a regression: reopen #1",
		"monday, the same job once more: nothing #1",
		"tuesday, the panic: comment #2",
		"the race again: comment #1", "the race again: comment #1", "the race again: comment #1", "the race again: comment #1",
		"january: propose-closing #2",
		"january, once more: nothing #2",
	}
	if d := cmp.Diff(want, w.told); d != "" {
		t.Errorf("what was done (-want +got):\n%s", d)
	}
	issues := w.repo.Issues()
	if len(issues) != 2 {
		t.Fatalf("%d issues", len(issues))
	}
	if issues[0].State != "open" || issues[0].StateReason != "reopened" || issues[1].State != "open" {
		t.Errorf("states: %s (%s), %s", issues[0].State, issues[0].StateReason, issues[1].State)
	}
	first, second := w.repo.Comments(1), w.repo.Comments(2)
	if len(first) != 1 || len(second) != 2 {
		t.Fatalf("%d and %d comments", len(first), len(second))
	}
	for _, text := range []string{"Seen 7 times since 2026-11-02", "pull request 41", "TestTools/Delete", "regression"} {
		if !strings.Contains(first[0].Body, text) {
			t.Errorf("the table of #1 lacks %q:\n%s", text, first[0].Body)
		}
	}
	if strings.Contains(first[0].Body, "release-1") {
		t.Error("the old branch, which lacks the fix, is counted")
	}
	if !strings.Contains(second[0].Body, "Seen 3 times") || !strings.Contains(second[1].Body, "This may be closed") || !strings.Contains(second[1].Body, "3 occurrences") {
		t.Errorf("comments of #2:\n%s\n%s", second[0].Body, second[1].Body)
	}
}

// TestStoryOfDeaths lets the process die at each point of the story at which
// something was written or is about to be, one point in each telling. Whatever
// the point, people see the same.
func TestStoryOfDeaths(t *testing.T) {
	t.Parallel()
	whole := story(t, 0)
	want, points := whole.state(), whole.r.point
	if points < 40 {
		t.Fatalf("only %d points", points)
	}
	for at := 1; at <= points; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			w := story(t, at)
			if w.r.point < at {
				t.Fatalf("the process did not die")
			}
			if d := cmp.Diff(want, w.state()); d != "" {
				t.Errorf("killed at point %d, people see something else (-want +got):\n%s", at, d)
			}
		})
	}
	t.Logf("%d points", points)
}
