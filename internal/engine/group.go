// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/culprit-ci/culprit"
)

// group folds the races of one variable into one failure: a detector prints one
// report per pair of stacks, so one cause often has several. The report that
// shows two writes leads, then the one that comes first in the log.
func (r *run) group() {
	start := time.Now()
	leader := map[string]*culprit.Failure{}
	var kept []*culprit.Failure
	for _, f := range r.c.Failures {
		key := causeKey(f)
		lead := leader[key]
		switch {
		case key == "" || lead == nil:
			leader[key] = f
			kept = append(kept, f)
		case writes(f) > writes(lead):
			r.fold(f, lead)
			leader[key] = f
			kept[slices.Index(kept, lead)] = f
		default:
			r.fold(lead, f)
		}
	}
	if folded := len(r.c.Failures) - len(kept); folded > 0 {
		r.step(start, culprit.StageGroup, "", result{done: true, why: fmt.Sprintf("%d further reports have the cause of another", folded)})
		r.renumber(kept)
	}
	r.c.Failures = kept
}

// causeKey is equal for failures of one variable, "" without a firm cause: a
// guess is never reason enough to make one failure of two.
func causeKey(f *culprit.Failure) string {
	if f.Cause == nil || f.Cause.Grade == culprit.GradeGuessed {
		return ""
	}
	d := f.Cause.Declared
	return fmt.Sprintf("%s %s:%d:%d", f.Package, d.File, d.Line, d.Column)
}

func writes(f *culprit.Failure) int {
	n := 0
	for _, a := range f.Race.Accesses {
		if a.Op == culprit.OpWrite {
			n++
		}
	}
	return n
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
