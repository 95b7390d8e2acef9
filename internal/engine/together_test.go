// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/fix"
)

// two is a test that races on two variables: a repair of one leaves it failing.
const two = `package m

import (
	"sync"
	"testing"
)

type hits struct {
	mu    sync.Mutex
	first int
	last  int
}

func (h *hits) add() {
	h.mu.Lock()
	h.first++
	h.last++
	h.mu.Unlock()
}

func TestTwo(t *testing.T) {
	h := &hits{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(h.add)
	}
	if h.first < 0 {
		t.Error("first")
	}
	if h.last < 0 {
		t.Error("last")
	}
	wg.Wait()
}
`

// TestProveTogether: neither repair is enough for the test to pass, both are.
func TestProveTogether(t *testing.T) {
	t.Parallel()
	dir, c := failing(t, two)
	var f *culprit.Failure
	for _, o := range c.Failures {
		if o.Race != nil {
			f = o
		}
	}
	line := func(s string) int { return strings.Count(two[:strings.Index(two, s)], "\n") + 1 }
	// One run need not show both: the second is the first with its own lines.
	var list culprit.List[*culprit.Failure]
	for i, name := range []string{"first", "last"} {
		o := *f
		o.ID = []string{"f1", "f2"}[i]
		o.Related, o.Siblings, o.Fix, o.Repro = nil, nil, nil, nil
		o.Cause = &culprit.Cause{
			Pattern: culprit.PatternPartialLock, Subject: "hits." + name, Kind: culprit.SubjectField, Grade: culprit.GradeLocated,
			Declared: culprit.Pos{File: "m_test.go", Line: line(name + " "), Column: 2},
			Sites: culprit.List[culprit.Site]{
				{Pos: culprit.Pos{File: "m_test.go", Line: line("h." + name + "++"), Column: 2}, Op: culprit.OpWrite},
				{Pos: culprit.Pos{File: "m_test.go", Line: line("if h." + name), Column: 5}, Op: culprit.OpRead},
			},
		}
		race := *f.Race
		race.Accesses = nil
		for k, s := range o.Cause.Sites {
			fn := []string{"example.com/m.(*hits).add", "example.com/m.TestTwo"}[k]
			race.Accesses = append(race.Accesses, culprit.Access{Op: s.Op, File: s.File, Line: s.Line, Func: fn,
				Stack: culprit.List[culprit.Frame]{{Func: fn, File: s.File, Line: s.Line, Trust: culprit.TrustOK}}})
		}
		o.Race = &race
		list = append(list, &o)
	}
	c.Failures = list
	if err := engine.Prove(context.Background(), engine.ProveInput{Case: c, Repo: dir, Budget: 15 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Failures {
		if f.Fix == nil || f.Fix.Status != culprit.FixVerified || !strings.Contains(f.Fix.Note, "one patch for f1, f2") {
			t.Errorf("%s: fix %+v, repro %+v", f.ID, f.Fix, f.Repro)
			continue
		}
		for _, want := range []string{"firstNow := h.first", "lastNow := h.last"} {
			if !strings.Contains(f.Fix.Patch, want) {
				t.Errorf("%s: %s is not in the patch\n%s", f.ID, want, f.Fix.Patch)
			}
		}
		if !slices.ContainsFunc(f.Fix.Tried, func(a culprit.Attempt) bool { return a.Strategy == fix.ItsLock }) {
			t.Errorf("%s: the repair of this variable alone is not told: %+v", f.ID, f.Fix.Tried)
		}
	}
}
