// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package trackertest holds what every tracker promises, as a test.
package trackertest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit/internal/tracker"
)

// World is an empty tracker with the means to act on it as others do.
type World struct {
	Reader tracker.Reader
	Writer tracker.Writer
	Now    func() time.Time
	Sleep  func(time.Duration)
	// Stranger opens an issue as somebody without rights.
	Stranger func(title, body string) int
	// CloseBy closes an issue by a commit, or by a person ("").
	CloseBy func(number int, commit string)
}

// Run checks the promises.
func Run(t *testing.T, w World) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	long := "<!-- mark -->\n" + strings.Repeat("näive | `text` @somebody\n", 200) + "culprit0123abcd\n"
	first, err := w.Writer.Create(ctx, tracker.Draft{Title: "data race: err in p.TestA", Body: long, Labels: []string{"culprit"}})
	must(err)
	if !first.Open || first.Number == 0 || first.Body != long || !first.Trusted || !slices.Equal(first.Labels, []string{"culprit"}) {
		t.Errorf("created: %+v", first)
	}
	// What was created is found at once, by its number and by a word of its text.
	got, err := w.Reader.Issue(ctx, first.Number)
	must(err)
	if got.Body != long || got.Title != first.Title {
		t.Errorf("read: %+v", got)
	}
	found, err := w.Reader.Containing(ctx, "culprit0123abcd")
	must(err)
	if len(found) != 1 || found[0].Number != first.Number {
		t.Errorf("%d issues hold the word", len(found))
	}
	if found, err := w.Reader.Containing(ctx, "culpritffffffff"); err != nil || len(found) != 0 {
		t.Errorf("a word that no issue has: %d, %v", len(found), err)
	}
	if _, err := w.Reader.Issue(ctx, 9999); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("an issue that is not there: %v", err)
	}
	if _, err := w.Writer.Comment(ctx, 9999, "x"); !errors.Is(err, tracker.ErrNotFound) && !errors.Is(err, tracker.ErrRefused) {
		t.Errorf("a comment on an issue that is not there: %v", err)
	}
	stranger := w.Stranger("title", "<!-- mark -->\nculprit0123abcd")
	got, err = w.Reader.Issue(ctx, stranger)
	must(err)
	if got.Trusted {
		t.Error("a stranger is trusted")
	}
	comments(t, w, first.Number)
	closing(t, w, first.Number, stranger)
}

func comments(t *testing.T, w World, number int) {
	ctx := t.Context()
	c, err := w.Writer.Comment(ctx, number, "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Writer.Comment(ctx, number, "two"); err != nil {
		t.Fatal(err)
	}
	if err := w.Writer.EditComment(ctx, c.ID, "edited"); err != nil {
		t.Fatal(err)
	}
	list, err := w.Reader.Comments(ctx, number)
	if err != nil || len(list) != 2 || list[0].Body != "edited" || list[1].Body != "two" || !list[0].Trusted {
		t.Errorf("comments: %+v, %v", list, err)
	}
}

func closing(t *testing.T, w World, first, second int) {
	ctx := t.Context()
	w.Sleep(48 * time.Hour)
	w.CloseBy(first, "fix0001")
	fix, err := w.Reader.Fix(ctx, first)
	if err != nil || fix.Commit != "fix0001" {
		t.Errorf("closed by a commit: %+v, %v", fix, err)
	}
	w.CloseBy(second, "")
	if fix, err := w.Reader.Fix(ctx, second); err != nil || fix.Commit != "" || fix.Why == "" {
		t.Errorf("closed by a person: %+v, %v", fix, err)
	}
	got, err := w.Reader.Issue(ctx, first)
	if err != nil || got.Open || !got.Closed.Equal(w.Now()) {
		t.Errorf("closed: %+v, %v", got, err)
	}
	numbers := func(since time.Time) []int {
		list, _, err := w.Reader.Recent(ctx, since, 100)
		if err != nil {
			t.Fatal(err)
		}
		var n []int
		for _, i := range list {
			n = append(n, i.Number)
		}
		slices.Sort(n)
		return n
	}
	if got := numbers(w.Now().Add(-time.Hour)); !slices.Equal(got, []int{first, second}) {
		t.Errorf("closed lately: %v", got)
	}
	if got := numbers(w.Now().Add(time.Hour)); len(got) != 0 {
		t.Errorf("closed before the time: %v", got)
	}
	w.Sleep(time.Hour)
	for range 2 { // the second time changes nothing
		if err := w.Writer.Reopen(ctx, first); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.Reader.Issue(ctx, first); err != nil || !got.Open || !got.Closed.IsZero() {
		t.Errorf("reopened: %+v, %v", got, err)
	}
	if fix, err := w.Reader.Fix(ctx, first); err != nil || fix.Commit != "" {
		t.Errorf("the fix of an open issue: %+v, %v", fix, err)
	}
	if got := numbers(w.Now().Add(time.Hour)); !slices.Equal(got, []int{first}) {
		t.Errorf("open: %v", got)
	}
}
