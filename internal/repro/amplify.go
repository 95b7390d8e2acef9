// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
)

// The numbers of trials.
const (
	plainRuns     = 20 // at most, for the plain rate
	amplifiedRuns = 20 // for the rate of the chosen amplifier
	probeRuns     = 3  // twice this for an amplifier that sometimes hits
)

// lingerMS is the detector's default atexit_sleep_ms.
const lingerMS = 1000

// Plan is how a failure is made to happen: what was built and which setting hits.
type Plan struct {
	Target *Target
	// Pattern is the value of -run under which the race was seen.
	Pattern string
	// Amplified is the best setting.
	Amplified Setting
	// Plain is the setting of the plain runs.
	Plain Setting
	// Workers is how many trials run at a time.
	Workers int
	// Limit is the time limit of a trial.
	Limit time.Duration
}

// Say tells somebody what goes on; nil tells nobody.
type Say func(format string, args ...any)

func (s Say) say(format string, args ...any) {
	if s != nil {
		s(format, args...)
	}
}

// Measured is what Amplify found out.
type Measured struct {
	Plan      Plan
	Before    *Series // plain
	Amplified *Series // nil when nothing was amplified
	// Note says what limits the numbers.
	Note string
}

// Build is a test binary for a target. The one with delays serves the plain runs
// too: without its variable set, the call before each access returns at once.
type Build struct {
	*Binary
	// Points are the statements that can be delayed, none in a plain build; Why
	// says then why not.
	Points []Point
	Why    string
}

// Prepare builds the tests of a target, with delays where that is possible.
// change is the change to build them with, nil for the tree as it is. A nil build
// comes with the reason.
func (s *Sandbox) Prepare(ctx context.Context, t *Target, label string, change *Change) (*Build, string, error) {
	var base Files
	var move func(string, int) int
	if change != nil {
		base, move = change.Files, change.To
	}
	files, points, why := s.Delayed(t, base, move)
	if files != nil {
		bin, complaint, err := s.Build(ctx, t.Dir, label+"-delayed", files, true)
		if bin != nil || err != nil {
			return &Build{Binary: bin, Points: points}, "", err
		}
		why = "with delays the tests do not build: " + firstLine(complaint)
	}
	bin, complaint, err := s.Build(ctx, t.Dir, label, base, true)
	if bin == nil {
		return nil, complaint, err
	}
	return &Build{Binary: bin, Why: why}, "", nil
}

// Plain measures how often the tests show the race as go test runs them. A nil
// result comes with the reason.
func (s *Sandbox) Plain(ctx context.Context, t *Target, bin *Build, m *Matcher, workers int, until time.Time, say Say) (*Measured, string, error) {
	res := &Measured{Plan: Plan{Target: t, Pattern: t.Patterns[0], Workers: workers}, Note: bin.Why}
	if m.ended {
		res.Note = join(res.Note, "runs count, too, in which the same access came later still and panicked (\"Log in goroutine after … has completed\")")
	}
	trials := s.NewTrials(m, nil)
	res.Plan.Plain = Setting{Pattern: t.Patterns[0], Linger: lingerMS}
	say.say("running %s, to see how often it races by itself", name(t.Patterns[0]))
	// The interval of ten hits in ten runs is as narrow as its use needs.
	enough := func(x *Series) bool { return x.Hits == x.Runs && x.Runs >= 10 || x.Runs >= 6 && x.Ended == x.Runs }
	var err error
	if res.Before, err = trials.Measure(ctx, bin.Binary, res.Plan.Plain, plainRuns, workers, until, enough); err != nil {
		return nil, "", err
	}
	if res.Before.Runs == 0 {
		return nil, "the time was up before one plain run had ended", nil
	}
	res.Plan.Limit = min(2*DefaultTimeout, 3*res.Before.Slowest+10*time.Second)
	return res, "", nil
}

func name(pattern string) string {
	if pattern == "" {
		return "all tests of the package"
	}
	return pattern
}

// settings are the amplifiers in the order they are tried.
func (p *Plan) settings(points []Point) []Setting {
	base := Setting{Pattern: p.Pattern, Parallel: 16, Wait: 100 * time.Millisecond, Timeout: p.Limit}
	base.Self = p.Target.self()
	with := func(mode Mode, wait time.Duration, linger int) Setting {
		s := base
		s.Delay, s.Wait, s.Linger = mode, wait, linger
		return s
	}
	sides := map[int]bool{}
	for _, pt := range points {
		sides[pt.Side] = true
	}
	var list []Setting
	if sides[0] && sides[1] || base.Self {
		list = append(list, with(ModeMeet, 100*time.Millisecond, 0))
	}
	if sides[0] {
		list = append(list, with(ModeFirst, 20*time.Millisecond, 0))
	}
	if sides[1] {
		list = append(list, with(ModeSecond, 20*time.Millisecond, 0))
	}
	if sides[startSide] {
		list = append(list, with(ModeFirstStart, 20*time.Millisecond, 0))
	}
	if sides[startSide+1] {
		list = append(list, with(ModeSecondStart, 20*time.Millisecond, 0))
	}
	if sides[0] && sides[1] || base.Self {
		list = append(list, with(ModeMeet, time.Second, lingerMS))
	}
	if sides[0] {
		list = append(list, with(ModeFirst, 200*time.Millisecond, lingerMS))
	}
	if sides[1] {
		list = append(list, with(ModeSecond, 200*time.Millisecond, lingerMS))
	}
	off := with(ModeOff, 0, lingerMS)
	list = append(list, off)
	off.Parallel, off.Procs = 0, 8
	return append(list, off)
}

// Amplify looks for a setting under which the race shows nearly always, and
// measures its rate. It fills res.
func (s *Sandbox) Amplify(ctx context.Context, res *Measured, bin *Build, m *Matcher, until time.Time, say Say) error {
	p := &res.Plan
	trials := s.NewTrials(m, nil)
	best, tried := res.Before, 0
	for _, pattern := range p.Target.Patterns {
		p.Pattern = pattern
		for _, set := range p.settings(bin.Points) {
			// Where the race shows in every plain run, two amplifiers that do not
			// keep up are enough to see that none is needed.
			if time.Now().After(until) || nearlyAlways(best) && (best != res.Before || tried >= 2) {
				break
			}
			say.say("trying: %s; %s", set, name(pattern))
			x, err := trials.Measure(ctx, bin.Binary, set, amplifiedRuns, p.Workers, until, hopeless)
			if err != nil {
				return err
			}
			tried++
			if better(x, best) || nearlyAlways(x) && best == res.Before {
				best = x
			}
		}
		if best.Hits > 0 || time.Now().After(until) {
			break
		}
	}
	if best.Hits == 0 {
		return nil
	}
	if best != res.Before && !nearlyAlways(best) {
		// That it was the best of many makes its first runs look better than it is.
		say.say("measuring again: %s", best.Setting)
		x, err := trials.Measure(ctx, bin.Binary, best.Setting, amplifiedRuns, p.Workers, until, nil)
		if err != nil {
			return err
		}
		if x.Hits == 0 || x.Runs < amplifiedRuns/2 {
			best.Runs += x.Runs
			best.Hits += x.Hits
		} else {
			x.ToFirst = cmp.Or(best.ToFirst, x.ToFirst)
			best = x
		}
		if !better(best, res.Before) {
			best = res.Before
		}
	}
	p.Pattern, p.Amplified = best.Setting.Pattern, best.Setting
	res.Amplified = best
	if best == res.Before {
		res.Note = join(res.Note, "no amplifier that was tried hits more often than the plain run")
	}
	return nil
}

// nearlyAlways is a rate that needs no amplifier.
func nearlyAlways(s *Series) bool { return s.Runs >= 10 && 20*s.Hits >= 19*s.Runs }

// hopeless ends a series that cannot become [nearlyAlways]: something else is
// tried first, and the rate stays as it was measured.
func hopeless(s *Series) bool {
	misses := s.Runs - s.Hits
	return misses >= 2 && (s.Runs >= 2*probeRuns || s.Hits == 0)
}

// better prefers the higher rate.
func better(x, best *Series) bool {
	return x.Runs > 0 && x.Hits > 0 && (best.Runs == 0 || x.Hits*best.Runs > best.Hits*x.Runs)
}

// String describes the setting as a person would.
func (s Setting) String() string {
	var parts []string
	switch s.Delay {
	case ModeMeet:
		parts = append(parts, fmt.Sprintf("both accesses wait up to %v for each other", s.Wait))
	case ModeFirst:
		parts = append(parts, fmt.Sprintf("the first access of the report is %v late", s.Wait))
	case ModeSecond:
		parts = append(parts, fmt.Sprintf("the second access of the report is %v late", s.Wait))
	case ModeFirstStart:
		parts = append(parts, fmt.Sprintf("the goroutine of the first access starts %v late", s.Wait))
	case ModeSecondStart:
		parts = append(parts, fmt.Sprintf("the goroutine of the second access starts %v late", s.Wait))
	case ModeOff:
	default:
		parts = append(parts, fmt.Sprintf("%s is %v late", s.What, s.Wait))
	}
	if s.Parallel > 0 {
		parts = append(parts, fmt.Sprintf("-parallel %d", s.Parallel))
	}
	if s.Procs > 0 {
		parts = append(parts, fmt.Sprintf("GOMAXPROCS=%d", s.Procs))
	}
	if s.Shuffle != "" {
		parts = append(parts, "-shuffle "+s.Shuffle)
	}
	if len(s.After) > 0 {
		parts = append(parts, "with "+strings.Join(named(s.After), " and ")+" in the same process")
	}
	if s.AtOnce > 0 {
		parts = append(parts, fmt.Sprintf("%d processes at once", s.AtOnce))
	}
	if s.Pause > 0 {
		parts = append(parts, fmt.Sprintf("the process is stopped for %v after each %v of work", s.Pause, s.Run))
	}
	if s.Linger != lingerMS {
		parts = append(parts, fmt.Sprintf("GORACE=atexit_sleep_ms=%d", s.Linger))
	}
	if s.NoRace && len(parts) == 0 {
		return "plain runs"
	}
	if !s.NoRace && s.Whole && s.Delay == ModeOff {
		parts = append([]string{"-race"}, parts...)
	}
	if len(parts) == 0 {
		return "plain -race runs"
	}
	return strings.Join(parts, ", ")
}

func join(a, b string) string {
	return strings.Join(slices.DeleteFunc([]string{a, b}, func(s string) bool { return s == "" }), "; ")
}

func firstLine(s string) string {
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			return l
		}
	}
	return s
}

// Rates of a measured failure for the case.
func (m *Measured) Rates() (before, amplified *culprit.Rate) {
	before = m.Before.Rate()
	if m.Amplified != nil {
		amplified = m.Amplified.Rate()
	}
	return before, amplified
}
