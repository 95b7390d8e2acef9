// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/repro"
	"github.com/culprit-ci/culprit/internal/source"
)

// DefaultBudget is how long a proof may take when nobody says.
const DefaultBudget = 10 * time.Minute

// ProveInput is what a proof works on.
type ProveInput struct {
	// Case is the triaged case; its failures are filled in further.
	Case *culprit.Case
	// Repo is the folder of the work tree, Commit the revision to take instead
	// of the files as they are, "" for none.
	Repo, Commit string
	// Budget is the time for all of it, 0 for [DefaultBudget].
	Budget time.Duration
	// Env are KEY=VALUE entries that the tests need and that the scrubbed
	// environment would not have.
	Env []string
	// Patch is a unified diff to check instead of our own candidates, "" for none.
	Patch string
	// Emit receives, for each race that was reproduced, the files of a replay:
	// name to content; nil for none.
	Emit func(f *culprit.Failure, files map[string][]byte) error
	// Save is called after each step with the case as it is then; nil for none.
	Save func(*culprit.Case) error
	// Progress is told what goes on; nil means nobody is.
	Progress func(culprit.Event)
}

// Prove runs the failing tests of a case in a copy of the repository: it measures
// how often a race shows, amplifies it, and tries patches until one holds. What
// the case already has is not measured again, so an interrupted proof goes on
// where it stopped. This runs code of the repository.
//
// An error means that nothing could be run, that ctx ended or that the case could
// not be saved; what was found out until then is in the case.
func Prove(ctx context.Context, in ProveInput) error {
	p := &proof{in: in, c: in.Case}
	if in.Budget <= 0 {
		p.in.Budget = DefaultBudget
	}
	p.end = time.Now().Add(p.in.Budget)
	todo := p.todo()
	if len(todo) == 0 && in.Emit == nil {
		p.c.Checklist = culprit.Checklist(p.c)
		return p.save()
	}
	p.say("", "copying the work tree")
	box, why, err := repro.Open(ctx, in.Repo, in.Commit, in.Env)
	if err != nil {
		return err
	}
	if box == nil {
		return errors.New(why)
	}
	defer box.Close()
	p.box = box
	if p.tree, why, err = source.Open(ctx, box.Tree); err != nil {
		return err
	} else if p.tree == nil {
		return errors.New(why)
	}
	for i, f := range todo {
		// Each failure may use an equal share of what is left, and so may the
		// attempt to mend several together.
		shares := len(todo) - i
		if len(todo) > 1 {
			shares++
		}
		share := time.Now().Add(time.Until(p.end) / time.Duration(shares))
		prove := p.failure
		if f.Race == nil {
			prove = p.flake
		}
		if err := prove(ctx, f, share); err != nil {
			return err
		}
	}
	if err := p.together(ctx); err != nil {
		return err
	}
	if err := p.emit(); err != nil {
		return err
	}
	return box.Close()
}

// todo are the failures to prove, the races first; a patch is checked for races.
func (p *proof) todo() []*culprit.Failure {
	var races, others []*culprit.Failure
	for _, f := range p.c.Failures {
		switch {
		case p.in.Patch == "" && p.finished(f):
		case f.Race != nil:
			races = append(races, f)
		case runnable(f) && p.in.Patch == "":
			others = append(others, f)
		}
	}
	return append(races, others...)
}

type proof struct {
	in   ProveInput
	c    *culprit.Case
	box  *repro.Sandbox
	tree *source.Tree
	end  time.Time
	n    int // names builds
	// partial are candidates that end their own race, while the tests may still
	// fail for others.
	partial []*partial
}

func (p *proof) say(failure, format string, args ...any) {
	if p.in.Progress != nil {
		p.in.Progress(culprit.Event{Stage: culprit.StageRepro, Failure: failure, Message: fmt.Sprintf(format, args...)})
	}
}

func (p *proof) save() error {
	if p.in.Save == nil {
		return nil
	}
	return p.in.Save(p.c)
}

// step replaces what an earlier step of the same stage said of the failure.
func (p *proof) step(start time.Time, stage culprit.Stage, failure string, res result) error {
	r := &run{c: &culprit.Case{}}
	r.step(start, stage, failure, res)
	s := r.c.Steps[0]
	if i := slices.IndexFunc(p.c.Steps, func(o culprit.Step) bool { return o.Stage == stage && o.Failure == failure }); i >= 0 {
		p.c.Steps[i] = s
	} else {
		p.c.Steps = append(p.c.Steps, s)
	}
	p.c.Checklist = culprit.Checklist(p.c)
	return p.save()
}

// finished reports whether an earlier proof has concluded on a failure: not where
// the time was up.
func (p *proof) finished(f *culprit.Failure) bool {
	if f.Fix != nil && f.Fix.Status == culprit.FixBuilds && f.Repro != nil && f.Repro.AmplifiedBefore != nil {
		return false
	}
	if f.Race == nil {
		// No repair follows, so that to have run it is all there is.
		return f.Repro != nil && f.Repro.Before != nil
	}
	return slices.ContainsFunc(p.c.Steps, func(s culprit.Step) bool {
		return s.Stage == culprit.StageVerify && s.Failure == f.ID && s.Outcome != culprit.Errored
	})
}

// failure proves one failure until the time is up. The error is one that ends
// the whole proof.
func (p *proof) failure(ctx context.Context, f *culprit.Failure, until time.Time) error {
	start := time.Now()
	stop := func(stage culprit.Stage, res result) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.step(start, stage, f.ID, res)
	}
	target, why := repro.NewTarget(p.tree, f)
	if target == nil {
		if err := stop(culprit.StageRepro, result{why: why}); err != nil {
			return err
		}
		return stop(culprit.StageVerify, result{skipped: true, why: "nothing could be run"})
	}
	if f.Repro == nil {
		f.Repro = target.Command()
	}
	say := repro.Say(func(format string, args ...any) { p.say(f.ID, format, args...) })
	m := p.box.NewMatcher(f, p.text)
	say("building ./%s with -race", target.Dir)
	p.n++
	bin, why, err := p.box.Prepare(ctx, target, fmt.Sprintf("p%d", p.n), nil)
	if err != nil || bin == nil {
		return stop(culprit.StageRepro, result{why: short("the tests do not build here: " + why), err: err})
	}
	workers := max(1, runtime.GOMAXPROCS(0))
	total := time.Until(until)
	measured, why, err := p.box.Plain(ctx, target, bin, m, workers, time.Now().Add(total/5), say)
	if err != nil || measured == nil {
		return stop(culprit.StageRepro, result{why: why, err: err})
	}
	p.record(f, measured)
	if err := p.save(); err != nil {
		return err
	}
	if err := p.box.Amplify(ctx, measured, bin, m, time.Now().Add(total*3/10), say); err != nil {
		return stop(culprit.StageRepro, result{err: err})
	}
	p.record(f, measured)
	if err := stop(culprit.StageRepro, reproResult(f)); err != nil {
		return err
	}
	start = time.Now()
	return p.fixes(ctx, f, measured, &repro.Baseline{Before: bin}, m, until, start)
}

// text is a line of the tree, for the matcher.
func (p *proof) text(file string, line int) string {
	data, err := p.box.Read(nil, file)
	if err != nil {
		return ""
	}
	n := 0
	for l := range strings.Lines(string(data)) {
		if n++; n == line {
			return l
		}
	}
	return ""
}

// record writes what was measured into the failure.
func (p *proof) record(f *culprit.Failure, m *repro.Measured) {
	f.Repro.Before, f.Repro.AmplifiedBefore = m.Rates()
	f.Repro.SecondsToFirst = seconds(m.Before.ToFirst)
	f.Repro.Note = m.Note
	if m.Amplified != nil {
		f.Repro.AmplifiedSecondsToFirst = seconds(m.Amplified.ToFirst)
		f.Repro.Amplifier = m.Amplified.Setting.String()
		f.Repro.Amplify = m.Amplified.Setting.Amplify()
	}
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func reproResult(f *culprit.Failure) result {
	r := f.Repro
	why := fmt.Sprintf("plain: %d of %d runs", r.Before.Failed, r.Before.Runs)
	if r.AmplifiedBefore != nil {
		why += fmt.Sprintf("; amplified: %d of %d (%s)", r.AmplifiedBefore.Failed, r.AmplifiedBefore.Runs, r.Amplifier)
	} else if r.Before.Failed == 0 {
		why += fmt.Sprintf(" (below %.0f %%, 95 %%), and no amplifier that was tried showed it", 100*r.Before.High)
	}
	if r.Note != "" {
		why += "; " + r.Note
	}
	return result{done: r.Before.Failed > 0 || r.AmplifiedBefore != nil, why: why}
}

// fixes tries the candidates until one holds.
func (p *proof) fixes(ctx context.Context, f *culprit.Failure, measured *repro.Measured, base *repro.Baseline, m *repro.Matcher, until, start time.Time) error {
	end := func(res result) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.step(start, culprit.StageVerify, f.ID, res)
	}
	switch {
	case f.Cause == nil && p.in.Patch == "":
		return end(result{skipped: true, why: "no cause is known, so there is nothing to repair"})
	case measured.Amplified == nil:
		if err := p.propose(ctx, f, measured, start); err != nil {
			return end(result{err: err})
		}
		return end(result{why: "the failure could not be made to happen here, so no patch can be shown to end it"})
	}
	list, why, err := p.candidates(ctx, f)
	if err != nil {
		return end(result{err: err})
	}
	if len(list) == 0 {
		return end(result{why: why})
	}
	var tried culprit.List[culprit.Attempt]
	var best, rejected *culprit.Fix // the first that ran short of time, and the first that failed
	say := repro.Say(func(format string, args ...any) { p.say(f.ID, format, args...) })
	onlyWait := false
	for i, c := range list {
		if onlyWait && c.Strategy != fix.Wait {
			continue
		}
		if time.Now().After(until) {
			why = fmt.Sprintf("the time was up before %d of %d candidates were tried", len(list)-i, len(list))
			break
		}
		say("candidate %d of %d: %s", i+1, len(list), c.Message)
		fx, v, err := p.try(ctx, f, c, measured, m, base, until, say)
		if err != nil {
			return end(result{err: err})
		}
		if fx.Status == culprit.FixVerified {
			fx.Tried = attempts(rejected, tried)
			p.partial = append(slices.DeleteFunc(p.partial, func(o *partial) bool { return o.f == f }),
				&partial{f: f, c: c, measured: measured, m: m, base: base, v: v, whole: true})
			return p.holds(f, fx, v, start)
		}
		if v != nil && v.Partial && !slices.ContainsFunc(p.partial, func(o *partial) bool { return o.f == f }) {
			p.partial = append(p.partial, &partial{f: f, c: c, measured: measured, m: m, base: base, v: v})
			// Another guard of this variable would leave the same races: only to
			// wait for the goroutine may end all of them.
			onlyWait = true
		}
		if fx.Status != culprit.FixRejected && best == nil {
			best = fx
			f.Repro.After, f.Repro.AmplifiedAfter = v.After, v.Amplified
			continue
		}
		if rejected == nil {
			rejected = fx
			why = fmt.Sprintf("%s: %s", fx.Strategy, failed(fx.Checks))
			continue
		}
		tried = append(tried, culprit.Attempt{Strategy: fx.Strategy, Message: fx.Message, Patch: fx.Patch, Status: fx.Status, Checks: fx.Checks})
		why = fmt.Sprintf("%s: %s", fx.Strategy, failed(fx.Checks))
	}
	switch {
	case best != nil:
		best.Tried = attempts(rejected, tried)
		f.Fix = best
		why = failed(best.Checks)
	case rejected != nil:
		rejected.Tried = tried
		f.Fix = rejected
	}
	if f.Fix != nil {
		if err := p.step(start, culprit.StageFix, f.ID, result{why: fmt.Sprintf("%s: %s", f.Fix.Strategy, f.Fix.Status)}); err != nil {
			return err
		}
	}
	return end(result{why: why})
}

// attempts lists what was tried in vain, first things first.
func attempts(first *culprit.Fix, more culprit.List[culprit.Attempt]) culprit.List[culprit.Attempt] {
	if first == nil {
		return more
	}
	a := culprit.Attempt{Strategy: first.Strategy, Message: first.Message, Patch: first.Patch, Status: first.Status, Checks: first.Checks}
	return append(culprit.List[culprit.Attempt]{a}, more...)
}

// emit hands out the replay of each race that was reproduced.
func (p *proof) emit() error {
	if p.in.Emit == nil {
		return nil
	}
	for _, f := range p.c.Failures {
		if f.Race == nil || f.Repro == nil || f.Repro.Amplify == nil {
			continue
		}
		target, _ := repro.NewTarget(p.tree, f)
		if target == nil {
			continue
		}
		var change *repro.Change
		patch := ""
		if f.Fix != nil && f.Fix.Status == culprit.FixVerified {
			if c, _, err := fix.FromPatch(p.tree, f.Fix.Patch); err != nil {
				return err
			} else if c != nil && len(c.Files) > 0 {
				change, patch = p.box.NewChange(c.Files), f.Fix.Patch
			}
		}
		files, _ := p.box.Replay(target, repro.FromAmplify(f.Repro.Amplify), change, patch)
		if files == nil {
			continue
		}
		if err := p.in.Emit(f, files); err != nil {
			return err
		}
	}
	return nil
}

// candidates are the repairs to try: the given patch, or our own.
func (p *proof) candidates(ctx context.Context, f *culprit.Failure) ([]*fix.Candidate, string, error) {
	if p.in.Patch == "" {
		return fix.Candidates(ctx, p.tree, f)
	}
	c, why, err := fix.FromPatch(p.tree, p.in.Patch)
	if c == nil {
		return nil, why, err
	}
	return []*fix.Candidate{c}, "", nil
}

// left names the siblings that a patch does not touch.
func left(f *culprit.Failure, change *repro.Change) string {
	var list []string
	for _, s := range f.Siblings {
		if !change.Touches(s.File, s.Line) {
			list = append(list, fmt.Sprintf("%s:%d", s.File, s.Line))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "the same class remains, untouched by the patch, at " + strings.Join(list, ", ")
}

// others are the matchers of the case's other failures.
func (p *proof) others(f *culprit.Failure) []*repro.Matcher {
	var list []*repro.Matcher
	for _, o := range p.c.Failures {
		if o != f && o.Race != nil {
			list = append(list, p.box.NewMatcher(o, p.text))
		}
	}
	return list
}

// try runs one candidate.
func (p *proof) try(ctx context.Context, f *culprit.Failure, c *fix.Candidate, measured *repro.Measured, m *repro.Matcher, base *repro.Baseline, until time.Time, say repro.Say) (*culprit.Fix, *repro.Verdict, error) {
	fx := c.Fix()
	if c.Rejected {
		return fx, nil, nil
	}
	p.n++
	label := fmt.Sprintf("p%d", p.n)
	change := p.box.NewChange(c.Files)
	fx.Note = left(f, change)
	checks, ok, err := p.box.Vet(ctx, measured.Plan.Target, label, change)
	if err != nil {
		return nil, nil, err
	}
	fx.Checks = append(fx.Checks, checks...)
	if !ok {
		fx.Status = culprit.FixRejected
		return fx, nil, nil
	}
	v, err := p.box.Verify(ctx, measured, change, label, m, p.others(f), base, until, say)
	if err != nil {
		return nil, nil, err
	}
	fx.Checks = append(fx.Checks, v.Checks...)
	switch {
	case v.Passed:
		fx.Status = culprit.FixVerified
	case v.Short:
		fx.Status = culprit.FixBuilds
	default:
		fx.Status = culprit.FixRejected
	}
	return fx, v, nil
}

// short keeps what a person reads of a compiler's output.
func short(s string) string {
	if len(s) > 600 {
		s = strings.ToValidUTF8(s[:600], "") + " …"
	}
	return s
}

// failed is the first check that did not pass.
func failed(checks []culprit.Check) string {
	for _, c := range checks {
		if !c.Passed {
			return c.Name + ": " + c.Detail
		}
	}
	return ""
}

func last(checks []culprit.Check, name string) string {
	for _, c := range checks {
		if c.Name == name {
			return c.Detail
		}
	}
	return ""
}
