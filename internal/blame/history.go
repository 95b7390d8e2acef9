// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"context"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit/internal/gitx"
)

// History is the history of a repository up to one commit. What it is asked may
// be asked from several goroutines.
type History struct {
	repo    *gitx.Repo
	rev     string // "" is the work tree
	head    string // the commit of rev
	date    time.Time
	shallow bool
	ignored *ignored
	rules   *rules // of CODEOWNERS
}

// Open reads what every question about the history at rev ("" is the work tree)
// needs. dir may be a folder inside the repository. A nil History comes with the
// reason; an error means that git could not run. Close lets go of it.
func Open(ctx context.Context, dir, rev string) (*History, string, error) {
	repo, why, err := gitx.Open(ctx, dir)
	if repo == nil {
		return nil, why, err
	}
	head, date, why, err := repo.Commit(ctx, rev)
	if head == "" {
		return nil, why, err
	}
	h := &History{repo: repo, head: head, date: date}
	if rev != "" {
		h.rev = head
	}
	if h.shallow, err = repo.Shallow(ctx); err != nil {
		return nil, "", fmt.Errorf("reading the repository: %w", err)
	}
	if h.rules, err = readCodeowners(ctx, repo, head); err != nil {
		return nil, "", fmt.Errorf("reading CODEOWNERS: %w", err)
	}
	if h.ignored, err = readIgnored(ctx, repo, h.rev); err != nil {
		return nil, "", fmt.Errorf("reading the ignored revisions: %w", err)
	}
	return h, "", nil
}

// Close removes what Open made.
func (h *History) Close() { h.ignored.close() }
