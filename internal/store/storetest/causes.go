// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/closing"
	"github.com/culprit-ci/culprit/internal/store"
)

func toJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// testCauses saves failures in order; each must be told to be of the same cause
// as an earlier one, or of a new one.
func testCauses(t *testing.T, d Database) {
	type failure struct {
		fingerprint, title string
		aliases            []string
		repository         string // or "kind package"
		cause              int    // the place of the first failure of the same cause
	}
	for name, story := range map[string][]failure{
		"fingerprints decide": {
			{"fp1", "race: err in A", nil, "", 0}, {"fp1", "race: err in B", nil, "", 0}, {"fp2", "race: err in C", nil, "", 2},
		},
		"fingerprints keep apart": {
			{"fp1", "race: err", nil, "", 0}, {"fp2", "race: err", nil, "", 1}, {"fp1", "race: err", nil, "", 0}, {"fp2", "race: err", nil, "", 1},
		},
		"titles where there is none": {
			{"", "panic: nil map", nil, "", 0}, {"", "panic: nil map", nil, "", 0}, {"", "panic: other", nil, "", 2},
		},
		"a title and an alias": {
			{"", "panic in X", []string{"panic: nil map"}, "", 0}, {"", "panic: nil map", nil, "", 0}, {"", "else", []string{"panic in X"}, "", 0},
			{"", "panic in Y", []string{"panic: other"}, "", 3},
		},
		"a fingerprint comes later": {
			{"", "race: err", nil, "", 0}, {"fp1", "race: err", nil, "", 0}, {"fp1", "renamed", nil, "", 0}, {"fp2", "race: err", nil, "", 3},
		},
		"a log without source after one with": {
			{"fp1", "race: err", nil, "", 0}, {"", "race: err", nil, "", 0},
		},
		"a title of several": {
			{"fp1", "race: err", nil, "", 0}, {"fp2", "race: err", nil, "", 1}, {"", "race: err", nil, "", 2}, {"", "race: err", nil, "", 2}, {"fp2", "race: err", nil, "", 1},
		},
		"other repositories": {
			{"fp1", "race: err", nil, "", 0}, {"fp1", "race: err", nil, "other/repo", 1}, {"", "race: err", nil, "third/repo", 2},
		},
		"other packages": {
			{"", "TestNew: got N", nil, "panic b", 0}, {"", "TestNew: got N", nil, "panic c", 1}, {"", "TestNew: got N", nil, "panic b_test", 0},
			{"", "race: err", nil, "race b", 3}, {"", "race: err", nil, "race c", 3},
		},
		"nothing to go by": {
			{"", "", nil, "", 0}, {"", "", nil, "", 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := open(t, d), context.Background()
			var keys []string
			for i, f := range story {
				repository := "example/tasks"
				kind, pkg, ok := strings.Cut(f.repository, " ")
				if f.repository != "" && !ok {
					repository = f.repository
				}
				id := fmt.Sprintf("c%d", i)
				r := job(id, day(i), of(repository), failing(f.fingerprint, f.title, "TestA"), alias(f.aliases...))
				if ok {
					r.Case.Failures[0].Package = pkg
				}
				if kind == "panic" {
					r.Case.Failures[0].Kind = culprit.KindPanic
				}
				matches, err := s.Match(ctx, repository, r.Case.Failures[0], id)
				if err != nil {
					t.Fatal(err)
				}
				save(t, s, r)
				h, err := s.History(ctx, store.HistoryQuery{Repository: repository, Limit: 1})
				if err != nil || len(h.Occurrences) != 1 || h.Occurrences[0].Case != id {
					t.Fatalf("History = %+v, %v", h, err)
				}
				key := h.Occurrences[0].Cause
				keys = append(keys, key)
				if first := slices.Index(keys, key); first != f.cause {
					t.Errorf("failure %d is of the cause of %d, want %d", i, first, f.cause)
				}
				if known := slices.ContainsFunc(matches, func(c store.Cause) bool { return c.Key == key }); known != (f.cause != i) && f.title != "" {
					t.Errorf("failure %d: its cause was among the matches before: %v", i, known)
				}
			}
		})
	}
}

// testMovedCause lets one of two cases find out that its failure is another one.
func testMovedCause(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	save(t, s, job("c1", day(0), failing("", "race in TestA", "TestA")), job("c2", day(5), failing("", "race in TestA", "TestA")))
	save(t, s, job("c2", day(5), failing("fp9", "race: err", "TestA")))
	causes, err := s.Recent(ctx, "example/tasks", time.Time{}, 10)
	if err != nil || len(causes) != 2 || causes[0].Title != "race: err" || causes[0].Case != "c2" || !causes[1].LastSeen.Equal(day(0)) || causes[1].Case != "c1" {
		t.Errorf("Recent = %+v, %v", causes, err)
	}
	// The last occurrence goes, and a filing keeps the cause all the same.
	if _, _, err := s.Begin(ctx, store.Filing{Key: "k", Cause: causes[1].Key, State: store.Intended, Created: day(6), Updated: day(6)}); err != nil {
		t.Fatal(err)
	}
	save(t, s, job("c1", day(0)))
	save(t, s, job("c3", day(7), failing("", "race in TestA", "TestA")))
	again, err := s.Recent(ctx, "example/tasks", day(7), 10)
	if err != nil || len(again) != 1 || again[0].Key != causes[1].Key {
		t.Errorf("Recent = %+v, %v; want %s again", again, err, causes[1].Key)
	}
}

func testClosed(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	if err := s.SetClosed(ctx, "none", store.Closed{At: day(1)}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("SetClosed of nothing = %v", err)
	}
	r := job("c1", day(0), failing("fp1", "race: err", "TestA"))
	save(t, s, r)
	match := func() store.Cause {
		t.Helper()
		causes, err := s.Match(ctx, "example/tasks", r.Case.Failures[0], "")
		if err != nil || len(causes) != 1 {
			t.Fatalf("Match = %+v, %v", causes, err)
		}
		return causes[0]
	}
	key := match().Key
	want := store.Closed{At: day(3), Fix: "abc", Why: "fixed"}
	if err := s.SetClosed(ctx, key, want); err != nil {
		t.Fatal(err)
	}
	save(t, s, r) // another save does not reopen it
	if got := match().Closed; got != want {
		t.Errorf("Closed = %+v", got)
	}
	if silent, err := s.Silent(ctx, "example/tasks", day(100)); err != nil || len(silent) != 0 {
		t.Errorf("Silent = %+v, %v", silent, err)
	}
	if err := s.SetClosed(ctx, key, store.Closed{}); err != nil {
		t.Fatal(err)
	}
	if got := match().Closed; got != (store.Closed{}) {
		t.Errorf("Closed = %+v", got)
	}
	if none, err := s.Match(ctx, "example/tasks", r.Case.Failures[0], "c1"); err != nil || len(none) != 0 {
		t.Errorf("Match without its own case = %+v, %v", none, err)
	}
}

func testSilent(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	for i := range 60 {
		r := job(fmt.Sprintf("c%d", i), day(i))
		if i < 30 && i%3 == 0 {
			failing("fp1", "race: err", "TestA")(r)
		}
		if i == 59 {
			failing("fp2", "race: fresh", "TestA")(r)
		}
		save(t, s, r)
		// A job of another matrix entry in the same run, which fails with it.
		twin := job(fmt.Sprintf("twin%d", i), day(i), inRun("run "+r.Case.ID, 1), named("other"))
		twin.Case.Failures = r.Case.Failures
		save(t, s, twin)
	}
	silent, err := s.Silent(ctx, "example/tasks", day(50))
	if err != nil || len(silent) != 1 {
		t.Fatalf("Silent = %+v, %v", silent, err)
	}
	want := closing.Seen{Occurrences: 10, First: day(0), Last: day(27), RunsSpan: 56, RunsSince: 64}
	if got := silent[0].Seen; got != want {
		t.Errorf("Seen = %+v, want %+v", got, want)
	}
	if p := closing.Propose(silent[0].Seen, day(60)); !p.Close {
		t.Errorf("Propose = %+v", p)
	}
	if other, err := s.Silent(ctx, "other/repo", day(50)); err != nil || len(other) != 0 {
		t.Errorf("Silent of another repository = %+v, %v", other, err)
	}
}

func testFilings(t *testing.T, d Database) {
	s, ctx := open(t, d), context.Background()
	f := store.Filing{
		Key: "create/fp1", Repository: "example/tasks", Action: "create", Cause: "k1", State: store.Intended,
		Detail: []byte("nul \x00 and \xff"), Created: day(1), Updated: day(1),
	}
	if _, err := s.Filing(ctx, f.Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Filing of nothing = %v", err)
	}
	if err := s.Finish(ctx, f); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Finish of nothing = %v", err)
	}
	for _, key := range []string{"", "nul\x00", "\xff", string(make([]byte, 300))} {
		if _, _, err := s.Begin(ctx, store.Filing{Key: key}); err == nil {
			t.Errorf("Begin took the key %.20q", key)
		}
	}
	got, fresh, err := s.Begin(ctx, f)
	if err != nil || !fresh || toJSON(t, got) != toJSON(t, f) {
		t.Errorf("Begin = %+v, %v, %v", got, fresh, err)
	}
	s.reopen(t)
	again := f
	again.Created, again.Action = day(2), "comment"
	got, fresh, err = s.Begin(ctx, again)
	if err != nil || fresh || toJSON(t, got) != toJSON(t, f) {
		t.Errorf("Begin again = %+v, %v, %v; want what is there", got, fresh, err)
	}
	f.State, f.Target, f.URL, f.Detail, f.Updated = store.Sent, "17", "https://example.com/17", nil, day(3)
	if err := s.Finish(ctx, f); err != nil {
		t.Fatal(err)
	}
	got, err = s.Filing(ctx, f.Key)
	if err != nil || toJSON(t, got) != toJSON(t, f) {
		t.Errorf("Filing = %+v, %v; want %+v", got, err, f)
	}
	if _, _, err := s.Begin(ctx, store.Filing{Key: "later", Repository: f.Repository, Created: day(9)}); err != nil {
		t.Fatal(err)
	}
	since := func(n int) (keys []string) {
		all, err := s.FilingsSince(ctx, "example/tasks", day(n))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			keys = append(keys, f.Key)
		}
		return keys
	}
	if a, b, c := since(0), since(9), since(10); !slices.Equal(a, []string{f.Key, "later"}) || !slices.Equal(b, []string{"later"}) || c != nil {
		t.Errorf("FilingsSince = %v, %v, %v", a, b, c)
	}
}
