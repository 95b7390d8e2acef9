// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/repro"
)

// propose builds the first repair that needs no run to vouch for it, where no run
// can judge any and the triage has left them to the proof.
func (p *proof) propose(ctx context.Context, f *culprit.Failure, measured *repro.Measured, start time.Time) error {
	if f.Fix != nil || f.Cause == nil || f.Cause.Grade == culprit.GradeGuessed || p.in.Patch != "" {
		return nil
	}
	list, why, err := fix.Safe(ctx, p.tree, f)
	if err != nil {
		return err
	}
	res := result{why: why}
	for _, c := range list {
		if c.Rejected {
			continue
		}
		fx := c.Fix()
		p.n++
		checks, ok, err := p.box.Vet(ctx, measured.Plan.Target, fmt.Sprintf("p%d", p.n), p.box.NewChange(c.Files))
		if err != nil {
			return err
		}
		fx.Checks = append(fx.Checks, checks...)
		fx.Status = culprit.FixRejected
		if ok {
			fx.Status = culprit.FixBuilds
		}
		if f.Fix == nil || ok {
			f.Fix = fx
			res = result{done: ok, why: fmt.Sprintf("%s: %s", fx.Strategy, fx.Status)}
		}
		if ok {
			break
		}
	}
	return p.step(start, culprit.StageFix, f.ID, res)
}
