// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"context"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/store"
)

// How much of the history is compared by its text: what is older or beyond is
// found by fingerprint, title and alias only.
const (
	rememberedFor = 90 * 24 * time.Hour
	rememberedMax = 200
)

// Remembered searches the store for what is known of a failure.
type Remembered struct {
	Store store.Causes
	// Case gives the ID of the case that is searched for: it is in the store
	// itself, from this triage or an earlier one of the same log.
	Case func() string
}

// Candidates implements [dedupe.Source].
func (r Remembered) Candidates(ctx context.Context, job culprit.Job, f *culprit.Failure) ([]dedupe.Candidate, string, error) {
	causes, err := r.Store.Match(ctx, job.Repository, f, r.Case())
	if err != nil {
		return nil, "", err
	}
	recent, err := r.Store.Recent(ctx, job.Repository, time.Now().Add(-rememberedFor), rememberedMax)
	if err != nil {
		return nil, "", err
	}
	seen := map[string]bool{}
	var list []dedupe.Candidate
	for _, c := range append(causes, recent...) {
		if seen[c.Key] || c.Case == r.Case() {
			continue
		}
		seen[c.Key] = true
		list = append(list, dedupe.Candidate{
			ID: c.Key, Title: c.Title, Aliases: c.Aliases, Fingerprint: c.Fingerprint, Kind: c.Kind, Package: c.Package,
			Text: c.Excerpt, Closed: c.Closed.At, Fix: c.Closed.Fix,
		})
	}
	what := "1 cause in the store"
	if len(list) != 1 {
		what = fmt.Sprintf("%d causes in the store", len(list))
	}
	return list, what, nil
}
