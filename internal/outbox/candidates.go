// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/tracker"
)

const (
	maxIssues  = 1000
	closedDays = 120
	maxFixes   = 10 // closed issues whose fix is asked for
)

// Issues searches the issues of a repository. It is a [dedupe.Source]. The list
// is read once; the issues of a cause are searched each time.
type Issues struct {
	Reader     tracker.Reader
	Repository string
	Now        func() time.Time

	mu     sync.Mutex
	recent []tracker.Issue
	more   bool
	read   bool
}

// Candidates lists the open and the lately closed issues, and those of the same
// cause however old.
func (s *Issues) Candidates(ctx context.Context, _ culprit.Job, f *culprit.Failure) ([]dedupe.Candidate, string, error) {
	recent, more, err := s.list(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("searching the issues of %s: %w", s.Repository, err)
	}
	marked, err := s.Reader.Containing(ctx, word(dedupe.Key(f)))
	if err != nil {
		return nil, "", fmt.Errorf("searching the issues of %s: %w", s.Repository, err)
	}
	known := map[int]bool{}
	var list []dedupe.Candidate
	for _, i := range append(marked, recent...) {
		if !known[i.Number] {
			known[i.Number] = true
			list = append(list, candidate(i))
		}
	}
	if err := s.fixes(ctx, f, list); err != nil {
		return nil, "", fmt.Errorf("searching the issues of %s: %w", s.Repository, err)
	}
	what := fmt.Sprintf("%d issues of %s, open or closed in the last %d days", len(recent), s.Repository, closedDays)
	if more {
		what = "the last changed " + what
	}
	return list, what, nil
}

func (s *Issues) list(ctx context.Context) ([]tracker.Issue, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.read {
		var err error
		s.recent, s.more, err = s.Reader.Recent(ctx, s.Now().AddDate(0, 0, -closedDays), maxIssues)
		if err != nil {
			return nil, false, err
		}
		s.read = true
	}
	return s.recent, s.more, nil
}

// fixes asks which commit closed those closed issues that are related by name:
// one request each.
func (s *Issues) fixes(ctx context.Context, f *culprit.Failure, list []dedupe.Candidate) error {
	matches, err := dedupe.Find(ctx, f, culprit.Job{}, list, nil)
	if err != nil {
		return err
	}
	asked := 0
	for _, m := range matches {
		for i := range list {
			if list[i].ID != m.ID || list[i].Closed.IsZero() || asked == maxFixes {
				continue
			}
			asked++
			fix, err := s.Reader.Fix(ctx, number(list[i].ID))
			if err != nil {
				return err
			}
			list[i].Fix, list[i].FixPull = fix.Commit, fix.Pull
		}
	}
	return nil
}

// candidate reads an issue. What the mark says is believed of trusted authors.
func candidate(i tracker.Issue) dedupe.Candidate {
	c := dedupe.Candidate{ID: i.ID, URL: i.URL, Title: i.Title, Text: i.Body, Closed: i.Closed, NotFixed: i.NotFixed}
	var m causeMeta
	if i.Trusted && readMark(causeMark, i.Body, &m) {
		c.Aliases = append([]string{m.Title}, m.Aliases...)
		c.Fingerprint, c.Kind, c.Package, c.Subject, c.Tests = m.Fingerprint, m.Kind, m.Package, m.Subject, m.Tests
		c.Spots = m.Spots
	}
	return c
}

// number reads "#12".
func number(id string) int {
	n := 0
	fmt.Sscanf(id, "#%d", &n)
	return n
}
