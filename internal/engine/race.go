// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/cause"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/phantom"
)

// raceState is what the stages of one race hand on.
type raceState struct {
	owners []cause.Owner // one per access, over all reports of the failure
	ruled  []culprit.RuledOut
}

// failures runs every stage on every failure. The error is ctx's.
func (r *run) failures(ctx context.Context) error {
	r.races = map[*culprit.Failure]*raceState{}
	for _, f := range r.c.Failures {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Race != nil {
			r.race(ctx, f)
		} else {
			r.other(f)
		}
	}
	r.group()
	for _, f := range r.c.Failures {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Race != nil {
			r.roles(f)
		}
		r.afterCause(ctx, f)
		if f.Cause != nil {
			name(f)
		}
		r.known(ctx, f) // by title and fingerprint, so last
	}
	return nil
}

// name gives a failure its fingerprint and, where its cause has a better one, its
// title; what it was called before is an alias.
func name(f *culprit.Failure) {
	f.Fingerprint = dedupe.Fingerprint(f)
	if t := dedupe.Title(f); t != "" && t != f.Title {
		f.Aliases = append(f.Aliases, f.Title)
		f.Title = t
	}
}

// other records that the race stages have nothing to say about a failure.
func (r *run) other(f *culprit.Failure) {
	why := fmt.Sprintf("a failure of kind %s has no race to explain", f.Kind)
	r.frames(f)
	for _, s := range []culprit.Stage{culprit.StagePhantom, culprit.StageCause} {
		r.step(time.Now(), s, f.ID, result{skipped: true, why: why})
	}
}

// race finds the files, the misleading frames, the owners and the variable.
func (r *run) race(ctx context.Context, f *culprit.Failure) {
	st := &raceState{}
	r.races[f] = st
	if missing, ok := r.locate(f); !ok {
		why := "no source: " + missing
		r.step(time.Now(), culprit.StagePhantom, f.ID, result{skipped: true, why: why})
		r.step(time.Now(), culprit.StageCause, f.ID, result{skipped: true, why: why})
		return
	}
	if f.Evidence.Damaged != "" {
		why := "damaged evidence is not acted on: " + f.Evidence.Damaged
		r.step(time.Now(), culprit.StagePhantom, f.ID, result{skipped: true, why: why})
		r.step(time.Now(), culprit.StageCause, f.ID, result{skipped: true, why: why})
		return
	}
	r.phantoms(ctx, f, st)
	r.cause(ctx, f, st)
}

// locate replaces the CI machine's paths by files of the tree. Not ok comes with
// the reason: there is no tree, or the race does not touch it.
func (r *run) locate(f *culprit.Failure) (why string, ok bool) {
	start := time.Now()
	if r.tree == nil {
		res := result{skipped: !r.treeErr, why: r.treeWhy}
		r.step(start, culprit.StageSource, f.ID, res)
		return r.treeWhy, false
	}
	found, total, first := 0, 0, ""
	place := func(fr *culprit.Frame) {
		total++
		rel, why := r.tree.Resolve(*fr)
		if rel != "" {
			fr.File = rel
			found++
		} else if first == "" {
			first = why
		}
	}
	for i := range f.Race.Accesses {
		a := &f.Race.Accesses[i]
		if rel, _ := r.tree.Resolve(culprit.Frame{Func: a.Func, File: a.File, Line: a.Line}); rel != "" {
			a.File = rel
		}
		for j := range a.Stack {
			place(&a.Stack[j])
		}
		for j := range a.Created {
			place(&a.Created[j])
		}
	}
	if found == 0 {
		why = fmt.Sprintf("no frame of the report is in %s (module %s): %s", r.place(), r.tree.Modules[len(r.tree.Modules)-1].Path, first)
		r.step(start, culprit.StageSource, f.ID, result{why: why})
		return why, false
	}
	r.step(start, culprit.StageSource, f.ID, result{done: true, why: fmt.Sprintf("%d of %d frames are in the work tree", found, total)})
	return "", true
}

func (r *run) phantoms(ctx context.Context, f *culprit.Failure, st *raceState) {
	start := time.Now()
	r.say(culprit.StagePhantom, f.ID, "checking the stack frames of "+f.Title)
	count := map[culprit.Trust]int{}
	var why string
	for i := range f.Race.Accesses {
		a := &f.Race.Accesses[i]
		checked, ruled, w, err := phantom.Check(ctx, r.tree, a.Stack)
		if err != nil {
			r.step(start, culprit.StagePhantom, f.ID, result{err: err})
			return
		}
		if w != "" && why == "" {
			why = w
		}
		a.Stack = checked
		st.ruled = appendRuled(st.ruled, ruled)
		for _, fr := range checked {
			count[fr.Trust]++
		}
	}
	res := result{done: true, why: fmt.Sprintf("%d frames hold, %d cannot be true, %d could not be checked", count[culprit.TrustOK], count[culprit.TrustPhantom], count[culprit.TrustUnknown])}
	if count[culprit.TrustOK] == 0 && why != "" {
		res = result{why: why}
	}
	r.step(start, culprit.StagePhantom, f.ID, res)
}

// appendRuled adds what is not yet in the list.
func appendRuled(list, more []culprit.RuledOut) []culprit.RuledOut {
	for _, m := range more {
		known := false
		for _, l := range list {
			known = known || l.What == m.What
		}
		if !known {
			list = append(list, m)
		}
	}
	return list
}

func (r *run) cause(ctx context.Context, f *culprit.Failure, st *raceState) {
	start := time.Now()
	r.say(culprit.StageCause, f.ID, "type-checking the packages of "+f.Title)
	names := r.testNames(f.Package)
	for i := range f.Race.Accesses {
		a := &f.Race.Accesses[i]
		owner, err := cause.FindOwner(ctx, r.tree, a, names)
		if err != nil {
			r.step(start, culprit.StageCause, f.ID, result{err: err})
			st.owners = nil
			return
		}
		a.Test = ""
		if len(owner.Tests) == 1 {
			a.Test = owner.Tests[0]
		}
		st.owners = append(st.owners, owner)
	}
	c, why, err := cause.Find(ctx, r.tree, f.Race, st.owners)
	if err != nil || c == nil {
		r.step(start, culprit.StageCause, f.ID, result{why: why, err: err})
		return
	}
	c.RuledOut = st.ruled
	f.Cause = c
	res := result{done: c.Grade != culprit.GradeGuessed, why: fmt.Sprintf("%s, declared at %s:%d; %s", c.Subject, c.Declared.File, c.Declared.Line, c.GradeWhy)}
	r.step(start, culprit.StageCause, f.ID, res)
}

// roles tells racing tests from collateral ones.
func (r *run) roles(f *culprit.Failure) {
	start := time.Now()
	st := r.races[f]
	if len(st.owners) == 0 {
		why := "the goroutines could not be given to tests: no source"
		if r.tree != nil {
			why = "the goroutines could not be given to tests: the cause stage did not run"
		}
		r.step(start, culprit.StageRoles, f.ID, result{skipped: true, why: why})
		return
	}
	tests, why, known := cause.Roles(f.Tests, st.owners, r.tests(f.Package))
	f.Tests = tests
	r.step(start, culprit.StageRoles, f.ID, result{done: known, why: why})
}

// tests lists every test that the log shows for a package.
func (r *run) tests(pkg string) []culprit.TestRef {
	var list []culprit.TestRef
	for _, p := range r.log.Packages {
		if p.Path != pkg {
			continue
		}
		for _, t := range p.Tests {
			list = append(list, culprit.TestRef{Name: t.Name, Package: pkg, Status: t.Status})
		}
	}
	return list
}

func (r *run) testNames(pkg string) []string {
	var names []string
	for _, t := range r.tests(pkg) {
		names = append(names, t.Name)
	}
	return names
}
