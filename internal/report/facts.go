// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// roleOrder is the order in which a reader wants the tests.
var roleOrder = []culprit.Role{culprit.RoleCause, culprit.RoleUnknown, culprit.RoleCollateral, culprit.RoleParent}

// byRole lists the tests of one role.
func byRole(f *culprit.Failure, role culprit.Role) []culprit.TestRef {
	var list []culprit.TestRef
	for _, t := range f.Tests {
		if t.Role == role {
			list = append(list, t)
		}
	}
	return list
}

// openSteps lists what was not concluded about a failure, with the reasons.
func openSteps(c *culprit.Case, f *culprit.Failure) []culprit.Step {
	var list []culprit.Step
	for _, s := range c.Steps {
		if s.Failure == f.ID && s.Outcome != culprit.Done && (f.Race != nil || !raceOnly(s)) {
			list = append(list, s)
		}
	}
	return list
}

// whyNot is the reason why a stage has nothing for a failure.
func whyNot(c *culprit.Case, f *culprit.Failure, stage culprit.Stage) string {
	for _, s := range c.Steps {
		if s.Failure == f.ID && s.Stage == stage {
			return s.Why
		}
	}
	return "this stage did not run"
}

// reproState says that a command was not run, if so.
func reproState(r *culprit.Repro) string {
	if r.Before == nil {
		return " (not run)"
	}
	return ""
}

// rates are the measured rates, one sentence each.
func rates(r *culprit.Repro) []string {
	var list []string
	add := func(what string, rate *culprit.Rate) {
		if rate != nil {
			list = append(list, fmt.Sprintf("%s: fails in %d of %d runs (95 %%: %.1f to %.1f %%)", what, rate.Failed, rate.Runs, 100*rate.Low, 100*rate.High))
		}
	}
	add("plain", r.Before)
	amplified := "amplified"
	if r.Amplifier != "" {
		amplified += " (" + r.Amplifier + ")"
	}
	add(amplified, r.AmplifiedBefore)
	add("plain with the patch", r.After)
	add("amplified with the patch", r.AmplifiedAfter)
	if r.Note != "" {
		list = append(list, r.Note)
	}
	return list
}

// attempt is a repair that was tried, and the check it failed.
func attempt(a culprit.Attempt) string {
	for _, ch := range a.Checks {
		if !ch.Passed {
			return fmt.Sprintf("%s (%s): %s: %s", a.Strategy, a.Status, ch.Name, ch.Detail)
		}
	}
	return fmt.Sprintf("%s (%s)", a.Strategy, a.Status)
}

func at(p culprit.Pos) string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// phantoms lists the phantom frames of a race as "func (file:line)".
func phantoms(r *culprit.Race) []string {
	var list []string
	for _, a := range r.Accesses {
		for _, fr := range a.Stack {
			s := fmt.Sprintf("%s (%s:%d)", shortFunc(fr.Func), fr.File, fr.Line)
			if fr.Trust == culprit.TrustPhantom && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

func shortFunc(f string) string { return f[strings.LastIndexByte(f, '/')+1:] }

func shortHash(h string) string { return h[:min(10, len(h))] }

// verdictLine is the case in one sentence.
func verdictLine(c *culprit.Case) string {
	switch c.Verdict {
	case culprit.Failed:
		return fmt.Sprintf("%d %s found in %d lines of log", len(c.Failures), plural(len(c.Failures), "failure", "failures"), c.Log.Lines)
	case culprit.Passed:
		return "the log shows no failure: " + c.VerdictWhy
	case culprit.Incomplete:
		return "no failure is shown, and none is excluded: " + c.VerdictWhy
	default:
		return "there is nothing to triage: " + c.VerdictWhy
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// state spells a checklist state.
func state(s culprit.CheckState) string {
	switch s {
	case culprit.CheckYes:
		return "yes"
	case culprit.CheckNo:
		return "no"
	}
	return "not done"
}
