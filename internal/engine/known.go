// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// known searches for issues and causes that a failure may be another occurrence
// of. It runs when the failure has its title and fingerprint.
func (r *run) known(ctx context.Context, f *culprit.Failure) {
	start := time.Now()
	if len(r.in.Known) == 0 {
		r.step(start, culprit.StageDuplicate, f.ID, result{skipped: true, why: "no tracker and no history was given to search in"})
		return
	}
	r.say(culprit.StageDuplicate, f.ID, "searching for what is known of "+f.Title)
	var list []dedupe.Candidate
	var searched []string
	var errs []error
	for _, source := range r.in.Known {
		more, what, err := source.Candidates(ctx, r.c.Job, f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list, searched = append(list, more...), append(searched, what)
	}
	matches, err := dedupe.Find(ctx, f, r.c.Job, list, r.ancestry())
	if err != nil {
		r.step(start, culprit.StageDuplicate, f.ID, result{err: err})
		return
	}
	f.Known = matches
	why := fmt.Sprintf("searched %s, found %s", strings.Join(searched, " and "), found(matches))
	if len(errs) > 0 {
		// A source that was not searched may hold the duplicate.
		r.step(start, culprit.StageDuplicate, f.ID, result{err: fmt.Errorf("%w (%s)", errors.Join(errs...), why)})
		return
	}
	r.step(start, culprit.StageDuplicate, f.ID, result{done: true, why: why})
}

func found(matches []culprit.Match) string {
	if len(matches) == 0 {
		return "nothing"
	}
	best := matches[0]
	return fmt.Sprintf("%d, first %s (%s: %s)", len(matches), best.ID, best.Relation, best.Why)
}

// ancestry asks git, nil without a repository.
func (r *run) ancestry() dedupe.Ancestry {
	if r.tree == nil {
		return nil
	}
	return func(ctx context.Context, ancestor, descendant string) (bool, string, error) {
		repo, why, err := gitx.Open(ctx, r.tree.Root)
		if repo == nil {
			return false, why, err
		}
		return repo.IsAncestor(ctx, ancestor, descendant)
	}
}

// place names the work tree for a person: a temporary folder means nothing to them.
func (r *run) place() string {
	if r.in.Repo == "" {
		return "the source of " + r.c.Job.Repository
	}
	return r.in.Repo
}
