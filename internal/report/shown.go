// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// fact is one thing that the log shows of a failure: a label, and a value that is
// hostile text.
type fact struct{ label, value string }

// shown lists what the log shows of a failure that is no race, the most telling
// first. most bounds each list.
func shown(f *culprit.Failure, most int) []fact {
	var out []fact
	add := func(label, format string, args ...any) {
		out = append(out, fact{label, fmt.Sprintf(format, args...)})
	}
	if c := f.Crash; c != nil {
		crashFacts(c, add)
	}
	if t := f.Timeout; t != nil {
		add("limit", "%s, by %s", orUnknown(t.Limit), t.By)
		for i, r := range t.Running {
			if i == most {
				add("running", "and %d more tests", len(t.Running)-i)
				break
			}
			add("running", "%s for %s", r.Name, r.For)
		}
	}
	if a := f.Assertion; a != nil {
		assertionFacts(a, f.Resource == nil && len(f.Goroutines) == 0, add)
	}
	for i, d := range f.Diagnostics {
		if i == most {
			add("error", "and %d more", len(f.Diagnostics)-i)
			break
		}
		add("error", "%s", diagnostic(d))
	}
	if r := f.Resource; r != nil {
		add(r.Type, "%s", strings.TrimPrefix(r.Name+": "+r.Error, ": "))
	}
	if x := f.Crasher; x != nil {
		add("input", "%s", orUnknown(x.File))
		add("run again", "%s", orUnknown(x.Command))
	}
	if x := f.Exit; x != nil {
		exitFacts(x, add)
	}
	if c := f.Coverage; c != nil {
		add("coverage", "%s, %s is required", orUnknown(c.Actual), orUnknown(c.Required))
	}
	for i, g := range f.Goroutines {
		if i == most {
			add("goroutines", "and %d more groups, see the JSON form", len(f.Goroutines)-i)
			break
		}
		add("goroutines", "%s", group(g))
	}
	if n := len(f.Packages); n > 0 {
		add("and failed", "%s", few(f.Packages, most))
	}
	return out
}

func crashFacts(c *culprit.Crash, add func(label, format string, args ...any)) {
	value := strings.Join(strings.Fields(c.Value), " ")
	if c.Signal != "" && !strings.HasPrefix(value, c.Signal) {
		value += " (" + c.Signal + ")"
	}
	add("value", "%s", value)
	if w := c.Where; w != nil {
		add("where", "%s (%s:%d)", shortFunc(w.Func), w.File, w.Line)
	}
	if g := c.Goroutine; g != nil && len(g.Created) > 0 && !strings.HasPrefix(g.Created[0].Func, "testing.") {
		add("started by", "%s (%s:%d)", shortFunc(g.Created[0].Func), g.Created[0].File, g.Created[0].Line)
	}
}

func assertionFacts(a *culprit.Assertion, message bool, add func(label, format string, args ...any)) {
	if a.File != "" {
		add("at", "%s:%d (%s)", a.File, a.Line, a.Library)
	}
	switch {
	case a.Expected != "" || a.Actual != "":
		add("expected", "%s", a.Expected)
		add("actual", "%s", a.Actual)
	case message:
		add("message", "%s", strings.Join(strings.Fields(firstLines(a.Message, 6)), " "))
	}
}

func exitFacts(x *culprit.Exit, add func(label, format string, args ...any)) {
	s := "status not shown"
	if x.Code != 0 {
		s = fmt.Sprintf("status %d", x.Code)
	}
	if x.Signal != "" {
		s = "signal: " + x.Signal
	}
	if x.Process != "" {
		s += ", " + x.Process
	}
	add("exit", "%s", s)
	if x.Last != "" {
		add("last words", "%s", x.Last)
	}
}

// group is goroutines at one place in a line.
func group(g culprit.Goroutines) string {
	s := fmt.Sprintf("%d in %s", g.Count, g.State)
	if g.Minutes > 0 {
		s += fmt.Sprintf(" for %d %s", g.Minutes, plural(g.Minutes, "minute", "minutes"))
	}
	at := g.Where
	if at == nil && len(g.Stack) > 0 {
		at = &g.Stack[0]
	}
	if at != nil {
		s += fmt.Sprintf(": %s (%s:%d)", shortFunc(at.Func), at.File, at.Line)
	}
	if len(g.Created) > 0 && !strings.HasPrefix(g.Created[0].Func, "testing.") {
		s += ", started by " + shortFunc(g.Created[0].Func)
	}
	return s
}

func diagnostic(d culprit.Diagnostic) string {
	s := d.Message
	if d.File != "" {
		s = fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Column, s)
		if d.Column == 0 {
			s = fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Message)
		}
	}
	if d.Check != "" && !strings.Contains(s, d.Check) {
		s += " (" + d.Check + ")"
	}
	return s
}

func few(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func firstLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// clipped cuts s to about n bytes.
func clipped(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// showsAll reports whether the facts say all that the evidence does, so that the
// text need not be shown again: a short message does.
func showsAll(f *culprit.Failure) bool {
	return f.Assertion != nil && f.Assertion.Diff == "" && len(f.Goroutines) == 0 && f.Crash == nil && strings.Count(f.Evidence.Text, "\n") <= 2
}

// raceOnly reports whether a step is of a stage that has something to say of races
// only, and so was skipped.
func raceOnly(s culprit.Step) bool {
	return s.Outcome == culprit.Skipped && slices.Contains([]culprit.Stage{
		culprit.StageSource, culprit.StagePhantom, culprit.StageCause, culprit.StageGroup, culprit.StageRoles, culprit.StageBlame,
		culprit.StageOwners, culprit.StageFix, culprit.StageRepro, culprit.StageSiblings,
	}, s.Stage)
}
