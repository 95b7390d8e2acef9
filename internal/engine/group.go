// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
)

// group folds the races of one variable into one failure: a detector prints one
// report per pair of stacks, so one cause often has several. The first in the log
// leads: it is what a reader of the log meets, and what people name the race by.
// A report whose variable is located goes before one whose variable is guessed.
func (r *run) group() {
	start := time.Now()
	leader := map[string]*culprit.Failure{}
	var kept []*culprit.Failure
	for _, firm := range []bool{true, false} {
		for _, f := range r.c.Failures {
			if isFirm(f) != firm {
				continue
			}
			key := causeKey(f)
			lead := leader[key]
			if lead == nil && !firm && f.Cause != nil {
				lead = leader[variableKey(f)] // guessed here, located by another report
			}
			switch {
			case key == "" || lead == nil:
				leader[key] = f
				kept = append(kept, f)
			default:
				r.fold(lead, f)
			}
		}
	}
	slices.SortStableFunc(kept, func(a, b *culprit.Failure) int { return cmp.Compare(a.Evidence.FirstLine, b.Evidence.FirstLine) })
	kept = r.joins(kept)
	if folded := len(r.c.Failures) - len(kept); folded > 0 {
		r.step(start, culprit.StageGroup, "", result{done: true, why: fmt.Sprintf("%d further reports have the cause of another", folded)})
		r.renumber(kept)
	}
	r.c.Failures = kept
}

func isFirm(f *culprit.Failure) bool {
	return f.Cause != nil && f.Cause.Grade != culprit.GradeGuessed
}

// causeKey is equal for failures of one variable, "" without a cause. A guess
// alone is not reason enough to make one failure of two: there the statements
// must be the same too, or another report must have located the variable.
func causeKey(f *culprit.Failure) string {
	if f.Cause == nil {
		return ""
	}
	key := variableKey(f)
	if !isFirm(f) {
		for _, s := range f.Cause.Sites {
			key += fmt.Sprintf(" %s:%d", s.File, s.Line)
		}
	}
	return key
}

func variableKey(f *culprit.Failure) string {
	d := f.Cause.Declared
	return fmt.Sprintf("%s %s:%d:%d", f.Package, d.File, d.Line, d.Column)
}

// joinKey is equal for failures with one missing join: variables of one function
// that a goroutine which it starts writes, and that the function itself uses.
// "" for all others.
func joinKey(f *culprit.Failure) string {
	c := f.Cause
	if c == nil || c.Grade == culprit.GradeGuessed || len(c.Sites) != 2 || c.DeclaredIn == "" ||
		c.Pattern != culprit.PatternCapturedOuterVariable && c.Pattern != culprit.PatternNamedResult {
		return ""
	}
	parent, child := c.Sites[0].Func, c.Sites[1].Func
	if len(parent) > len(child) {
		parent, child = child, parent
	}
	if parent == child || !strings.HasPrefix(child, parent+".") {
		return ""
	}
	return f.Package + " " + parent + " " + child
}

// joins folds failures that have one missing join into the first of them, which
// names the other variables too.
func (r *run) joins(failures []*culprit.Failure) []*culprit.Failure {
	leader := map[string]*culprit.Failure{}
	var kept []*culprit.Failure
	for _, f := range failures {
		key := joinKey(f)
		lead := leader[key]
		if key == "" || lead == nil {
			leader[key] = f
			kept = append(kept, f)
			continue
		}
		r.fold(lead, f)
		lead.Cause.Also = append(lead.Cause.Also, culprit.Alternative{
			Subject: f.Cause.Subject, Declared: f.Cause.Declared,
			Why: "another report shows it racing between the same two functions: nothing waits for the goroutine",
		})
	}
	for _, f := range kept {
		if n := len(also(f)); n > 0 {
			f.Cause.Because += fmt.Sprintf("; %d further variables race between the same two functions, so what is missing is a wait for the goroutine", n)
		}
	}
	return kept
}

func also(f *culprit.Failure) []culprit.Alternative {
	if f.Cause == nil {
		return nil
	}
	return f.Cause.Also
}

// fold adds a failure to the one that leads its cause.
func (r *run) fold(lead, f *culprit.Failure) {
	lead.Related = append(append(lead.Related, f.Evidence), f.Related...)
	for _, t := range f.Tests {
		if !slices.ContainsFunc(lead.Tests, func(have culprit.TestRef) bool { return have.Name == t.Name }) {
			lead.Tests = append(lead.Tests, t)
		}
	}
	for _, s := range append(f.Cause.Sites, f.Cause.OtherSites...) {
		known := func(have culprit.Site) bool { return have.Pos == s.Pos && have.Op == s.Op }
		if !slices.ContainsFunc(lead.Cause.Sites, known) && !slices.ContainsFunc(lead.Cause.OtherSites, known) {
			lead.Cause.OtherSites = append(lead.Cause.OtherSites, s)
		}
	}
	from, to := r.races[f], r.races[lead]
	to.owners = append(to.owners, from.owners...)
	to.ruled = appendRuled(to.ruled, from.ruled)
	lead.Cause.RuledOut = to.ruled
}

// renumber gives the failures that are left the IDs f1, f2, … in log order, and
// drops the steps of those that were folded.
func (r *run) renumber(kept []*culprit.Failure) {
	slices.SortStableFunc(kept, func(a, b *culprit.Failure) int { return int(a.Evidence.FirstLine - b.Evidence.FirstLine) })
	ids := map[string]string{"": ""}
	for i, f := range kept {
		id := fmt.Sprintf("f%d", i+1)
		ids[f.ID] = id
		f.ID = id
	}
	r.c.Steps = slices.DeleteFunc(r.c.Steps, func(s culprit.Step) bool { _, ok := ids[s.Failure]; return !ok })
	for i := range r.c.Steps {
		r.c.Steps[i].Failure = ids[r.c.Steps[i].Failure]
	}
}
