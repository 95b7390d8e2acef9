// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// canPause says whether pauses and a crowd may be tried: a test that they make slow
// must not count as one that hangs.
func (x *flaky) canPause() bool { return gocmd.CanPause && !x.Hangs }

// wholes are all tests of the package: in the order of the log, in that of the
// source, and what surrounds a subtest.
func (x *flaky) wholes() []Setting {
	var list []Setting
	for _, p := range x.Target.Patterns[1:] {
		set := x.base(p)
		if x.Shuffle != "" && p == "" {
			seeded := set
			seeded.Shuffle = x.Shuffle
			list = append(list, seeded)
		}
		list = append(list, set)
	}
	if x.Target.Patterns[0] == "" && x.Shuffle != "" {
		set := x.base("")
		set.Shuffle = x.Shuffle
		list = append(list, set)
	}
	// The seed of the log is what is most likely to show it again.
	slices.SortStableFunc(list, func(a, b Setting) int { return -cmp.Compare(len(a.Shuffle), len(b.Shuffle)) })
	return list
}

// alones are the amplifiers of the failing tests alone.
func (x *flaky) alones() []Setting {
	base := x.base(x.Target.Patterns[0])
	with := func(change func(*Setting)) Setting {
		s := base
		change(&s)
		return s
	}
	crowd := max(8, 4*runtime.GOMAXPROCS(0))
	var list []Setting
	if x.Port {
		list = append(list, with(func(s *Setting) { s.AtOnce = 4 }))
	}
	for side := oneSide; side < oneSide+maxOnes; side++ {
		i := slices.IndexFunc(x.points, func(p Point) bool { return p.Side == side })
		if i < 0 {
			continue
		}
		for _, d := range []time.Duration{20 * time.Millisecond, 200 * time.Millisecond} {
			list = append(list, with(func(s *Setting) {
				s.Delay, s.Wait, s.What = modeOne(side), d, x.points[i].What
				if s.Alarm > 0 {
					s.Alarm += d + 2*time.Second // the helper's budget: what is late is not what hangs
				}
			}))
		}
	}
	list = append(list, with(func(s *Setting) { s.Procs = 1 }))
	if x.canPause() {
		// Each millisecond of work takes twenty, or a hundred.
		list = append(list,
			with(func(s *Setting) { s.Pause, s.Run = 20*time.Millisecond, time.Millisecond }),
			with(func(s *Setting) { s.Pause, s.Run = 250*time.Millisecond, 2*time.Millisecond }))
	}
	if !x.Hangs && !x.s.alone(x.bins[false].Dir) {
		list = append(list, with(func(s *Setting) { s.AtOnce, s.Procs = crowd, 2 }))
	}
	detector := with(func(s *Setting) { s.NoRace, s.Alarm = false, 4*s.Alarm }) // it is slow
	if x.Detector {
		list = append([]Setting{detector}, list...)
	} else {
		list = append(list, detector)
	}
	list = append(list,
		with(func(s *Setting) { s.Procs, s.Parallel = 8, 16 }))
	if x.canPause() {
		// A pause of the length of a usual patience.
		list = append(list, with(func(s *Setting) { s.Pause, s.Run = time.Second, 10*time.Millisecond }))
	}
	return list
}
