// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/blame"
	"github.com/culprit-ci/culprit/internal/cause"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/repro"
)

// afterCause runs the stages that need to know the cause. git is asked while the
// go command and the analyzers work.
func (r *run) afterCause(ctx context.Context, f *culprit.Failure) {
	if f.Cause == nil {
		for _, s := range []culprit.Stage{culprit.StageBlame, culprit.StageOwners, culprit.StageFix, culprit.StageSiblings} {
			r.step(time.Now(), s, f.ID, result{skipped: true, why: "no cause is known"})
		}
	} else {
		blamed := r.blame(ctx, f)
		rest := append(r.fix(ctx, f), r.siblings(ctx, f)...)
		r.record(append(<-blamed, rest...)...)
	}
	r.repro(f)
}

// blame finds who wrote the lines of the cause and who knows them, in the
// background. The channel gives the steps when it is done.
func (r *run) blame(ctx context.Context, f *culprit.Failure) <-chan []culprit.Step {
	r.say(culprit.StageBlame, f.ID, "blaming the lines of "+f.Cause.Subject)
	done := make(chan []culprit.Step, 1)
	go func() { done <- r.blameAndOwners(ctx, f) }()
	return done
}

func (r *run) blameAndOwners(ctx context.Context, f *culprit.Failure) []culprit.Step {
	start := time.Now()
	neither := func(res result) []culprit.Step {
		return []culprit.Step{
			newStep(start, culprit.StageBlame, f.ID, res),
			newStep(start, culprit.StageOwners, f.ID, result{skipped: true, why: "blame did not run"}),
		}
	}
	var targets []blame.Target
	var files []string
	add := func(role, file string, line int) {
		if !fs.ValidPath(file) || strings.HasPrefix(file, "$") || !r.tree.Has(file) {
			return // another module's, or the standard library's
		}
		t := blame.Target{Role: role, File: file, Line: line}
		if !slices.Contains(targets, t) {
			targets, files = append(targets, t), append(files, file)
		}
	}
	for _, s := range f.Cause.Sites {
		add(culprit.BlameAccess, s.File, s.Line)
	}
	add(culprit.BlameDeclaration, f.Cause.Declared.File, f.Cause.Declared.Line)
	past := r.past()
	switch {
	case past.history == nil:
		return neither(result{why: past.why, err: past.err})
	case len(targets) == 0:
		return neither(result{why: "no line of the cause is in the work tree"})
	}
	var blamed []culprit.Blamed
	var recent *blame.Recent
	var why string
	var err, errRecent error
	var both sync.WaitGroup
	both.Go(func() { blamed, why, err = past.history.Find(ctx, targets) })
	both.Go(func() { recent, errRecent = past.history.Recent(ctx, files) })
	both.Wait()
	if err != nil {
		return neither(result{err: err})
	}
	f.Blame = blamed
	res := result{done: len(blamed) == len(targets), why: why}
	if why == "" {
		res.why = fmt.Sprintf("%d lines blamed", len(blamed))
	}
	steps := []culprit.Step{newStep(start, culprit.StageBlame, f.ID, res)}
	start = time.Now()
	if errRecent != nil {
		return append(steps, newStep(start, culprit.StageOwners, f.ID, result{err: errRecent}))
	}
	f.Owners, why = past.history.Owners(blamed, recent)
	if why == "" && len(f.Owners) > 0 {
		why = fmt.Sprintf("%d people or teams, %s first", len(f.Owners), f.Owners[0].Who)
	}
	return append(steps, newStep(start, culprit.StageOwners, f.ID, result{done: len(f.Owners) > 0, why: why}))
}

// past is the history of the work tree, or why there is none to blame by.
type past struct {
	history *blame.History
	why     string
	err     error
}

// openHistory begins to read the history of the work tree. It returns what waits
// for it, and what lets go of it.
func (r *run) openHistory(ctx context.Context) (wait func() past, release func()) {
	done := make(chan past, 1)
	go func() {
		why, err := r.otherCommit(ctx)
		if why != "" || err != nil {
			done <- past{why: why, err: err}
			return
		}
		h, why, err := blame.Open(ctx, r.tree.Root, r.in.Commit)
		done <- past{history: h, why: why, err: err}
	}()
	wait = sync.OnceValue(func() past { return <-done })
	return wait, func() {
		if p := wait(); p.history != nil {
			p.history.Close()
		}
	}
}

// otherCommit says why the lines of the work tree cannot be blamed at the given
// commit: they are another commit's lines. "" means that they can.
func (r *run) otherCommit(ctx context.Context) (string, error) {
	if r.in.Commit == "" {
		return "", nil
	}
	repo, _, err := gitx.Open(ctx, r.tree.Root)
	if repo == nil {
		return "", err // blame gives the reason
	}
	want, why, err := repo.Resolve(ctx, r.in.Commit)
	if want == "" {
		return why, err
	}
	if head, _, err := repo.Resolve(ctx, ""); err != nil || head != want {
		return fmt.Sprintf("the work tree is at another commit than %s: check that one out, or its lines would be blamed on the wrong people", r.in.Commit), err
	}
	return "", nil
}

func (r *run) fix(ctx context.Context, f *culprit.Failure) []culprit.Step {
	start := time.Now()
	step := func(res result) []culprit.Step {
		return []culprit.Step{newStep(start, culprit.StageFix, f.ID, res)}
	}
	r.say(culprit.StageFix, f.ID, "building a patch for "+f.Cause.Subject)
	if f.Cause.Grade == culprit.GradeGuessed {
		return step(result{skipped: true, why: "the cause is a guess, and no patch is built on a guess"})
	}
	if r.in.Proof {
		return step(result{skipped: true, why: "left to the proof, which builds and runs the repairs"})
	}
	fx, why, err := fix.Find(ctx, r.tree, f)
	f.Fix = fx
	res := result{why: why, err: err}
	if fx != nil {
		res.done = fx.Status == culprit.FixBuilds || fx.Status == culprit.FixVerified
		if why == "" {
			res.why = fmt.Sprintf("%s: %s", fx.Strategy, fx.Status)
		}
	}
	return step(res)
}

func (r *run) siblings(ctx context.Context, f *culprit.Failure) []culprit.Step {
	start := time.Now()
	if r.search == nil {
		r.search = cause.NewSearch(r.tree, r.in.Wide)
	}
	list, why, err := r.search.Siblings(ctx, f.Cause)
	f.Siblings = list
	res := result{done: err == nil && why != "", why: why, err: err}
	if why == "" && err == nil {
		res = result{skipped: true, why: fmt.Sprintf("this version has no analyzer for pattern %s", f.Cause.Pattern)}
	}
	return []culprit.Step{newStep(start, culprit.StageSiblings, f.ID, res)}
}

// repro names a command; it is not run.
func (r *run) repro(f *culprit.Failure) {
	why := "nothing was run"
	if r.tree != nil && f.Race != nil {
		target, w := repro.NewTarget(r.tree, f)
		if target != nil {
			f.Repro, w = target.Command(), "the command was not run"
		}
		why = w
	}
	r.step(time.Now(), culprit.StageRepro, f.ID, result{skipped: true, why: why})
}
