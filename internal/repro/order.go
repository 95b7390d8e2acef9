// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// maxEarlier is how many earlier tests are told apart.
const maxEarlier = 2000

// order finds out, where the failure shows among other tests and not alone, which
// of them it needs, and leaves the setting with no more than those. The note says
// what was found.
func (x *flaky) order(ctx context.Context) (string, error) {
	set := x.best.Setting
	tops := tops(x.Target)
	if len(tops) == 0 || set.Pattern == x.Target.Patterns[0] || strings.Contains(set.Pattern, "/") {
		return "", nil
	}
	victims := "^(" + strings.Join(tops, "|") + ")$"
	if set.Pattern == victims {
		if gone, _ := Gone(x.best.Rate(), x.plain.Rate()); !gone {
			return "", nil
		}
		return "it fails with the rest of its own test, not as a subtest alone", nil
	}
	// Alone, under the same setting, it must not do the same.
	alone := set
	alone.Pattern = victims
	own := x.plain
	if set.Shuffle != x.plain.Setting.Shuffle || set.Parallel != 0 || !set.NoRace || x.Target.Patterns[0] != victims {
		x.say.say("running %s alone, to see whether it needs other tests", name(victims))
		var err error
		if own, err = x.measure(ctx, alone, plainRuns/2, x.left()/3, func(s *Series) bool { return s.Hits > 0 }); err != nil {
			return "", err
		}
	}
	if own.Runs < 3 || own.Hits > 0 {
		return "", nil
	}
	earlier, beside, err := x.earlier(ctx, set, tops)
	if err != nil || len(earlier) == 0 {
		return "", err
	}
	x.say.say("%d tests ran before it: looking for those that it needs", len(earlier))
	fails := x.needs(tops)
	ok, err := fails(ctx, earlier)
	if err != nil {
		return "", err
	}
	if !ok {
		if gone, _ := Gone(x.best.Rate(), own.Rate()); !gone {
			return unknown(own), nil
		}
		return fmt.Sprintf("alone it passes %d of %d runs; it fails only among all tests of the package", own.Runs-own.Hits, own.Runs), nil
	}
	least, whole, err := minimise(ctx, earlier, func(ctx context.Context, s []string) (bool, error) {
		if x.left() <= 0 {
			return false, nil
		}
		return fails(ctx, s)
	})
	if err != nil {
		return "", err
	}
	whole = whole && x.left() > 0
	if len(least) == 0 { // alone it failed, too
		return "", nil
	}
	set.After, set.Pattern = least, runAll(append(slices.Clone(tops), quoted(least)...))
	if set.Shuffle != "" {
		// In the order of the source, without a seed, is a shorter story.
		plain := set
		plain.Shuffle = ""
		if hit, err := x.shows(ctx, plain); err != nil {
			return "", err
		} else if hit {
			set = plain
		}
	}
	s, err := x.measure(ctx, set, amplifiedRuns, x.left(), nil)
	if err != nil {
		return "", err
	}
	when := "ran in the same process before it"
	if beside {
		when = "runs in the same process, before or beside it"
	}
	ok, note := claim(s, own, least, when)
	if !ok {
		return note, nil
	}
	x.best = s
	if !whole {
		note += " (the time was up: fewer of them may do)"
	}
	return note, nil
}

// claim says what the failing test needs. The search finds something also for what
// fails at random: those that were left when it happened to. So the last series, of
// nothing else, must fail so often that the good runs alone are no accident.
func claim(with, alone *Series, least []string, when string) (bool, string) {
	if gone, _ := Gone(with.Rate(), alone.Rate()); !gone || len(least) == 0 {
		return false, unknown(alone)
	}
	return true, fmt.Sprintf("alone it passes %d of %d runs; it fails when %s %s", alone.Runs-alone.Hits, alone.Runs, strings.Join(named(least), " and "), when)
}

func unknown(alone *Series) string {
	return fmt.Sprintf("alone it passes %d of %d runs; whether it needs other tests is not known, the runs are too few or too much alike", alone.Runs-alone.Hits, alone.Runs)
}

// named shortens a list for a sentence.
func named(list []string) []string {
	if len(list) > 8 {
		return append(slices.Clone(list[:8]), fmt.Sprintf("%d more", len(list)-8))
	}
	return list
}

// tops are the top-level tests of the narrowest pattern that names any, quoted.
func tops(t *Target) []string {
	for _, p := range t.Patterns {
		if p == "" {
			continue
		}
		top, _, _ := strings.Cut(p, "/")
		top = strings.TrimSuffix(strings.TrimPrefix(top, "^"), "$")
		return strings.Split(strings.TrimSuffix(strings.TrimPrefix(top, "("), ")"), "|")
	}
	return nil
}

func quoted(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, regexp.QuoteMeta(n))
	}
	return out
}

// runAll is the value of -run for top-level tests.
func runAll(quoted []string) string { return "^(" + strings.Join(quoted, "|") + ")$" }

// topRun and topEnd match how -v shows a top-level test.
var (
	topRun = lazyre.New(`(?m)^=== RUN   ([^/\s]+)$`)
	topEnd = lazyre.New(`(?m)^--- (?:FAIL|PASS|SKIP): ([^/\s]+) `)
)

// earlier lists the top-level tests that began before the failing ones had ended,
// in their order, in a run that shows the failure. beside says that a failing one
// runs in parallel.
func (x *flaky) earlier(ctx context.Context, set Setting, tops []string) (list []string, beside bool, err error) {
	set.Verbose = true
	s, err := x.measure(ctx, set, 2*orderRuns, x.left()/3, func(s *Series) bool { return s.Hits > 0 })
	if err != nil || s.Hits == 0 {
		return nil, false, err
	}
	out := s.Sample.Output
	cut := 0
	for _, m := range topEnd.FindAllSubmatchIndex(out, -1) {
		if slices.Contains(tops, regexp.QuoteMeta(string(out[m[2]:m[3]]))) {
			cut = m[0]
		}
	}
	if cut == 0 { // the process died in it
		cut = len(out)
	}
	for _, m := range topRun.FindAllSubmatch(out[:cut], -1) {
		n := string(m[1])
		beside = beside || slices.Contains(tops, regexp.QuoteMeta(n)) && bytes.Contains(out, []byte("=== PAUSE "+n+"\n"))
		if len(list) < maxEarlier && !slices.Contains(list, n) && !slices.Contains(tops, regexp.QuoteMeta(n)) {
			list = append(list, n)
		}
	}
	return list, beside, nil
}

// needs returns what runs the failing tests behind a set of others and says whether
// they fail. How often it is tried depends on the rate: a set that has what it
// takes is overlooked once in twenty times at most.
func (x *flaky) needs(tops []string) func(context.Context, []string) (bool, error) {
	set := x.best.Setting
	rate := float64(x.best.Hits) / float64(x.best.Runs)
	n := 1
	if rate < 0.95 {
		n = min(20, int(math.Ceil(math.Log(0.05)/math.Log(1-rate))))
	}
	return func(ctx context.Context, others []string) (bool, error) {
		set.Pattern = runAll(append(slices.Clone(tops), quoted(others)...))
		s, err := x.measure(ctx, set, n, x.left(), func(s *Series) bool { return s.Hits > 0 })
		return err == nil && s.Hits > 0, err
	}
}

// shows says whether a setting shows the failure nearly always.
func (x *flaky) shows(ctx context.Context, set Setting) (bool, error) {
	s, err := x.measure(ctx, set, orderRuns, x.left()/2, nil)
	return err == nil && s.Runs == orderRuns && s.Hits == s.Runs, err
}

// minimise makes a failing set as small as it gets by leaving out parts of it (A.
// Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input",
// TSE 2002): halves first, then smaller ones, in at most some hundred runs for
// one or two needed members. whole is false when it was cut short.
func minimise(ctx context.Context, set []string, fails func(context.Context, []string) (bool, error)) (least []string, whole bool, err error) {
	const limit = 400
	runs := 0
	try := func(s []string) (bool, error) {
		runs++
		return fails(ctx, s)
	}
	if ok, err := try(nil); err != nil || ok {
		return nil, true, err
	}
	for parts := 2; len(set) > 1 && runs < limit; {
		size := (len(set) + parts - 1) / parts
		smaller := false
		for _, keep := range []bool{true, false} { // one part alone, then all but one
			if !keep && parts == 2 {
				break
			}
			for at := 0; at < len(set); at += size {
				end := min(at+size, len(set))
				cand := slices.Clone(set[at:end])
				if !keep {
					cand = slices.Concat(set[:at], set[end:])
				}
				ok, err := try(cand)
				if err != nil {
					return set, false, err
				}
				if ok {
					set, smaller = cand, true
					if keep {
						parts = 2
					} else {
						parts = max(parts-1, 2)
					}
					break
				}
			}
			if smaller {
				break
			}
		}
		if !smaller {
			if size == 1 {
				return set, true, nil
			}
			parts = min(len(set), 2*parts)
		}
	}
	return set, runs < limit, nil
}
