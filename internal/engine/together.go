// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/repro"
)

// partial is a candidate that ended its race while the tests still failed for
// races of other failures, or passed: without those that only rarely show.
type partial struct {
	f        *culprit.Failure
	c        *fix.Candidate
	measured *repro.Measured
	m        *repro.Matcher
	base     *repro.Baseline
	v        *repro.Verdict
	whole    bool // the tests passed
}

// together tries the partial repairs of one package as one patch: tests that show
// several races pass only when all of them are mended.
func (p *proof) together(ctx context.Context) error {
	byDir := map[string][]*partial{}
	var dirs []string
	for _, x := range p.partial {
		dir := x.measured.Plan.Target.Dir
		if byDir[dir] == nil {
			dirs = append(dirs, dir)
		}
		byDir[dir] = append(byDir[dir], x)
	}
	for _, dir := range dirs {
		list := byDir[dir]
		var cands []*fix.Candidate
		for _, x := range list {
			if !slices.ContainsFunc(cands, func(c *fix.Candidate) bool { return c.Patch == x.c.Patch }) {
				cands = append(cands, x.c)
			}
		}
		if len(cands) < 2 || time.Now().After(p.end) || !slices.ContainsFunc(list, func(x *partial) bool { return !x.whole }) {
			continue
		}
		c, err := fix.Combine(cands)
		if err != nil {
			return err
		}
		if c == nil || c.Rejected {
			continue
		}
		if err := p.combined(ctx, list, c); err != nil {
			return err
		}
	}
	return nil
}

// combined verifies one patch for several failures; it holds for all or for none.
func (p *proof) combined(ctx context.Context, list []*partial, c *fix.Candidate) error {
	start := time.Now()
	fixes := make([]*culprit.Fix, len(list))
	verdicts := make([]*repro.Verdict, len(list))
	until := p.end
	for i, x := range list {
		say := repro.Say(func(format string, args ...any) { p.say(x.f.ID, format, args...) })
		say("trying the repairs of %d failures together", len(list))
		fx, v, err := p.try(ctx, x.f, c, x.measured, x.m, x.base, until, say)
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		if fx.Status != culprit.FixVerified {
			return nil
		}
		fixes[i], verdicts[i] = fx, v
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.f.ID)
	}
	for i, x := range list {
		if x.f.Fix != nil {
			fixes[i].Tried = append(slices.Clone(x.f.Fix.Tried), culprit.Attempt{
				Strategy: x.f.Fix.Strategy, Message: x.f.Fix.Message, Patch: x.f.Fix.Patch, Status: x.f.Fix.Status, Checks: x.f.Fix.Checks,
			})
		}
		fixes[i].Note = strings.TrimPrefix(fixes[i].Note+"; one patch for "+strings.Join(ids, ", "), "; ")
		if err := p.holds(x.f, fixes[i], verdicts[i], start); err != nil {
			return err
		}
	}
	return nil
}

// holds records a fix that was verified.
func (p *proof) holds(f *culprit.Failure, fx *culprit.Fix, v *repro.Verdict, start time.Time) error {
	f.Fix = fx
	f.Repro.After, f.Repro.AmplifiedAfter = v.After, v.Amplified
	if f.Cause != nil && f.Cause.Grade == culprit.GradeLocated {
		f.Cause.Grade = culprit.GradeMeasured
		f.Cause.GradeWhy += "; and the race comes without the patch and goes with it"
	}
	if err := p.step(start, culprit.StageFix, f.ID, result{done: true, why: fx.Strategy + ": verified"}); err != nil {
		return err
	}
	return p.step(start, culprit.StageVerify, f.ID, result{done: true, why: fmt.Sprintf("%s: %s", fx.Strategy, last(fx.Checks, "the race is gone"))})
}
