// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/culprit-ci/culprit/internal/dedupe"
)

// limit drops the creation of issues beyond the limits. Two failures of a case
// with one key, and a spot in common where they have spots, are one issue.
func (o *Outbox) limit(ctx context.Context, plans []*plan) error {
	l := o.Limits.filled()
	var fresh []*plan
	keys := map[string]bool{}
	for _, p := range plans {
		if p.act.Did != Created {
			continue
		}
		if slices.ContainsFunc(fresh, func(q *plan) bool { return q.key == p.key && dedupe.Meet(dedupe.Spots(q.f), dedupe.Spots(p.f)) }) {
			p.act.Did, p.act.Why = Nothing, "another failure of the case has this cause"
			continue
		}
		keys[createKey(o.Repository, p.place)] = true
		fresh = append(fresh, p)
	}
	if len(fresh) >= l.Flood {
		for _, p := range fresh {
			p.act.Did, p.act.Why = Nothing, fmt.Sprintf("%d new causes at once are rather one broken thing: no issue is created from %d on", len(fresh), l.Flood)
		}
		return nil
	}
	today, err := o.today(ctx, keys)
	if err != nil {
		return err
	}
	for i, p := range fresh {
		switch {
		case i >= l.Run:
			p.act.Did, p.act.Why = Nothing, fmt.Sprintf("one case creates at most %d issues", l.Run)
		case today+i >= l.Day:
			p.act.Did, p.act.Why = Nothing, fmt.Sprintf("at most %d issues are created within 24 hours", l.Day)
		}
	}
	return nil
}

// today counts the issues that were created within 24 hours, without those that
// an interrupted run of ours is about to finish.
func (o *Outbox) today(ctx context.Context, own map[string]bool) (int, error) {
	list, err := o.Ledger.Since(ctx, o.Repository, o.Now().Add(-24*time.Hour))
	if err != nil {
		return 0, fmt.Errorf("reading the ledger: %w", err)
	}
	n := 0
	for _, e := range list {
		if e.Action == string(Created) && e.State != Rejected && !(own[e.Key] && e.State == Intended) {
			n++
		}
	}
	return n, nil
}
