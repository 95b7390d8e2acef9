// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
)

func testCases(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	if _, err := s.Load(ctx, "c1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load of nothing = %v", err)
	}
	if _, err := s.HasLog(ctx, "sha of c1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("HasLog of nothing = %v", err)
	}
	if err := s.Save(ctx, &store.Record{Case: &culprit.Case{}}); err == nil {
		t.Error("a case without an ID was saved")
	}
	first := job("c1", day(0), failing("fp1", "race: err", "TestA"))
	save(t, s, first, job("c2", day(1)))
	s.reopen(t)
	got, err := s.Load(ctx, "c1")
	if err != nil {
		t.Fatal(err)
	}
	// Lists come back empty and not nil, which the type does not tell apart.
	if diff := cmp.Diff(toJSON(t, first.Case), toJSON(t, got)); diff != "" {
		t.Errorf("case (-saved +loaded):\n%s", diff)
	}
	if id, err := s.HasLog(ctx, "sha of c2"); id != "c2" || err != nil {
		t.Errorf("HasLog = %q, %v", id, err)
	}
	if _, err := s.HasLog(ctx, "sha of c3"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("HasLog of another = %v", err)
	}
}

// testSaveAgain saves one case after each of its stages: what the first saves
// said and the last does not must be gone.
func testSaveAgain(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	early := func(r *store.Record) { r.Complete, r.Seen = false, time.Time{} }
	save(t, s, job("c1", day(0), early, failing("", "race in TestA", "TestA"), failing("", "race in TestB", "TestB")))
	if _, err := s.HasLog(ctx, "sha of c1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("HasLog of a case that is not complete = %v", err)
	}
	s.verify(t)
	save(t, s,
		job("c1", day(0), early, failing("fp1", "race: err", "TestA", "TestB"), alias("race in TestA")),
		job("c1", day(0), failing("fp1", "race: err", "TestA", "TestB"), alias("race in TestA")),
		job("c1", day(0), failing("fp1", "race: err", "TestA", "TestB"), alias("race in TestA")))
	if id, err := s.HasLog(ctx, "sha of c1"); id != "c1" || err != nil {
		t.Errorf("HasLog = %q, %v", id, err)
	}
	causes, err := s.Recent(ctx, "example/tasks", time.Time{}, 10)
	if err != nil || len(causes) != 1 || causes[0].Title != "race: err" || causes[0].Fingerprint != "fp1" || !slices.Equal(causes[0].Aliases, []string{"race in TestA"}) || !causes[0].LastSeen.Equal(day(0)) {
		t.Errorf("Recent = %+v, %v", causes, err)
	}
	h, err := s.History(ctx, store.HistoryQuery{Name: "TestB"})
	if err != nil || h.Shown != 1 || h.Occurrences[0].Title != "race: err" || h.Jobs != 1 || h.FailedJobs != 1 {
		t.Errorf("History = %+v, %v", h, err)
	}
	f, err := s.Flakes(ctx, store.FlakeQuery{All: true})
	if err != nil || len(f.List) != 1 || f.List[0].Runs != 1 || f.List[0].Jobs != 1 {
		t.Errorf("Flakes = %+v, %v", f, err)
	}
}

// testSaveIsWhole ends a save in the middle.
func testSaveIsWhole(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	save(t, s, job("c1", day(0), failing("fp1", "race: err", "TestA")))
	ended := 0
	for _, after := range []int{0, 1, 2, 3, 5, 8, 13} {
		limited := &countdown{Context: ctx, done: make(chan struct{})}
		limited.left.Store(int64(after))
		err := s.Save(limited, job("c1", day(9), failing("fp2", "race: other", "TestZ")))
		if err == nil {
			save(t, s, job("c1", day(0), failing("fp1", "race: err", "TestA")))
			continue
		}
		ended++
		h, err := s.History(ctx, store.HistoryQuery{})
		if err != nil || h.Shown != 1 || h.Occurrences[0].Title != "race: err" || !h.Occurrences[0].Seen.Equal(day(0)) {
			t.Fatalf("after a save that ended at %d: %+v, %v", after, h, err)
		}
		s.verify(t)
	}
	if ended < 3 {
		t.Errorf("only %d saves were ended", ended)
	}
}

// countdown is a context that ends when it was asked a number of times.
type countdown struct {
	context.Context
	left atomic.Int64
	done chan struct{}
}

func (c *countdown) Err() error {
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

func (c *countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == -1 {
		close(c.done)
	}
	return c.done
}

// testHostile saves what a log can hold and a database may not like.
func testHostile(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	huge := strings.Repeat("é\x00\xff", 1<<13)
	for i, name := range []string{"", "nul\x00nul", "bad \xff\xfe utf-8", "\xed\xa0\x80", huge + "1", huge + "2", "'; DROP TABLE cases; --", "%", "_", "\u202e\U0010ffff", strings.Repeat("x", 1<<15)} {
		r := job("c"+name, day(i), failing(name, "title "+name, "Test"+name), at(name, name, i))
		r.Case.Failures[0].Aliases = culprit.List[string]{name, name, ""}
		r.Case.Failures[0].Owners[0].Who = name
		r.Case.Failures[0].Evidence.Text = name
		r.Case.Failures[0].Package, r.Case.Failures[0].Tests[0].Package, r.Runs[0].Package = name, name, name
		r.Case.Job.Name, r.Case.Job.URL, r.Case.Job.Workflow, r.Source = name, name, name, name
		r.Case.Log.SHA256 = name
		save(t, s, r, r)
		if _, err := s.Load(ctx, "c"+name); err != nil {
			t.Errorf("Load of %.20q: %v", name, err)
		}
		if id, err := s.HasLog(ctx, name); err != nil || id == "" {
			t.Errorf("HasLog of %.20q: %v", name, err)
		}
		h, err := s.History(ctx, store.HistoryQuery{Name: "Test" + name, Limit: 1})
		if err != nil || h.Subject != store.SubjectTest || h.Shown != 1 || h.Occurrences[0].Case == "" {
			t.Errorf("History of Test%.20q = %+v, %v", name, h, err)
		}
		causes, err := s.Match(ctx, "example/tasks", r.Case.Failures[0], "")
		if err != nil || len(causes) == 0 || len(causes[0].Title) > 2000 {
			t.Errorf("Match of %.20q = %d causes, %v", name, len(causes), err)
		}
	}
	s.verify(t)
	// Names that only differ beyond what fits stay apart.
	f, err := s.Flakes(ctx, store.FlakeQuery{All: true, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.List) != 11 {
		t.Errorf("Flakes = %d causes, want 11", len(f.List))
	}
	for _, name := range []string{"%", "_", "x%' OR '1'='1"} {
		if _, err := s.History(ctx, store.HistoryQuery{Name: name}); err != nil {
			t.Errorf("History of %q: %v", name, err)
		}
	}
	var ids, titles []string
	crowd := job("crowd", day(0))
	for range 150 {
		failing("", "crowd", "TestCrowd")(crowd)
		ids, titles = append(ids, "f"), append(titles, "")
	}
	for i, f := range crowd.Case.Failures {
		f.ID, f.Title = ids[i], titles[i] // all the same, as in a damaged case
		if i%7 == 0 {
			crowd.Case.Failures[i] = nil
		}
	}
	save(t, s, crowd)
}

func testTimes(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	// The same moment and the same day, whatever the zone it was told in.
	east := time.FixedZone("east", 14*3600)
	r := job("c1", time.Date(2026, 3, 2, 1, 0, 0, 123456789, east), failing("fp", "race: err", "TestA"))
	r.Case.Job.StartedAt = &time.Time{}
	save(t, s, r, job("c0", time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), failing("old", "race: old", "TestOld")))
	h, err := s.History(ctx, store.HistoryQuery{Name: "TestA"})
	want := time.Date(2026, 3, 1, 11, 0, 0, 123456000, time.UTC)
	if err != nil || len(h.Occurrences) != 1 || h.Occurrences[0].Seen != want {
		t.Errorf("History = %+v, %v; want one at %v", h, err, want)
	}
	f, err := s.Flakes(ctx, store.FlakeQuery{All: true, Since: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)})
	if err != nil || len(f.List) != 1 || f.Since != time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("Flakes of the day = %+v, %v", f, err)
	}
	f, err = s.Flakes(ctx, store.FlakeQuery{All: true, Since: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(f.List) != 0 {
		t.Errorf("Flakes of the next day = %+v, %v", f, err)
	}
	// Without a time of its own a case has its job's, then that of the first save.
	start := day(3)
	r = job("c2", time.Time{}, failing("fp", "race: err", "TestB"))
	r.Case.Job.StartedAt = &start
	save(t, s, r)
	before := time.Now()
	r = job("c3", time.Time{}, failing("fp", "race: err", "TestC"))
	save(t, s, r)
	first, err := s.History(ctx, store.HistoryQuery{Name: "TestC"})
	if err != nil || len(first.Occurrences) != 1 || first.Occurrences[0].Seen.Before(before.Truncate(time.Microsecond)) {
		t.Errorf("History = %+v, %v", first, err)
	}
	save(t, s, r)
	again, err := s.History(ctx, store.HistoryQuery{Name: "TestC"})
	if err != nil || cmp.Diff(first, again) != "" {
		t.Errorf("after another save the history is %+v, %v; was %+v", again, err, first)
	}
	h, err = s.History(ctx, store.HistoryQuery{Name: "TestB"})
	if err != nil || len(h.Occurrences) != 1 || h.Occurrences[0].Seen != start {
		t.Errorf("History = %+v, %v", h, err)
	}
}
