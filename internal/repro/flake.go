// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// The numbers of trials for a failure that is no race.
const (
	flakeProbe = 4  // runs of an amplifier that never hits before the next is tried
	flakeDeep  = 30 // runs of the second round, when no amplifier hit in the first
	orderRuns  = 3  // runs of all tests of the package, which take longer
	seedTries  = 8  // orders that are drawn
	hangRuns   = 10 // runs of an amplifier where each hit takes as long as the limit
)

// Flake is a failure that is no race: how to tell it from another, and what the log
// says of how it came.
type Flake struct {
	Target *Target
	// Judge tells this failure from another.
	Judge Judge
	// Shuffle is the seed of the log, "" where it shows none.
	Shuffle string
	// Verbose says that the process dies, so that only -v names the test. Hangs
	// says that the time limit is the failure, and Limit is that of the log, 0 when
	// it is not known.
	Verbose, Hangs bool
	Limit          time.Duration
	// Detector says that the log's run was built with the race detector.
	Detector bool
	// Port says that the failure is a port that is taken: more than one process at
	// a time is then an amplifier and never an accident.
	Port bool
}

// hangAlarm is how long a trial may take where hanging is the failure, unless the
// log's own limit is shorter: what hangs does so at once or never.
const (
	hangAlarm = 15 * time.Second
	hangLeast = 5 * time.Second // the least, where a good run is known to take less
)

// flaky is one reproduction on its way.
type flaky struct {
	*Flake
	s       *Sandbox
	trials  *Trials
	bins    map[bool]*Binary // by whether it has the detector
	workers int
	until   time.Time
	say     Say
	points  []Point // the statements that can be delayed
	plain   *Series // of the failing tests alone
	best    *Series
	alarm   time.Duration
}

// Flaky measures how often a failure that is no race shows as go test runs the
// failing tests, and looks for what makes it show nearly always: fewer processors,
// company, pauses, the detector, the tests that run before, their order. Binaries
// are built once, each trial is a process. A nil result comes with the reason.
func (s *Sandbox) Flaky(ctx context.Context, f *Flake, label string, until time.Time, say Say) (*Measured, string, error) {
	x := &flaky{Flake: f, s: s, bins: map[bool]*Binary{}, workers: max(1, runtime.GOMAXPROCS(0)), until: until, say: say}
	x.trials = &Trials{s: s, judge: f.Judge}
	if complaint, err := x.build(ctx, label); err != nil || x.bins[false] == nil {
		return nil, "the tests do not build here: " + complaint, err
	}
	if f.Port {
		x.workers = 1
	}
	if f.Hangs {
		x.alarm = hangAlarm
		if f.Limit > 0 {
			x.alarm = min(x.alarm, f.Limit)
		}
		if err := x.patience(ctx, f.Target.Patterns[0]); err != nil {
			return nil, "", err
		}
	}
	total := time.Until(until)
	set := x.base(f.Target.Patterns[0])
	say.say("running %s, to see how often it fails by itself", name(set.Pattern))
	var err error
	if x.plain, err = x.measure(ctx, set, plainRuns, total/4, certain); err != nil {
		return nil, "", err
	}
	if x.plain.Runs == 0 {
		return nil, "the time was up before one plain run had ended", nil
	}
	x.best = x.plain
	res := &Measured{Before: x.plain, Plan: Plan{Target: f.Target, Pattern: set.Pattern, Plain: set, Workers: x.workers}}
	if nearlyAlways(x.plain) {
		res.Amplified, res.Note = x.plain, "it fails in nearly every run as it is: no amplifier is needed"
		return res, "", nil
	}
	if err := x.search(ctx, label); err != nil {
		return nil, "", err
	}
	if x.best.Hits > 0 {
		if err := x.settle(ctx); err != nil {
			return nil, "", err
		}
		if res.Note, err = x.order(ctx); err != nil {
			return nil, "", err
		}
		res.Amplified = x.best
		if x.best == x.plain {
			res.Note = join(res.Note, "no amplifier that was tried hits more often than the plain run")
		}
	}
	if a := res.Amplified; a != nil && (a.Setting.Pause > 0 || a.Setting.AtOnce > 0 && !f.Port || a.Setting.Procs == 1) {
		res.Note = join(res.Note, "this shows that too little processor time is enough for it, not that it was the reason in the log")
	}
	if f.Hangs {
		res.Note = join(res.Note, fmt.Sprintf("a run counts as hanging after %v", x.alarm))
	}
	return res, "", nil
}

// build builds the tests without the detector, with delays at the points of the
// target where that is possible: they are off until a setting turns them on.
func (x *flaky) build(ctx context.Context, label string) (complaint string, err error) {
	if len(x.Target.Points) > 0 {
		if files, points, _ := x.s.Delayed(x.Target, nil, nil); files != nil {
			bin, _, err := x.s.Build(ctx, x.Target.Dir, label+"-delayed", files, false)
			if err != nil {
				return "", err
			}
			if bin != nil {
				x.bins[false], x.points = bin, points
				return "", nil
			}
		}
	}
	x.bins[false], complaint, err = x.s.Build(ctx, x.Target.Dir, label, nil, false)
	return complaint, err
}

// patience sets the limit of a trial by what a good one takes. A first run that
// stands where the log's did when its time was up may be slow instead: one that may
// take much longer tells.
func (x *flaky) patience(ctx context.Context, pattern string) error {
	for _, limit := range []time.Duration{x.alarm, min(6*x.alarm, x.left()/4)} {
		if x.Limit > 0 {
			limit = min(limit, x.Limit)
		}
		set := x.base(pattern)
		set.Alarm = limit
		x.say.say("running %s once for up to %v, to tell slow from hanging", name(pattern), limit.Round(time.Second))
		s, err := x.measure(ctx, set, 1, x.left()/3, nil)
		if err != nil {
			return err
		}
		if s.Runs == 1 && s.Hits == 0 {
			x.alarm = max(hangLeast, 3*s.Slowest)
			if x.Limit > 0 {
				x.alarm = min(x.alarm, x.Limit)
			}
			return nil
		}
		if limit == x.Limit {
			return nil
		}
	}
	return nil
}

// base is a plain run of tests.
func (x *flaky) base(pattern string) Setting {
	set := Setting{Pattern: pattern, NoRace: true, Verbose: x.Verbose, Whole: true, Linger: lingerMS, Alarm: x.alarm}
	if x.Hangs && pattern != x.Target.Patterns[0] { // the others take their time, too
		set.Alarm = max(x.alarm, x.left()/6)
		if x.Limit > 0 {
			set.Alarm = min(set.Alarm, x.Limit)
		}
	}
	return set
}

// certain ends a series that has shown its point: it always fails, or it hangs.
func certain(s *Series) bool {
	return s.Hits == s.Runs && s.Runs >= 10 || s.Runs >= 6 && s.Ended == s.Runs
}

// measure runs trials of a setting for at most some time.
func (x *flaky) measure(ctx context.Context, set Setting, n int, share time.Duration, stop func(*Series) bool) (*Series, error) {
	bin := x.bins[!set.NoRace]
	until := time.Now().Add(share)
	if until.After(x.until) {
		until = x.until
	}
	return x.trials.Measure(ctx, bin, set, n, x.workers, until, stop)
}

// left is the time that is left.
func (x *flaky) left() time.Duration { return time.Until(x.until) }

// try measures one amplifier and keeps it if it is the best one. It reports
// whether the search is over.
func (x *flaky) try(ctx context.Context, set Setting, n, probe int) (bool, error) {
	if x.left() <= 0 {
		return true, nil
	}
	if x.Hangs {
		n = min(n, hangRuns)
	}
	x.say.say("trying: %s; %s", set, name(set.Pattern))
	s, err := x.measure(ctx, set, n, x.left()/3, func(s *Series) bool {
		return s.Hits == 0 && s.Runs >= probe || s.Hits > 0 && s.Runs >= n/2 && hopeless(s)
	})
	if err != nil {
		return true, err
	}
	if better(s, x.best) {
		x.best = s
	}
	return x.best.Hits > 0 && always(x.best), nil
}

// always is a rate that ends the search. A few whole packages say as much as many
// runs of one test.
func always(s *Series) bool { return nearlyAlways(s) || s.Runs >= orderRuns && s.Hits == s.Runs }

// search goes through the amplifiers. Where the failing tests alone have never
// failed, what the others leave behind is the first suspect.
func (x *flaky) search(ctx context.Context, label string) error {
	whole := func() (bool, error) {
		for _, set := range x.wholes() {
			if done, err := x.try(ctx, set, orderRuns, 2); done || err != nil {
				return done, err
			}
		}
		return false, nil
	}
	alone := func(n, probe int) (bool, error) {
		for _, set := range x.alones() {
			if !set.NoRace && !x.detector(ctx, label) {
				continue
			}
			if done, err := x.try(ctx, set, n, probe); done || err != nil {
				return done, err
			}
		}
		return false, nil
	}
	steps := []func() (bool, error){whole, func() (bool, error) { return alone(plainRuns, flakeProbe) }}
	if len(x.points) > 0 || x.plain.Hits > 0 && x.Shuffle == "" {
		slices.Reverse(steps)
	}
	steps = append(steps, func() (bool, error) { return x.neighbours(ctx, label) })
	for i, step := range steps {
		if i > 0 && x.best != x.plain && always(x.best) {
			return nil
		}
		if done, err := step(); done || err != nil {
			return err
		}
	}
	if x.best.Hits > 0 {
		return nil
	}
	_, err := alone(flakeDeep, flakeDeep)
	return err
}

// detector builds the tests with the race detector, which also makes them several
// times slower.
func (x *flaky) detector(ctx context.Context, label string) bool {
	if x.bins[true] != nil {
		return true
	}
	if x.left() <= 0 {
		return false
	}
	bin, _, err := x.s.Build(ctx, x.Target.Dir, label+"-race", nil, true)
	if err != nil || bin == nil {
		return false
	}
	x.bins[true] = bin
	return true
}

// neighbours runs all tests of the package in drawn orders, and with more of them
// side by side.
func (x *flaky) neighbours(ctx context.Context, label string) (bool, error) {
	for seed := 1; seed <= seedTries; seed++ {
		set := x.base("")
		set.Shuffle = fmt.Sprint(seed)
		if done, err := x.try(ctx, set, orderRuns, 1); done || err != nil {
			return done, err
		}
	}
	side := x.base("")
	side.Parallel = 16
	if done, err := x.try(ctx, side, orderRuns, 2); done || err != nil {
		return done, err
	}
	if !x.detector(ctx, label) {
		return false, nil
	}
	side.NoRace = false
	return x.try(ctx, side, orderRuns, 2)
}

// settle measures the best setting again, from nothing: that it was the best of
// many makes its first series look better than it is.
func (x *flaky) settle(ctx context.Context) error {
	if x.best == x.plain || x.left() <= 0 {
		return nil
	}
	x.say.say("measuring: %s; %s", x.best.Setting, name(x.best.Setting.Pattern))
	n := amplifiedRuns
	if x.Hangs {
		n = hangRuns
	}
	s, err := x.measure(ctx, x.best.Setting, n, x.left()/2, nil)
	if err != nil {
		return err
	}
	if s.Runs >= min(x.best.Runs, 2*orderRuns) {
		s.ToFirst = cmp.Or(s.ToFirst, x.best.ToFirst)
		x.best = s
	}
	if x.best.Hits*x.plain.Runs <= x.plain.Hits*x.best.Runs {
		x.best = x.plain
	}
	return nil
}
