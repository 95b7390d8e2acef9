// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// timeouts: the time that go test allows ran out. Either package testing's alarm
// panicked ("test timed out after 10m0s"), or the process did not obey and cmd/go
// killed it ("*** Test killed: ran too long", a minute later).
//
// Who held it: Go 1.20 and later list the running tests; before that, and for
// killed processes, the stacks and the tests without a result have to tell.
//
// ginkgo's limit of a suite is the same; that of a spec is kind eventually. So is the
// limit of a framework that runs tests of its own and panics ("S.TestX test timed out
// after 5m0s").
// Near miss: "timed out" as the message of a test, which is kind eventually.
func timeouts(c *claims) []*culprit.Failure {
	out := c.byCrash(culprit.KindTimeout, golog.MarkTimeout, func(cr *crash) string {
		return timeoutTitle(c, cr)
	}, func(f *culprit.Failure, cr *crash) {
		f.Crash = nil
		f.Timeout = &culprit.Timeout{Limit: limit(cr.headline()), By: "go test -timeout", Running: running(cr.lines)}
		f.Goroutines = holders(cr.goroutines)
		c.giveTimeout(f, cr)
	})
	for _, m := range c.pkg.Marks {
		if m.Kind == golog.MarkTimeout && strings.HasPrefix(m.Line.Text, "*** Test killed") && len(out) == 0 {
			out = append(out, c.killed(m.Line))
		}
	}
	for _, cr := range c.crashes {
		m := ownLimit.FindStringSubmatch(cr.headline())
		if m == nil || cr.taken || cr.kind != golog.MarkPanic {
			continue
		}
		out = append(out, c.crashFailure(culprit.KindTimeout, cr, "timeout: "+m[1], func(f *culprit.Failure, cr *crash) {
			f.Timeout = &culprit.Timeout{Limit: m[2], By: "the framework that runs the test"}
			f.Goroutines = holders(cr.goroutines)
			if _, inner, ok := strings.Cut(m[1], "."); ok && strings.HasPrefix(inner, "Test") {
				c.give(f, m[1], culprit.RoleCause, "the panic names it")
				if t := c.carrier(cr); t != nil {
					c.give(f, t.Name, culprit.RoleParent, "it runs the suite that "+m[1]+" is of")
				}
			}
			c.giveCrash(f, cr)
		}))
	}
	return append(out, c.byMessage(culprit.KindTimeout, func(_ *golog.Test, m *message) said {
		if m == nil || m.lib != "ginkgo" || !strings.HasPrefix(m.text[0], "A suite timeout occurred") {
			return said{}
		}
		return said{ok: true, own: true, title: "timeout: the suite took longer than it may", fill: func(f *culprit.Failure) {
			f.Assertion, f.Timeout = assertionOf(m), &culprit.Timeout{By: "ginkgo --timeout"}
		}}
	})...)
}

// ownLimit matches the panic by which a framework ends a test of its own.
var ownLimit = lazyre.New(`^(\S+) test timed out after ([0-9][0-9hms.]*)$`)

// timeoutTitle names the one test that held the time, else the package.
func timeoutTitle(c *claims, cr *crash) string {
	names := leafNames(running(cr.lines))
	if len(names) == 1 {
		return "timeout: " + names[0]
	}
	if g := holders(cr.goroutines); len(g) > 0 && g[0].Where != nil {
		return "timeout: " + g[0].State + " in " + shortPath(g[0].Where.Func)
	}
	if only := c.onlyRunning(); only != nil {
		return "timeout: " + only.Name
	}
	return "timeout: " + called(c.pkg.Path)
}

// killed is a process that cmd/go had to kill.
func (c *claims) killed(l golog.Line) *culprit.Failure {
	f := &culprit.Failure{Kind: culprit.KindTimeout, Package: c.pkg.Path, Title: "timeout: " + called(c.pkg.Path)}
	f.Timeout = &culprit.Timeout{Limit: limit(l.Text), By: "cmd/go: the process did not end by itself"}
	for _, cr := range c.crashes {
		if !cr.taken && (cr.signal == "SIGQUIT" || cr.signal == "SIGABRT") {
			cr.taken = true
			f.Goroutines, f.Evidence = holders(cr.goroutines), cr.evidence(false)
		}
	}
	if f.Evidence.Text == "" {
		f.Evidence = lines([]golog.Line{l}, 0, 0)
	}
	addLine(&f.Evidence, l)
	if only := c.onlyRunning(); only != nil {
		c.give(f, only.Name, culprit.RoleCause, "it was the only test that had not ended")
		f.Title = steady("timeout: " + only.Name)
	} else {
		c.giveHolders(f, nil)
	}
	for _, t := range c.pkg.Tests {
		if t.Status == culprit.StatusUnknown && !has(f, t.Name) && len(f.Tests) < maxCutOff {
			c.claimed[t] = true
			f.Tests = append(f.Tests, ref(c.pkg, t, culprit.RoleUnknown, "it had not ended when the process was killed; the log does not tell which test held it"))
		}
	}
	f.Excluded = excluded(c.log, c.pkg, culprit.KindTimeout)
	return f
}

var ranFor = lazyre.New(`^\s*((?:Test|Benchmark|Fuzz|Example)\S*) \(([0-9hms.µn]+)\)$`)

// running reads the list below "running tests:".
func running(ls []golog.Line) culprit.List[culprit.RunningTest] {
	var out culprit.List[culprit.RunningTest]
	in := false
	for _, l := range ls {
		s := strings.TrimSpace(l.Text)
		if s == "running tests:" {
			in = true
			continue
		}
		if !in {
			continue
		}
		m := ranFor.FindStringSubmatch(s)
		if m == nil || len(out) >= maxCutOff {
			break
		}
		out = append(out, culprit.RunningTest{Name: m[1], For: m[2]})
	}
	return out
}

var limitRE = lazyre.New(`(?:after |ran too long \(|took longer than |time of |limit of |exceeded |within )([0-9][0-9hms.]*(?: ?(?:minutes|hours|seconds)?))`)

func limit(s string) string {
	if m := limitRE.FindStringSubmatch(s); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// leafNames are the running tests without those that wait for a subtest.
func leafNames(rs []culprit.RunningTest) []string {
	var out []string
	for _, r := range rs {
		inner := slices.ContainsFunc(rs, func(o culprit.RunningTest) bool { return strings.HasPrefix(o.Name, r.Name+"/") })
		if !inner && !slices.Contains(out, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

// holders groups the goroutines of a timeout without the alarm's own.
func holders(gs []goroutine) culprit.List[culprit.Goroutines] {
	kept := slices.DeleteFunc(slices.Clone(gs), func(g goroutine) bool {
		return slices.ContainsFunc(g.stack, func(f culprit.Frame) bool {
			return strings.HasPrefix(f.Func, "testing.(*M).startAlarm") || f.Func == "runtime/pprof.writeGoroutineStacks" || strings.HasPrefix(f.Func, "os/signal.")
		})
	})
	out := groups(kept)
	// What waits in the runtime and in package testing holds nothing.
	if i := slices.IndexFunc(out, func(g culprit.Goroutines) bool { return rank(g) == 4 }); i > 0 {
		out = out[:i]
	}
	return out
}

// giveTimeout lists the tests that ran when time was up.
func (c *claims) giveTimeout(f *culprit.Failure, cr *crash) {
	leaves := leafNames(f.Timeout.Running)
	longest := time.Duration(0)
	took := map[string]time.Duration{}
	for _, r := range f.Timeout.Running {
		took[r.Name], _ = time.ParseDuration(r.For)
		if slices.Contains(leaves, r.Name) {
			longest = max(longest, took[r.Name])
		}
	}
	for _, name := range leaves {
		switch {
		case len(leaves) == 1:
			c.give(f, name, culprit.RoleCause, fmt.Sprintf("it was the only test running when time was up, for %s", took[name]))
		case took[name]*2 < longest:
			c.give(f, name, culprit.RoleCollateral, fmt.Sprintf("it had run for %s only, another test for %s", took[name], longest))
		default:
			c.give(f, name, culprit.RoleUnknown, fmt.Sprintf("it was one of %d tests running when time was up, for %s", len(leaves), took[name]))
		}
	}
	for _, r := range f.Timeout.Running {
		if !slices.Contains(leaves, r.Name) {
			c.give(f, r.Name, culprit.RoleParent, "it waited for its subtest when time was up")
		}
	}
	if len(leaves) == 0 {
		c.giveHolders(f, cr)
		if only := c.onlyRunning(); only != nil && len(f.Tests) == 0 {
			c.give(f, only.Name, culprit.RoleCause, "it was the only test that had not ended")
		}
	}
	c.giveCutOff(f, "the process was ended by the time limit while it ran or waited")
}

// giveHolders lists the tests in the stacks: what Go before 1.20 leaves to go by.
func (c *claims) giveHolders(f *culprit.Failure, cr *crash) {
	var names []string
	for _, g := range f.Goroutines {
		if g.Test != "" && !slices.Contains(names, g.Test) && len(names) < maxCutOff {
			names = append(names, g.Test)
		}
	}
	for _, n := range names {
		name := n
		if cr != nil {
			name = innermost(c.pkg, n, cr.raw)
		}
		if t := c.pkg.Test(name); t != nil && t.Status == culprit.StatusPass {
			continue // it left a goroutine behind
		}
		if len(names) == 1 {
			c.give(f, name, culprit.RoleCause, "it is the only test in the stacks")
		} else {
			c.give(f, name, culprit.RoleUnknown, fmt.Sprintf("it is one of %d tests in the stacks", len(names)))
		}
	}
}

// target matches a target of Bazel's that took too long, and how long that was.
var target = lazyre.New(`^(//\S+:\S+) +TIMEOUT in (?:.* in )?([0-9.]+s)`)

// jobTimeouts: the CI system ended the job because it took too long. What of go
// test had not ended by then has no result.
func jobTimeouts(j *job) []*culprit.Failure {
	if j.has(culprit.KindTimeout) {
		return nil
	}
	m, ok := markOf(j.log.Marks, golog.MarkJobTimeout)
	if !ok {
		return nil
	}
	f := &culprit.Failure{Kind: culprit.KindTimeout, Title: "timeout: the job took longer than it may"}
	f.Timeout = &culprit.Timeout{Limit: limit(m.Line.Text), By: "runner"}
	if t := target.FindStringSubmatch(m.Line.Text); t != nil {
		f.Title, f.Timeout = "timeout: "+t[1], &culprit.Timeout{Limit: t[2], By: "bazel"}
	}
	f.Evidence = lines([]golog.Line{m.Line}, 0, 0)
	j.cutOff(f, "it had not ended when the runner stopped the job")
	return []*culprit.Failure{f}
}
