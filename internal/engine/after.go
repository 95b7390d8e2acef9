// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/blame"
	"github.com/culprit-ci/culprit/internal/cause"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/repro"
)

// afterCause runs the stages that need to know the cause.
func (r *run) afterCause(ctx context.Context, f *culprit.Failure) {
	if f.Cause == nil {
		for _, s := range []culprit.Stage{culprit.StageBlame, culprit.StageOwners, culprit.StageFix, culprit.StageSiblings} {
			r.step(time.Now(), s, f.ID, result{skipped: true, why: "no cause is known"})
		}
	} else {
		r.blame(ctx, f)
		r.fix(ctx, f)
		r.siblings(ctx, f)
	}
	r.repro(f)
}

func (r *run) blame(ctx context.Context, f *culprit.Failure) {
	start := time.Now()
	r.say(culprit.StageBlame, f.ID, "blaming the lines of "+f.Cause.Subject)
	var targets []blame.Target
	var files []string
	add := func(role, file string, line int) {
		if !fs.ValidPath(file) || strings.HasPrefix(file, "$") || !r.tree.Has(file) {
			return // another module's, or the standard library's
		}
		t := blame.Target{Role: role, File: file, Line: line}
		for _, have := range targets {
			if have == t {
				return
			}
		}
		targets, files = append(targets, t), append(files, file)
	}
	for _, s := range f.Cause.Sites {
		add(culprit.BlameAccess, s.File, s.Line)
	}
	add(culprit.BlameDeclaration, f.Cause.Declared.File, f.Cause.Declared.Line)
	if why, err := r.otherCommit(ctx); why != "" || err != nil {
		r.step(start, culprit.StageBlame, f.ID, result{why: why, err: err})
		r.step(start, culprit.StageOwners, f.ID, result{skipped: true, why: "blame did not run"})
		return
	}
	if len(targets) == 0 {
		r.step(start, culprit.StageBlame, f.ID, result{why: "no line of the cause is in the work tree"})
		r.step(start, culprit.StageOwners, f.ID, result{skipped: true, why: "blame did not run"})
		return
	}
	blamed, why, err := blame.Find(ctx, r.tree.Root, r.in.Commit, targets)
	f.Blame = blamed
	res := result{done: len(blamed) == len(targets), why: why, err: err}
	if why == "" {
		res.why = fmt.Sprintf("%d lines blamed", len(blamed))
	}
	r.step(start, culprit.StageBlame, f.ID, res)
	if err != nil {
		r.step(start, culprit.StageOwners, f.ID, result{skipped: true, why: "blame did not run"})
		return
	}
	start = time.Now()
	owners, why, err := blame.Owners(ctx, r.tree.Root, r.in.Commit, blamed, files)
	f.Owners = owners
	if why == "" && len(owners) > 0 {
		why = fmt.Sprintf("%d people or teams, %s first", len(owners), owners[0].Who)
	}
	r.step(start, culprit.StageOwners, f.ID, result{done: len(owners) > 0, why: why, err: err})
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

func (r *run) fix(ctx context.Context, f *culprit.Failure) {
	start := time.Now()
	r.say(culprit.StageFix, f.ID, "building a patch for "+f.Cause.Subject)
	if f.Cause.Grade == culprit.GradeGuessed {
		r.step(start, culprit.StageFix, f.ID, result{skipped: true, why: "the cause is a guess, and no patch is built on a guess"})
		return
	}
	if r.in.Proof {
		r.step(start, culprit.StageFix, f.ID, result{skipped: true, why: "left to the proof, which builds and runs the repairs"})
		return
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
	r.step(start, culprit.StageFix, f.ID, res)
}

func (r *run) siblings(ctx context.Context, f *culprit.Failure) {
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
	r.step(start, culprit.StageSiblings, f.ID, res)
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
