// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package github_test

import (
	"errors"
	"testing"
	"time"

	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/ghapi/ghtest"
	"github.com/culprit-ci/culprit/internal/tracker"
	"github.com/culprit-ci/culprit/internal/tracker/github"
	"github.com/culprit-ci/culprit/internal/tracker/trackertest"
)

func TestTracker(t *testing.T) {
	t.Parallel()
	s := ghtest.New(t)
	r := s.Repo("o/r")
	tr := github.New(s.Client(), "o/r", s.Now)
	trackertest.Run(t, trackertest.World{
		Reader: tr, Writer: tr, Now: s.Now, Sleep: s.Sleep,
		Stranger: func(title, body string) int { return r.AddIssue(title, body, "mallory", "NONE").Number },
		CloseBy:  r.CloseIssue,
	})
	if _, err := github.New(s.Client(), "o/other", s.Now).Create(t.Context(), tracker.Draft{Title: "x"}); !errors.Is(err, tracker.ErrNotFound) {
		t.Errorf("another repository: %v", err)
	}
}

// TestFixOfPull: GitHub does not name the commit when a pull request closed the issue.
func TestFixOfPull(t *testing.T) {
	t.Parallel()
	s := ghtest.New(t)
	r := s.Repo("o/r")
	tr := github.New(s.Client(), "o/r", s.Now)
	closedBy := func(mention ...ghapi.PullRequest) int {
		n := r.AddIssue("x", "", "priya", "MEMBER").Number
		for _, p := range mention {
			r.AddPull(p)
			r.MergeMention(n, p.Number)
		}
		r.CloseIssue(n, "")
		return n
	}
	for name, c := range map[string]struct {
		number int
		want   string
	}{
		"merged then":        {closedBy(ghapi.PullRequest{Number: 501, Merged: true, MergedAt: s.Now(), MergeCommit: "fix501"}), "fix501"},
		"merged long before": {closedBy(ghapi.PullRequest{Number: 502, Merged: true, MergedAt: s.Now().Add(-time.Hour), MergeCommit: "fix502"}), ""},
		"two":                {closedBy(ghapi.PullRequest{Number: 503, Merged: true, MergedAt: s.Now(), MergeCommit: "a"}, ghapi.PullRequest{Number: 504, Merged: true, MergedAt: s.Now(), MergeCommit: "b"}), ""},
		"closed by a person": {closedBy(), ""},
	} {
		fix, err := tr.Fix(t.Context(), c.number)
		if err != nil || fix.Commit != c.want || (fix.Why == "") != (c.want != "") {
			t.Errorf("%s: %+v, %v; want %q", name, fix, err, c.want)
		}
	}
}
