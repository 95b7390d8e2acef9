// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// The numbers of runs a change has to pass.
const (
	minAfter   = 10 // amplified and plain runs, where the time allows
	maxAfter   = 60
	maxEnded   = 4  // amplified runs that a limit may end
	maxBroken  = 10 // amplified runs that may fail for another reason
	plainAfter = 3  // runs of the failing tests without the detector
)

// Baseline is how the package behaves without the change.
type Baseline struct {
	// Before is the build without it.
	Before *Build
	whole  *Outcome // all tests once, nil as long as nobody had to know
	// failing counts the reasons for which the failing tests fail in runs to
	// their end, nil as above.
	failing map[string]int
	runs    int
	// ran are the tests that ran, and were not skipped; nil as above.
	ran map[string]bool
}

// Verdict is what the runs say of a change.
type Verdict struct {
	Checks culprit.List[culprit.Check]
	// Passed says that every check did.
	Passed bool
	// Short says that nothing failed and the runs were too few to tell.
	Short bool
	// Partial says that the race is gone and the tests fail for races of other
	// failures of the case only.
	Partial          bool
	After, Amplified *culprit.Rate
}

func (v *Verdict) add(name string, ok bool, detail string) bool {
	v.Checks = append(v.Checks, culprit.Check{Name: name, Passed: ok, Detail: cut(detail)})
	v.Passed = v.Passed && ok
	return ok
}

func cut(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 900 {
		s = strings.ToValidUTF8(s[:900], "") + " …"
	}
	return s
}

// Verify builds the tests with a change and runs them: amplified, plain, without
// the detector, and all tests of the package. It stops at the first check that
// fails. known are the matchers of the other failures of the case.
func (s *Sandbox) Verify(ctx context.Context, res *Measured, change *Change, label string, m *Matcher, known []*Matcher, base *Baseline, until time.Time, say Say) (*Verdict, error) {
	v := &Verdict{Passed: true}
	p := &res.Plan
	say.say("building the tests with the change")
	bin, complaint, err := s.Prepare(ctx, p.Target, label, change)
	if err != nil {
		return nil, err
	}
	if bin == nil {
		v.add("tests compile", false, complaint)
		return v, nil
	}
	trials := s.NewTrials(m, change.From, known...)
	trials.wrote = change.Wrote
	steps := []func() (bool, error){
		func() (bool, error) { return s.smoke(ctx, v, res, trials, bin, base, until, say) },
		func() (bool, error) { return s.amplifiedAgain(ctx, v, res, trials, bin, until, say) },
		func() (bool, error) { return s.plainAgain(ctx, v, res, trials, bin, base, until, say) },
		func() (bool, error) { return s.withoutDetector(ctx, v, res, change, label, until, say) },
		func() (bool, error) { return s.wholePackage(ctx, v, res, trials, bin, base, until, say) },
	}
	for _, step := range steps {
		if ok, err := step(); err != nil || !ok {
			return v, err
		}
	}
	return v, nil
}

// smoke runs the failing tests twice: a change that makes them hang is refused
// before the many runs, and so is one with which they do not run.
func (s *Sandbox) smoke(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, base *Baseline, until time.Time, say Say) (bool, error) {
	say.say("running the failing tests twice with the change")
	set := res.Plan.Plain
	set.Pattern, set.Whole, set.Timeout, set.Verbose = res.Plan.Pattern, true, res.Plan.Limit, true
	x, err := trials.Measure(ctx, bin.Binary, set, 2, res.Plan.Workers, until, nil)
	if err != nil {
		return false, err
	}
	if x.Ended > 1 && res.Before.Ended == 0 {
		return v.add("failing tests end", false, fmt.Sprintf("%d of %d runs did not end: %s; without the change all did", x.Ended, x.Runs, ended(x))), nil
	}
	if x.Passed == nil {
		return true, nil // what follows tells why
	}
	if base.ran == nil {
		b, err := trials.Run(ctx, base.Before.Binary, set)
		if err != nil {
			return false, err
		}
		base.ran = ran(b.Output, strings.Count(res.Plan.Pattern, "/"))
	}
	now := ran(x.Passed.Output, strings.Count(res.Plan.Pattern, "/"))
	for _, name := range slices.Sorted(maps.Keys(base.ran)) {
		if !now[name] {
			return v.add("failing tests run", false, fmt.Sprintf("%s runs without the change, and not or only to be skipped with it", name)), nil
		}
	}
	return true, nil
}

// ran are the tests of a verbose output that ran and were not skipped, down to a
// depth: what is below has names that may differ between runs.
func ran(out []byte, depth int) map[string]bool {
	set := map[string]bool{}
	for _, m := range runLine.FindAllSubmatch(out, -1) {
		if name := string(m[1]); strings.Count(name, "/") <= depth {
			set[name] = true
		}
	}
	for _, m := range skipLine.FindAllSubmatch(out, -1) {
		delete(set, string(m[1]))
	}
	return set
}

var (
	runLine  = lazyre.New(`(?m)^=== RUN +(\S+)`)
	skipLine = lazyre.New(`(?m)^\s*--- SKIP: (\S+)`)
)

// amplifiedAgain repeats the runs that showed the race nearly always.
func (s *Sandbox) amplifiedAgain(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, until time.Time, say Say) (bool, error) {
	before := res.Amplified
	if before == nil || before.Hits == 0 {
		return v.add("the race is gone", false, "the race was never seen here before the change, so its absence would show nothing"), nil
	}
	n := min(maxAfter, max(minAfter, needed(before.Rate())))
	say.say("%d amplified runs with the change", n)
	set := res.Plan.Amplified
	set.Whole, set.Timeout = true, res.Plan.Limit
	// A run that the limit ends says nothing: the delays may have made it slow. Nor
	// does one that fails otherwise before it gets to the accesses, as they may make it.
	x, err := trials.Measure(ctx, bin.Binary, set, n+maxEnded+maxBroken, res.Plan.Workers, until, func(x *Series) bool {
		return x.Hits > 0 || x.Moved != "" || x.Ended >= maxEnded || x.Broken >= maxBroken || x.Runs-x.Ended-x.Broken >= n
	})
	if err != nil {
		return false, err
	}
	x.Runs -= x.Ended + x.Broken
	v.Amplified = x.Rate()
	switch {
	case x.Hits == 0 && x.Moved != "":
		return v.add("the race is gone", false, "another one is reported, at a line of the change: "+x.Moved), nil
	case x.Hits == 0 && x.Ended >= maxEnded && x.Runs < n:
		return v.add("amplified runs end", false, fmt.Sprintf("%d runs did not end: %s", x.Ended, ended(x))), nil
	}
	gone, why := Gone(before.Rate(), v.Amplified)
	how := set.String()
	if x.Broken > 0 {
		why += fmt.Sprintf("; %d more failed for another reason: %s", x.Broken, reason(x.Bad[0]))
	}
	if !gone && x.Hits == 0 && x.Broken > 0 {
		plain, sound, err := s.plainInstead(ctx, v, res, trials, bin, until)
		if err != nil || !sound {
			return false, err
		}
		var more string
		gone, more = Gone(res.Before.Rate(), plain.Rate())
		how, why = plain.Setting.String(), more+"; with "+how+": "+why
	}
	if !gone && x.Hits == 0 {
		v.Short = true
	}
	return v.add("the race is gone", gone, how+": "+why), nil
}

// plainInstead runs the failing tests without an amplifier, under which they fail for
// another reason: they may show the race often enough by themselves, and a change
// with which they fail here, too, is refused.
func (s *Sandbox) plainInstead(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, until time.Time) (*Series, bool, error) {
	set := res.Plan.Plain
	set.Whole, set.Timeout = true, res.Plan.Limit
	n := min(maxAfter, max(minAfter, needed(res.Before.Rate())))
	x, err := trials.Measure(ctx, bin.Binary, set, n, res.Plan.Workers, until, func(x *Series) bool { return x.Hits > 0 || x.Failed > 2 })
	if err != nil {
		return nil, false, err
	}
	if x.Hits == 0 && 4*x.Failed > x.Runs {
		return nil, v.add("failing tests pass with -race", false, fmt.Sprintf("%d of %d runs fail: %s", x.Failed, x.Runs, reason(x.Bad[0]))), nil
	}
	x.Runs -= x.Failed - x.Hits
	return x, true, nil
}

func ended(x *Series) string {
	for _, b := range x.Bad {
		if b.Limit != "" {
			return b.Limit
		}
	}
	return "a limit ended them"
}

// plainAgain runs the failing tests as go test -race does: they must pass.
func (s *Sandbox) plainAgain(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, base *Baseline, until time.Time, say Say) (bool, error) {
	say.say("%d plain runs with the change", minAfter)
	set := res.Plan.Plain
	set.Pattern = res.Plan.Pattern
	set.Whole, set.Timeout = true, res.Plan.Limit
	x, err := trials.Measure(ctx, bin.Binary, set, minAfter, res.Plan.Workers, until, func(x *Series) bool { return x.Failed > 2 || x.Hits > 0 })
	if err != nil {
		return false, err
	}
	v.After = x.Rate()
	const check = "failing tests pass with -race"
	switch {
	case x.Hits > 0:
		return v.add(check, false, fmt.Sprintf("the race is reported in %d of %d runs", x.Hits, x.Runs)), nil
	case x.Runs < 3:
		v.Short = true
		return v.add(check, false, fmt.Sprintf("the time was up after %d runs", x.Runs)), nil
	case x.Failed == 0:
		return v.add(check, true, fmt.Sprintf("%d of %d runs pass", x.Runs, x.Runs)), nil
	}
	if !slices.ContainsFunc(x.Bad, func(o Outcome) bool { return !o.Known || len(o.Others) > 0 || o.Limit != "" }) {
		v.Partial = true
		return v.add(check, false, fmt.Sprintf("%d of %d runs fail, with races that are other failures of this case", x.Failed, x.Runs)), nil
	}
	if detail, ok, err := s.knownFlake(ctx, res, trials, base, x, until, say); err != nil || ok {
		return v.add(check, ok, detail), err
	}
	return v.add(check, false, fmt.Sprintf("%d of %d runs fail: %s", x.Failed, x.Runs, reason(x.Bad[0]))), nil
}

// knownFlake says whether the few failures of a series are such as the tests have
// without the change too: then they are another flake of the same test, which
// this change need not mend. One in four is the most that is taken for few.
func (s *Sandbox) knownFlake(ctx context.Context, res *Measured, trials *Trials, base *Baseline, x *Series, until time.Time, say Say) (string, bool, error) {
	if 4*x.Failed > x.Runs || x.Ended > 0 {
		return "", false, nil
	}
	if base.failing == nil {
		say.say("running the failing tests to their end without the change, to compare")
		set := x.Setting
		before, err := trials.Measure(ctx, base.Before.Binary, set, plainRuns, res.Plan.Workers, until, nil)
		if err != nil {
			return "", false, err
		}
		base.failing, base.runs = before.Reasons, before.Runs
	}
	for _, b := range x.Bad {
		if base.failing[signature(b)] == 0 {
			return "", false, nil
		}
	}
	sig := signature(x.Bad[0])
	return fmt.Sprintf("%d of %d runs pass; the others fail as they do without the change (%d of %d there): %s", x.Runs-x.Failed, x.Runs, base.failing[sig], base.runs, reason(x.Bad[0])), true, nil
}

// signature is the reason of a failed run, without what differs between runs.
// Running late is no reason that two runs could share.
func signature(o Outcome) string {
	text := ""
	for line := range bytes.Lines(o.Output) {
		t := strings.TrimSpace(string(line))
		if strings.HasPrefix(t, "panic:") || strings.HasPrefix(t, "fatal error:") || testLine.MatchString(t) && !strings.Contains(t, "race detected during execution") {
			text = t
			break
		}
	}
	return digits.ReplaceAllString(text, "N")
}

var (
	testLine = lazyre.New(`^\w+_test\.go:\d+: `)
	digits   = lazyre.New(`0x[0-9a-f]+|[0-9]+`)
)

// withoutDetector runs the failing tests as go test does: a change that only
// works at the detector's pace is none.
func (s *Sandbox) withoutDetector(ctx context.Context, v *Verdict, res *Measured, change *Change, label string, until time.Time, say Say) (bool, error) {
	const check = "failing tests pass without -race"
	say.say("running the failing tests without the detector")
	bin, complaint, err := s.Build(ctx, res.Plan.Target.Dir, label+"-norace", change.Files, false)
	if err != nil || bin == nil {
		return v.add(check, false, complaint), err
	}
	set := Setting{Pattern: res.Plan.Pattern, Whole: true, Timeout: res.Plan.Limit}
	x, err := s.NewTrials(nil, nil).Measure(ctx, bin, set, plainAfter, res.Plan.Workers, until, nil)
	switch {
	case err != nil:
		return false, err
	case x.Runs == 0:
		v.Short = true
		return v.add(check, false, "the time was up"), nil
	case x.Failed > 0:
		return v.add(check, false, fmt.Sprintf("%d of %d runs fail: %s", x.Failed, x.Runs, reason(x.Bad[0]))), nil
	}
	return v.add(check, true, fmt.Sprintf("%d of %d runs pass", x.Runs, x.Runs)), nil
}

// wholePackage runs all tests of the package once, before and after: what failed
// before may fail after.
func (s *Sandbox) wholePackage(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, base *Baseline, until time.Time, say Say) (bool, error) {
	const check = "the package's other tests"
	if res.Plan.Pattern == "" {
		return v.add(check, true, "they are among the failing tests' runs"), nil
	}
	set := Setting{Linger: lingerMS, Whole: true, Timeout: min(2*DefaultTimeout, max(time.Until(until)/2, 5*time.Second))}
	say.say("running all tests of the package with the change")
	out, err := trials.Run(ctx, bin.Binary, set)
	switch {
	case err != nil:
		return false, err
	case out.Hit:
		return v.add(check, false, "the race is reported when all tests of the package run"), nil
	case !out.Failed:
		return v.add(check, true, "all tests of the package pass once with -race"), nil
	}
	if base.whole == nil {
		say.say("running all tests of the package without the change, to compare")
		b, err := trials.Run(ctx, base.Before.Binary, set)
		if err != nil {
			return false, err
		}
		base.whole = &b
	}
	news := newFailures(base.whole.Output, out.Output)
	switch {
	case out.Limit != "" && base.whole.Limit == "" && base.whole.Took > set.Timeout/3:
		v.Short = true // a busy machine explains it as well
		return v.add(check, false, fmt.Sprintf("the time was up: all tests took %v without the change, and did not end in %v with it", base.whole.Took.Round(time.Second), set.Timeout.Round(time.Second))), nil
	case out.Limit != "" && base.whole.Limit == "":
		return v.add(check, false, out.Limit+"; without the change it ended"), nil
	case len(news) > 0:
		return s.onceMore(ctx, v, res, trials, bin, base, news, until, say)
	case !base.whole.Failed:
		return v.add(check, false, "the package fails, and did not without the change: "+reason(out)), nil
	}
	return v.add(check, true, "the package fails with and without the change, in the same tests: "+strings.Join(failures(out.Output), ", ")), nil
}

// onceMore runs tests that failed once with the change, and not once without it,
// by themselves: one run of a package on a busy machine says little of its
// timing. They must pass every time, or fail without the change as well.
func (s *Sandbox) onceMore(ctx context.Context, v *Verdict, res *Measured, trials *Trials, bin *Build, base *Baseline, news []string, until time.Time, say Say) (bool, error) {
	const check = "the package's other tests"
	var tops []string
	for _, n := range news {
		top, _, _ := strings.Cut(n, "/")
		if !slices.Contains(tops, top) {
			tops = append(tops, top)
		}
	}
	list := strings.Join(news, ", ")
	set := Setting{Pattern: runAll(quoted(tops)), Linger: lingerMS, Whole: true, Timeout: 2 * DefaultTimeout}
	say.say("running again what failed with the change: %s", strings.Join(tops, ", "))
	after, err := trials.Measure(ctx, bin.Binary, set, plainAfter, 1, until, nil)
	switch {
	case err != nil:
		return false, err
	case after.Runs < plainAfter && after.Failed == 0:
		v.Short = true
		return v.add(check, false, "these failed once, and the time was up before they had run again: "+list), nil
	case after.Failed == 0:
		// In company they must not fail again.
		whole := Setting{Linger: lingerMS, Whole: true, Timeout: min(2*DefaultTimeout, max(time.Until(until)/2, 5*time.Second))}
		out, err := trials.Run(ctx, bin.Binary, whole)
		if err != nil {
			return false, err
		}
		twice := slices.DeleteFunc(failures(out.Output), func(n string) bool { return !slices.Contains(news, n) })
		if out.Limit != "" || len(twice) > 0 {
			return v.add(check, false, "these fail when all tests of the package run, and did not without the change: "+cmp.Or(strings.Join(twice, ", "), list)), nil
		}
		return v.add(check, true, fmt.Sprintf("these failed in one of two runs of all tests of the package with -race, and pass in %d of %d runs by themselves: %s", after.Runs, after.Runs, list)), nil
	}
	before, err := trials.Measure(ctx, base.Before.Binary, set, plainAfter, 1, until, nil)
	if err != nil {
		return false, err
	}
	var old, now []byte
	for _, b := range before.Bad {
		old = append(old, b.Output...)
	}
	for _, b := range after.Bad {
		now = append(now, b.Output...)
	}
	if before.Failed >= after.Failed && len(newFailures(old, now)) == 0 {
		return v.add(check, true, fmt.Sprintf("these fail by themselves in %d of %d runs with the change and in %d of %d without: %s", after.Failed, after.Runs, before.Failed, before.Runs, list)), nil
	}
	return v.add(check, false, fmt.Sprintf("these fail, also by themselves in %d of %d runs, and did not without the change (%d of %d): %s", after.Failed, after.Runs, before.Failed, before.Runs, list)), nil
}

var failLine = lazyre.New(`(?m)^\s*--- FAIL: (\S+)`)

func failures(out []byte) []string {
	var names []string
	for _, m := range failLine.FindAllSubmatch(out, -1) {
		if n := string(m[1]); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// newFailures lists the tests that fail in after and did not in before.
func newFailures(before, after []byte) []string {
	old := failures(before)
	return slices.DeleteFunc(failures(after), func(n string) bool { return slices.Contains(old, n) })
}

// reason is what the output of a failed run says first.
func reason(o Outcome) string {
	if o.Limit != "" {
		return o.Limit
	}
	if len(o.Others) > 0 {
		return "another race is reported, at " + o.Others[0]
	}
	first := ""
	for line := range bytes.Lines(o.Output) {
		s := strings.TrimSpace(string(line))
		if strings.HasPrefix(s, "panic:") || strings.HasPrefix(s, "fatal error:") || testLine.MatchString(s) {
			return strings.TrimPrefix(first+": "+s, ": ")
		}
		if first == "" && strings.HasPrefix(s, "--- FAIL") {
			first = s
		}
	}
	return cmp.Or(first, "it exits with an error")
}
