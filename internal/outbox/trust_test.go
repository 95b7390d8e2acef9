// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/outbox"
)

// TestForgedComments: a stranger's comment with our mark is neither our table, nor
// keeps a proposal from being made.
func TestForgedComments(t *testing.T) {
	t.Parallel()
	real, w := newWorld(t, 0), newWorld(t, 0)
	quiet := func(w *world, last int) outbox.Act {
		acts, err := w.outbox().ProposeClosing(t.Context(), []outbox.Quiet{{Key: dedupe.Key(panics()), Last: time.Date(2026, 11, last, 0, 0, 0, 0, time.UTC), Why: "It is quiet"}})
		if err != nil || len(acts) != 1 {
			t.Fatal(acts, err)
		}
		return acts[0]
	}
	for _, w := range []*world{real, w} {
		file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics()))
	}
	file(t, real, real.outbox(), real.red(2, 3, "c1", "main", 0, panics()))
	if act := quiet(real, 3); act.Did != outbox.Proposed {
		t.Fatal(act)
	}
	for _, c := range real.repo.Comments(1) {
		w.repo.AddComment(1, c.Body, "mallory", "NONE")
	}
	if acts := file(t, w, w.outbox(), w.red(2, 3, "c1", "main", 0, panics())); acts[0].Did != outbox.Counted {
		t.Errorf("%+v", acts[0])
	}
	if act := quiet(w, 3); act.Did != outbox.Proposed {
		t.Errorf("%+v", act)
	}
	if act := quiet(w, 3); act.Did != outbox.Nothing || !strings.Contains(act.Why, "already") {
		t.Errorf("once more: %+v", act)
	}
	if act := quiet(w, 9); act.Did != outbox.Proposed {
		t.Errorf("the next silence: %+v", act)
	}
	w.repo.CloseIssue(1, "")
	if act := quiet(w, 20); act.Did != outbox.Nothing || !strings.Contains(act.Why, "closed") {
		t.Errorf("of a closed one: %+v", act)
	}
}

// TestStrangersIssue: what a commit of ours has fixed counts, whoever wrote it.
func TestStrangersIssue(t *testing.T) {
	t.Parallel()
	for commit, want := range map[string]outbox.Did{"c4": outbox.Reopened, "c2": outbox.Nothing} {
		w := newWorld(t, 0)
		w.repo.AddIssue(panics().Title, "", "somebody", "NONE")
		w.repo.CloseIssue(1, "c3")
		if acts := file(t, w, w.outbox(), w.red(1, 2, commit, "main", 0, panics())); acts[0].Did != want {
			t.Errorf("%s: %+v", commit, acts[0])
		}
	}
}

// TestOnlyNames: an issue whose text is alike is named and left alone; of two with the
// same title the open one counts.
func TestOnlyNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	f := &culprit.Failure{Kind: culprit.KindAssertion, Package: "example.com/m/p", Title: "assertion: the drain", Assertion: &culprit.Assertion{Message: "x"}, Tests: culprit.List[culprit.TestRef]{{Name: "TestServer/Drain", Role: culprit.RoleCause}}}
	f.Evidence.Text = "want status ok and got status unavailable while the connection of the client was drained"
	w.repo.AddIssue("TestServer/Drain is slow", f.Evidence.Text, "priya", "MEMBER")
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, f))
	if acts[0].Did != outbox.Created || len(f.Known) == 0 || f.Known[0].ID != "#1" || f.Known[0].Relation != culprit.RelationDuplicate {
		t.Errorf("%+v, %+v", acts[0], f.Known)
	}
	for range 2 {
		w.repo.AddIssue(panics().Title, "", "priya", "MEMBER")
	}
	w.repo.CloseIssue(3, "")
	if acts := file(t, w, w.outbox(), w.red(2, 2, "c1", "main", 0, panics())); acts[0].Did != outbox.Counted || acts[0].Issue != "#4" {
		t.Errorf("%+v", acts[0])
	}
}

// TestDeleted: an issue that was deleted stays so.
func TestDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics()))
	w.hub.Before(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/issues/1") {
			return false
		}
		http.Error(rw, `{"message":"This issue was deleted"}`, http.StatusGone)
		return true
	})
	acts := file(t, w, w.outbox(), w.red(2, 3, "c1", "main", 0, panics()))
	if acts[0].Did != outbox.Nothing || !strings.Contains(acts[0].Why, "deleted") || len(w.repo.Issues()) != 1 {
		t.Errorf("%+v", acts[0])
	}
}

// TestReopenedTwice: each time that it is closed it can come back.
func TestReopenedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics()))
	for i, fix := range []string{"c2", "c3"} {
		w.hub.Sleep(time.Hour)
		w.repo.CloseIssue(1, fix)
		w.hub.Sleep(time.Hour)
		acts := file(t, w, w.outbox(), w.red(2+i, 3+i, "c4", "main", 0, panics()))
		if acts[0].Did != outbox.Reopened || w.repo.Issues()[0].State != "open" {
			t.Errorf("%s: %+v, %s", fix, acts[0], w.repo.Issues()[0].State)
		}
	}
}

// TestAnotherStack: where an issue has its own spots, what else its text shows is none.
func TestAnotherStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	at := func(line int) *culprit.Failure {
		f := panics()
		f.Crash.Where.Line = line
		f.Evidence.Text = fmt.Sprintf("panic: x\n\t/home/ci/q/cache.go:%d +0x1\n\ngoroutine 8:\n\t/home/ci/q/cache.go:9 +0x2\n", line)
		return f
	}
	acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, at(7)))
	g := at(9)
	g.Evidence.Text = strings.ReplaceAll(g.Evidence.Text, "+0x1", "+0x2")
	if more := file(t, w, w.outbox(), w.red(2, 2, "c1", "main", 0, g)); acts[0].Did != outbox.Created || more[0].Did != outbox.Created {
		t.Errorf("%+v, %+v", acts[0], more[0])
	}
}

// TestRefusedIsNotCreated: what the tracker refused is no issue of the day.
func TestRefusedIsNotCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	refuse := true
	w.hub.Before(func(rw http.ResponseWriter, r *http.Request) bool {
		if !refuse || r.Method != http.MethodPost {
			return false
		}
		http.Error(rw, `{"message":"Resource not accessible by integration"}`, http.StatusForbidden)
		return true
	})
	for i := range 12 {
		if _, err := w.outbox().File(t.Context(), w.red(1+i, 2, "c1", "main", 0, many(i, 1)...)); err == nil {
			t.Fatal("it was not refused")
		}
	}
	refuse = false
	if acts := file(t, w, w.outbox(), w.red(20, 2, "c1", "main", 0, panics())); acts[0].Did != outbox.Created {
		t.Errorf("%+v", acts[0])
	}
}

// TestForgedIssue: a proposal is made on our issue, not on an older copy of a stranger's.
func TestForgedIssue(t *testing.T) {
	t.Parallel()
	real, w := newWorld(t, 0), newWorld(t, 0)
	file(t, real, real.outbox(), real.red(1, 2, "c1", "main", 0, panics()))
	w.repo.AddIssue("x", real.repo.Issues()[0].Body, "mallory", "NONE")
	file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics()))
	acts, err := w.outbox().ProposeClosing(t.Context(), []outbox.Quiet{{Key: dedupe.Key(panics()), Last: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), Why: "It is quiet"}})
	if err != nil || len(acts) != 1 || acts[0].Did != outbox.Proposed || acts[0].Issue != "#2" {
		t.Errorf("%+v, %v", acts, err)
	}
}

// TestLimitAfterDeath: what a process that died had begun does not use up the day.
func TestLimitAfterDeath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2) // it has recorded what it means to do
	w.alive("the last of the day", func(o *outbox.Outbox) ([]outbox.Act, error) {
		o.Limits.Day = 1
		return o.File(t.Context(), w.red(1, 2, "c1", "main", 0, panics()))
	})
	if n := len(w.repo.Issues()); n != 1 || w.r.point < 2 {
		t.Errorf("%d issues, %d points", n, w.r.point)
	}
}

// TestForgedTable: that a stranger's table has a job does not count it.
func TestForgedTable(t *testing.T) {
	t.Parallel()
	real, w := newWorld(t, 0), newWorld(t, 0)
	file(t, real, real.outbox(), real.red(1, 2, "c1", "main", 0, panics()))
	w.repo.AddIssue(panics().Title, "", "priya", "MEMBER")
	w.repo.AddComment(1, real.repo.Comments(1)[0].Body, "mallory", "NONE")
	if acts := file(t, w, w.outbox(), w.red(1, 2, "c1", "main", 0, panics())); acts[0].Did != outbox.Counted || len(w.repo.Comments(1)) != 2 {
		t.Errorf("%+v", acts[0])
	}
}
