// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// panics: a panic, a fatal error of the runtime or a signal that ended the
// process, and for which no other kind gives the reason.
//
// The test at fault is the one in the stack of the goroutine that crashed, or
// that started it: package testing marks whatever test was running.
// Near miss: the words printed by a test that goes on; golog tells them apart by
// what follows.
func panics(c *claims) []*culprit.Failure {
	var out []*culprit.Failure
	for _, cr := range c.crashes {
		if cr.taken || cr.kind != golog.MarkPanic || strings.HasPrefix(cr.value, "unexpected call to os.Exit") {
			continue
		}
		what := cr.headline()
		if what == "" {
			what = "no value is printed"
		}
		out = append(out, c.crashFailure(culprit.KindPanic, cr, "panic: "+what+in(cr), nil))
	}
	out = append(out, caughtPanics(c)...)
	if len(out) == 0 && !c.found && len(c.tests) == 0 && c.pkg.Result == golog.ResultFail {
		if f := loggedPanic(c); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// caughtPanics are panics that something caught to go on: testify's suites ("test
// panicked: …"), gocheck's ("... Panic: …"), ginkgo's ("[PANICKED] Test Panicked"), and net/http's server, whose
// client then fails the test.
func caughtPanics(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindPanic, func(t *golog.Test, m *message) said {
		if m == nil {
			return said{}
		}
		value, ok := strings.CutPrefix(m.text[0], "test panicked: ")
		for _, s := range m.text {
			if m.lib == "gocheck" && !ok {
				value, ok = strings.CutPrefix(s, "... Panic: ")
				value, _, _ = strings.Cut(value, " (PC=")
			}
		}
		if m.lib == "ginkgo" && m.text[0] == "Test Panicked" {
			value, ok = "the spec panicked", true
			for _, s := range m.text[1:] {
				if s != "" && !bare.MatchString(s) {
					value = strings.TrimPrefix(s, "Panic: ")
					break
				}
			}
		}
		ls := m.lines
		if served := c.servedPanic(t); !ok && served != nil && hungUp.MatchString(strings.Join(m.text, "\n")) {
			ls, ok = served, true
			_, value, _ = strings.Cut(served[0].Text, "http: panic serving ")
			_, value, _ = strings.Cut(value, ": ")
		}
		if !ok {
			return said{}
		}
		gs := parseDump(ls)
		if len(gs) == 0 {
			gs = parseDump(append([]golog.Line{{Text: "goroutine 0 [running]:"}}, belowTrace(ls)...))
		}
		return said{ok: true, own: true, title: steady("panic: " + value), fill: func(f *culprit.Failure) {
			if ls[0].No < m.lines[0].No { // the server's log stands above the client's message
				f.Evidence = lines(ls, 0, 0)
				addLine(&f.Evidence, m.lines[len(m.lines)-1])
			}
			f.Crash = &culprit.Crash{Value: clip(value, 1000), Recovered: true}
			if len(gs) > 0 {
				cr := crash{goroutines: gs, value: value, recovered: true}
				f.Crash = cr.facts()
			}
		}}
	})
}

// hungUp is how a client tells that its server's handler panicked: net/http closes the
// connection, and frameworks answer 500.
var hungUp = lazyre.New(`\bEOF\b|connection reset|\b500\b`)

// servedPanic is what net/http printed of a panic in a handler of the test's own server
// ("http: panic serving 127.0.0.1:1: boom"), nil when it printed none.
func (c *claims) servedPanic(t *golog.Test) []golog.Line {
	ls := t.Output.Lines()
	if len(ls) == 0 {
		ls = c.before(t)
	}
	for i, l := range ls {
		if strings.Contains(l.Text, "http: panic serving ") {
			return ls[i:min(len(ls), i+maxBlock)]
		}
	}
	return nil
}

// belowTrace is what follows ginkgo's "Full Stack Trace".
func belowTrace(ls []golog.Line) []golog.Line {
	for i, l := range ls {
		if strings.TrimSpace(l.Text) == "Full Stack Trace" {
			return ls[i+1:]
		}
	}
	return nil
}

// loggedPanic finds a panic that a logger wrote before it ended the process:
// zap, logrus and their like print the value and the stack in a line of their own.
func loggedPanic(c *claims) *culprit.Failure {
	ls := c.output()
	for i, l := range ls {
		s := strings.ToLower(l.Text)
		if !strings.Contains(s, "panic") || !(strings.Contains(s, "fatal") || strings.Contains(s, "recover") || strings.Contains(s, "level=panic") || strings.Contains(s, `"panic"`) || strings.Contains(s, "dpanic")) {
			continue
		}
		end, stack := i+1, false
		for end < len(ls) && end < i+200 {
			t := strings.TrimSpace(ls[end].Text)
			stack = stack || strings.HasPrefix(t, "runtime.gopanic") || strings.HasPrefix(t, "runtime.panic") || strings.HasPrefix(t, "panic(") || strings.HasPrefix(t, "runtime/debug.Stack")
			end++
		}
		if !stack {
			continue
		}
		f := &culprit.Failure{Kind: culprit.KindPanic, Package: c.pkg.Path, Title: steady("panic: " + clip(strings.TrimSpace(l.Text), 120))}
		f.Evidence = lines(ls[i:end], 0, 0)
		f.Crash = &culprit.Crash{Value: clip(strings.TrimSpace(l.Text), 1000), Recovered: true}
		c.giveCutOff(f, "the process ended while it ran or waited")
		f.Excluded = excluded(c.log, c.pkg, culprit.KindPanic)
		return f
	}
	return nil
}
