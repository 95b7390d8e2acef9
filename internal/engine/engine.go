// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine runs the stages of triage in order. It is the only place that
// knows the order; the stages know nothing of each other.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/cause"
	"github.com/culprit-ci/culprit/internal/config"
	"github.com/culprit-ci/culprit/internal/dedupe"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/kind"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/internal/store"
)

// Input is what a triage works on.
type Input struct {
	// Log is read to its end.
	Log io.Reader
	// LogFormat is what the log is known to be, one of golog.Formats; "" looks at
	// its bytes. Packed is what it was unpacked from.
	LogFormat, Packed string
	// Repo is the folder of the work tree, "" for a triage of the log alone.
	Repo string
	// Tree is the work tree where the caller has opened it already, for several
	// logs of one commit; nil opens Repo.
	Tree *source.Tree
	// Commit is the revision whose lines the log shows; "" means that the work
	// tree itself is at it. Blame starts there.
	Commit string
	// Rules are the repository's own; see kind.Apply.
	Rules []config.Rule
	// Job is what the caller knows of the job; the log's own header lines fill
	// what it leaves empty.
	Job culprit.Job
	// Checkout gets the source where Repo is empty; nil means that there is none.
	Checkout Checkout
	// Known are searched for what is known of each failure.
	Known []dedupe.Source
	// Wide searches the module for other instances of a cause's pattern, not only
	// the packages that it is in.
	Wide bool
	// Proof says that a proof follows, which builds and runs the repairs: they are
	// not built here too.
	Proof bool
	// Progress is told what goes on; nil means nobody is.
	Progress func(culprit.Event)
	// Save is told the case once the failures are known, then now and then after
	// a stage, and when all stages are done, so that what took long is not lost
	// with the process. Secrets are gone from what it is given. What it does about
	// an error is its own matter; nil means that nothing is kept.
	Save func(context.Context, *store.Record)
}

// Checkout gives a work tree at the commit of a job, and what deletes it again.
// An empty folder comes with the reason.
type Checkout func(ctx context.Context, job culprit.Job) (dir, why string, release func() error, err error)

// Triage reads the log and fills in a case as far as the log and the work tree
// allow. Secrets and personal paths are gone from the case that it returns. An
// error means that the log could not be read; a stage that cannot run is a step
// of the case instead.
func Triage(ctx context.Context, in Input) (*culprit.Case, error) {
	r := &run{in: in, c: &culprit.Case{Schema: culprit.Schema, Job: in.Job}}
	r.say(culprit.StageRead, "", "reading the log")
	start := time.Now()
	log, err := golog.Read(ctx, in.Log, golog.Options{Format: in.LogFormat})
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	r.log = log
	r.c.Log = log.Ref
	r.c.Log.Packed = in.Packed
	r.c.Job = fillJob(in.Job, log.Job)
	r.c.ID = caseID(r.c)
	r.step(start, culprit.StageRead, "", result{done: true, why: fmt.Sprintf("%d bytes in %d lines", log.Ref.Bytes, log.Ref.Lines)})

	r.classify()
	r.keepFrom(ctx)
	if len(r.c.Failures) > 0 {
		release := r.openTree(ctx)
		err := r.withSource(ctx)
		if rerr := release(); err == nil && rerr != nil {
			err = fmt.Errorf("deleting the work tree: %w", rerr)
		}
		if err != nil {
			return nil, err
		}
	}
	redact.Case(r.c) // before anything is printed, kept or sent; all stages have run on the original
	r.c.Checklist = culprit.Checklist(r.c)
	r.keep(true)
	return r.c, nil
}

// run is one triage on its way.
type run struct {
	in      Input
	c       *culprit.Case
	log     *golog.Log
	tree    *source.Tree
	treeWhy string // why there is no tree
	treeErr bool   // the tree could not be read, as opposed to not given
	races   map[*culprit.Failure]*raceState
	kept    *keeper       // nil when nothing is saved, or not yet
	search  *cause.Search // for siblings, nil until the first cause
	past    func() past   // waits for the history of the tree; nil when no race touches it
}

// result is how a stage ended.
type result struct {
	done    bool
	skipped bool
	why     string
	err     error
}

func (r *run) say(stage culprit.Stage, failure, message string) {
	if r.in.Progress != nil {
		r.in.Progress(culprit.Event{Stage: stage, Failure: failure, Message: message})
	}
}

// step records how a stage ended.
func (r *run) step(start time.Time, stage culprit.Stage, failure string, res result) {
	r.record(newStep(start, stage, failure, res))
}

func (r *run) record(steps ...culprit.Step) {
	r.c.Steps = append(r.c.Steps, steps...)
	r.keep(false)
}

func newStep(start time.Time, stage culprit.Stage, failure string, res result) culprit.Step {
	s := culprit.Step{Stage: stage, Failure: failure, Outcome: culprit.Inconclusive, Why: res.why, Seconds: time.Since(start).Round(time.Millisecond).Seconds()}
	switch {
	case res.err != nil:
		s.Outcome, s.Why = culprit.Errored, res.err.Error()
	case res.skipped:
		s.Outcome = culprit.Skipped
	case res.done:
		s.Outcome = culprit.Done
	}
	return s
}

func (r *run) classify() {
	start := time.Now()
	verdict, why, failures := kind.Classify(r.log)
	kind.Apply(r.in.Rules, failures)
	seeds(r.log, failures)
	for _, f := range failures {
		name(f)
	}
	r.c.Verdict, r.c.VerdictWhy, r.c.Failures = verdict, why, failures
	unknown := 0
	for _, f := range failures {
		if f.Kind == culprit.KindUnknown {
			unknown++
		}
	}
	res := result{done: unknown == 0, why: fmt.Sprintf("all %d failures are of a known kind", len(failures))}
	if len(failures) == 1 {
		res.why = "the failure is of kind " + string(failures[0].Kind)
	}
	if unknown > 0 {
		res.why = fmt.Sprintf("%d of %d failures are of a kind that this version does not know", unknown, len(failures))
	} else if len(failures) == 0 {
		res.why = "the log shows no failure: " + why
	}
	r.step(start, culprit.StageClassify, "", res)
}

// openTree reads the work tree, if there is one, and returns what lets go of it.
func (r *run) openTree(ctx context.Context) (release func() error) {
	release = func() error { return nil }
	if r.in.Tree != nil {
		r.tree, r.in.Repo = r.in.Tree, r.in.Tree.Root
		return release
	}
	dir := r.in.Repo
	if dir == "" && r.in.Checkout != nil {
		r.say(culprit.StageSource, "", "fetching the source")
		got, why, rel, err := r.in.Checkout(ctx, r.c.Job)
		if rel != nil {
			release = rel
		}
		if err != nil || got == "" {
			r.treeWhy, r.treeErr = "the source could not be fetched: "+why, err != nil
			if err != nil {
				r.treeWhy = "the source could not be fetched: " + err.Error()
			}
			return release
		}
		dir = got
	}
	if dir == "" {
		r.treeWhy = "no repository was given (--repo DIR)"
		return release
	}
	r.say(culprit.StageSource, "", "reading the work tree")
	tree, why, err := source.Open(ctx, dir)
	switch {
	case err != nil:
		r.treeWhy, r.treeErr = err.Error(), true
	case tree == nil:
		r.treeWhy = why
	default:
		r.tree = tree
	}
	return release
}

// withSource runs the stages on all failures. What they need of the work tree is
// read at once: the packages of all race reports, and beside them the history.
func (r *run) withSource(ctx context.Context) error {
	if dirs := r.raced(); len(dirs) > 0 {
		var release func()
		r.past, release = r.openHistory(ctx)
		defer release()
		r.say(culprit.StageSource, "", "type-checking the packages that raced")
		r.tree.Preload(ctx, dirs)
	}
	return r.failures(ctx)
}

// raced lists the folders of the work tree that are in a stack of a race report.
func (r *run) raced() []string {
	var dirs []string
	if r.tree == nil {
		return nil
	}
	for _, f := range r.c.Failures {
		if f.Race == nil || f.Evidence.Damaged != "" {
			continue
		}
		for _, a := range f.Race.Accesses {
			for _, fr := range slices.Concat(a.Stack, a.Created) {
				if rel, _ := r.tree.Resolve(fr); rel != "" && !slices.Contains(dirs, path.Dir(rel)) {
					dirs = append(dirs, path.Dir(rel))
				}
			}
		}
	}
	return dirs
}

// caseID derives the ID from the log's digest and the job, so that the same log
// of the same job has the same ID.
func caseID(c *culprit.Case) string {
	sum := sha256.Sum256([]byte(c.Log.SHA256 + "\x00" + c.Job.Provider + "\x00" + c.Job.RunID + "\x00" + c.Job.JobID))
	return hex.EncodeToString(sum[:6])
}

// fillJob completes what the caller knows with what the log tells.
func fillJob(job, told culprit.Job) culprit.Job {
	fill := func(dst *string, src string) {
		if *dst == "" {
			*dst = src
		}
	}
	fill(&job.Provider, told.Provider)
	fill(&job.Repository, told.Repository)
	fill(&job.RunID, told.RunID)
	fill(&job.JobID, told.JobID)
	fill(&job.Name, told.Name)
	fill(&job.Workflow, told.Workflow)
	fill(&job.URL, told.URL)
	fill(&job.Commit, told.Commit)
	fill(&job.BaseCommit, told.BaseCommit)
	fill(&job.Branch, told.Branch)
	fill(&job.Actor, told.Actor)
	if job.Attempt == 0 {
		job.Attempt = told.Attempt
	}
	if job.PullRequest == 0 {
		job.PullRequest = told.PullRequest
	}
	if job.StartedAt == nil {
		job.StartedAt = told.StartedAt
	}
	return job
}
