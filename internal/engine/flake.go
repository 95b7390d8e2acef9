// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/kind"
	"github.com/culprit-ci/culprit/internal/lazyre"
	"github.com/culprit-ci/culprit/internal/repro"
)

// dies are the kinds in which the process ends, so that the test is only named
// where it says what it runs.
var dies = []culprit.Kind{culprit.KindPanic, culprit.KindDeadlock, culprit.KindTimeout, culprit.KindLogAfterTest, culprit.KindConcurrentMap, culprit.KindGoroutineLeak}

// tested are the other kinds in which a test says that it failed.
var tested = []culprit.Kind{culprit.KindAssertion, culprit.KindEventually, culprit.KindMock, culprit.KindGolden, culprit.KindPortInUse, culprit.KindExample}

// runnable reports whether a failure that is no race can be made to happen by
// running tests: a test failed, or the process of one package's tests did. What is
// wrong with the machine, the build or the network cannot.
func runnable(f *culprit.Failure) bool {
	if f.Race != nil || f.Evidence.Damaged != "" {
		return false
	}
	named := slices.ContainsFunc(f.Tests, func(t culprit.TestRef) bool {
		return t.Role == culprit.RoleCause || t.Role == culprit.RoleUnknown
	})
	return slices.Contains(tested, f.Kind) && named || slices.Contains(dies, f.Kind) && (named || f.Package != "")
}

// flake measures a failure that is no race and looks for what makes it show. No
// repair is tried: this version makes none for these kinds.
func (p *proof) flake(ctx context.Context, f *culprit.Failure, until time.Time) error {
	start := time.Now()
	stop := func(res result) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return p.step(start, culprit.StageRepro, f.ID, res)
	}
	target, why := repro.NewTarget(p.tree, f)
	if target == nil {
		return stop(result{why: why})
	}
	if f.Repro == nil {
		f.Repro = target.Plain()
	}
	say := repro.Say(func(format string, args ...any) { p.say(f.ID, format, args...) })
	say("building ./%s", target.Dir)
	p.n++
	in := &repro.Flake{
		Target: target, Judge: judge(f), Shuffle: f.Shuffle, Verbose: slices.Contains(dies, f.Kind),
		Detector: slices.ContainsFunc(p.c.Failures, func(o *culprit.Failure) bool { return o.Race != nil }),
		Hangs:    f.Kind == culprit.KindTimeout, Port: f.Kind == culprit.KindPortInUse,
	}
	if f.Timeout != nil {
		in.Limit, _ = time.ParseDuration(f.Timeout.Limit)
	}
	m, why, err := p.box.Flaky(ctx, in, fmt.Sprintf("p%d", p.n), until, say)
	if err != nil || m == nil {
		return stop(result{why: short(why), err: err})
	}
	p.record(f, m)
	if m.Amplified != nil {
		f.Repro.AmplifiedCommand = target.AmplifiedCommand(m.Amplified.Setting)
	}
	return stop(reproResult(f))
}

// judge tells a failure in the output of a test binary: the same kind in the same
// test, saying the same apart from its values. What else fails there is another
// matter.
func judge(f *culprit.Failure) repro.Judge {
	pkg := f.Package
	if pkg == "" {
		pkg = "p"
	}
	return func(out []byte) bool {
		// go test closes the output of a binary with the name of the package.
		text := append(bytes.TrimRight(slices.Clone(out), "\n"), "\nFAIL\t"+pkg+"\t0.010s\n"...)
		log, err := golog.Read(context.Background(), bytes.NewReader(text), golog.Options{})
		if err != nil {
			return false
		}
		_, _, list := kind.Classify(log)
		return slices.ContainsFunc(list, func(o *culprit.Failure) bool { return sameFailure(f, o) })
	}
}

// sameFailure says whether two failures of one package are the same as far as a
// reader can tell.
func sameFailure(f, o *culprit.Failure) bool {
	if f.Kind != o.Kind || !shareTest(f, o) {
		return false
	}
	switch {
	case f.Kind == culprit.KindTimeout || f.Kind == culprit.KindDeadlock:
		return sameHang(f, o)
	case otherStatement(f, o):
		return false
	case skeleton(f.Title) == skeleton(o.Title):
		return true
	case f.Crash != nil && o.Crash != nil && f.Crash.Where != nil && o.Crash.Where != nil:
		return f.Crash.Where.Func == o.Crash.Where.Func && skeleton(f.Crash.Value) == skeleton(o.Crash.Value)
	case f.Assertion != nil && o.Assertion != nil && f.Assertion.Line > 0:
		// One check, and values that differ in more than their digits.
		a, b := skeleton(f.Assertion.Message), skeleton(o.Assertion.Message)
		return f.Assertion.Line == o.Assertion.Line && path.Base(f.Assertion.File) == path.Base(o.Assertion.File) &&
			strings.HasSuffix(f.Assertion.File, "_test.go") && firstWord(a) != "" && firstWord(a) == firstWord(b)
	}
	return false
}

// otherStatement reports whether two failures that may say the same are shown at two
// lines of one file: the log and the runs are of one tree, as for races, and one
// test says "got 1, want 2" in more than one place. Which side of a map the runtime
// shows is chance, and so is which line of a goroutine first logs too late.
func otherStatement(f, o *culprit.Failure) bool {
	differ := func(a, b string, m, n int) bool {
		base := func(s string) string { return path.Base(strings.ReplaceAll(s, `\`, "/")) }
		return m > 0 && n > 0 && m != n && base(a) == base(b)
	}
	if a, b := f.Assertion, o.Assertion; a != nil && b != nil && differ(a.File, b.File, a.Line, b.Line) {
		return true
	}
	if f.Kind != culprit.KindPanic || f.Crash == nil || o.Crash == nil {
		return false
	}
	a, b := f.Crash.Where, o.Crash.Where
	return a != nil && b != nil && differ(a.File, b.File, a.Line, b.Line)
}

// shareTest reports whether one test failed in both, or none is named in either. A
// goroutine of nobody's may panic in any test.
func shareTest(f, o *culprit.Failure) bool {
	a, b := suspects(f), suspects(o)
	if len(a) == 0 || f.Crash != nil && f.Crash.Where != nil && f.Kind == culprit.KindPanic {
		return true
	}
	return slices.ContainsFunc(a, func(n string) bool { return slices.Contains(b, n) })
}

func suspects(f *culprit.Failure) []string {
	var list []string
	for _, t := range f.Tests {
		if t.Role == culprit.RoleCause || t.Role == culprit.RoleUnknown {
			list = append(list, t.Name)
		}
	}
	return list
}

// sameHang: what stands does so where it stood in the log, as far as the log shows.
// A slow test is not a hanging one.
func sameHang(f, o *culprit.Failure) bool {
	at := func(f *culprit.Failure) map[string]bool {
		set := map[string]bool{}
		for _, g := range f.Goroutines {
			if g.Where != nil {
				set[g.State+" "+g.Where.Func] = true
			}
		}
		return set
	}
	a, b := at(f), at(o)
	found := 0
	for k := range a {
		if b[k] {
			found++
		}
	}
	// One goroutine may stand there in a slow run, too: that of the test, which waits.
	return found >= min(2, len(a)) && 2*found >= len(a)
}

var (
	quotedPart = lazyre.New("\"[^\"]*\"|`[^`]*`|'[^']*'")
	numbers    = lazyre.New(`0x[0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?(?:ns|µs|us|ms|s|m|h)?|\bN\b`)
	folders    = lazyre.New(`(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+)+[/\\]`)
)

// skeleton is a message without what differs between two machines and two runs.
func skeleton(s string) string {
	s = folders.ReplaceAllString(s, "")
	s = numbers.ReplaceAllString(quotedPart.ReplaceAllString(s, "Q"), "N")
	return strings.Join(strings.Fields(s), " ")
}

// firstWord is the beginning of a message up to its first value.
func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	if len(w) < 2 || w == "N" || w == "Q" {
		return ""
	}
	return w
}

// seeds gives each failure the seed of the order of its package's tests. Package
// testing prints it before the first of them.
func seeds(log *golog.Log, failures []*culprit.Failure) {
	for _, p := range log.Packages {
		for _, l := range p.Output.Lines() {
			m := shuffled.FindStringSubmatch(l.Text)
			if m == nil {
				continue
			}
			for _, f := range failures {
				if f.Package == p.Path && len(f.Tests) > 0 && f.Shuffle == "" {
					f.Shuffle = m[1]
				}
			}
			break
		}
	}
}

var shuffled = lazyre.New(`^-test\.shuffle ([0-9]+)\s*$`)
