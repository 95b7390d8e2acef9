// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package github reads runs of GitHub Actions, on github.com, ghe.com and
// GitHub Enterprise Server.
package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/ghapi"
)

// Provider is GitHub Actions.
type Provider struct{ api *ghapi.Client }

// New returns a provider that asks api.
func New(api *ghapi.Client) *Provider { return &Provider{api} }

// maxPullRuns bounds the runs of one commit that are looked at.
const maxPullRuns = 50

// Find gives the run that ref names.
func (p *Provider) Find(ctx context.Context, ref ci.Ref) (*ci.Run, error) {
	run, err := p.find(ctx, ref)
	if err != nil {
		return nil, translate(err)
	}
	return run, nil
}

func (p *Provider) find(ctx context.Context, ref ci.Ref) (*ci.Run, error) {
	switch {
	case ref.Job > 0:
		return p.job(ctx, ref)
	case ref.Run > 0:
		r, err := p.api.Run(ctx, ref.Repository, ref.Run, ref.Attempt)
		if err != nil {
			return nil, err
		}
		return p.run(ctx, ref, r, nil)
	case ref.PullRequest > 0:
		pr, err := p.api.PullRequest(ctx, ref.Repository, ref.PullRequest)
		if err != nil {
			return nil, err
		}
		return p.ofCommit(ctx, ref, pr.HeadSHA, fmt.Sprintf("pull request %d", ref.PullRequest))
	case ref.Commit != "":
		return p.ofCommit(ctx, ref, ref.Commit, "commit "+ref.Commit)
	case ref.LastFailed:
		list, err := p.api.Runs(ctx, ref.Repository, ghapi.RunQuery{Status: "failure", Branch: ref.Branch, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return &ci.Run{Why: "no run of " + ref.Repository + " has failed"}, nil
		}
		return p.run(ctx, ref, list[0], nil)
	}
	return nil, fmt.Errorf("nothing is named: %w", ci.ErrNotFound)
}

// job finds a job by its own id, which belongs to one attempt.
func (p *Provider) job(ctx context.Context, ref ci.Ref) (*ci.Run, error) {
	j, err := p.api.Job(ctx, ref.Repository, ref.Job)
	if err != nil {
		return nil, err
	}
	if ref.Run > 0 && j.RunID != ref.Run {
		return nil, fmt.Errorf("job %d belongs to run %d and not to run %d: %w", ref.Job, j.RunID, ref.Run, ci.ErrNotFound)
	}
	r, err := p.api.Run(ctx, ref.Repository, j.RunID, j.Attempt)
	if err != nil {
		return nil, err
	}
	return p.run(ctx, ref, r, j)
}

// ofCommit finds the runs of a commit, the latest attempt of each, and joins
// those that failed.
func (p *Provider) ofCommit(ctx context.Context, ref ci.Ref, sha, what string) (*ci.Run, error) {
	list, err := p.api.Runs(ctx, ref.Repository, ghapi.RunQuery{HeadSHA: sha, Limit: maxPullRuns})
	if err != nil {
		return nil, err
	}
	joined := &ci.Run{}
	running := 0
	for _, r := range list {
		if r.Status != "completed" {
			running++
		}
		if r.Conclusion != ci.Failure && r.Conclusion != ci.TimedOut && r.Status == "completed" {
			continue
		}
		one, err := p.run(ctx, ref, r, nil)
		if err != nil {
			return nil, err
		}
		if joined.ID == "" {
			joined.ID, joined.Attempt, joined.Event = one.ID, one.Attempt, one.Event
		}
		joined.Jobs = append(joined.Jobs, one.Jobs...)
		joined.Selected = append(joined.Selected, one.Selected...)
	}
	sortByEnd(joined.Selected)
	if len(joined.Selected) == 0 {
		joined.Why = fmt.Sprintf("none of the %d runs of %s has a job that failed", len(list), what)
		if running > 0 {
			joined.Why += fmt.Sprintf("; %d are still running", running)
		}
	}
	return joined, nil
}

// run completes a run with its jobs; one is the job that was named, or nil.
func (p *Provider) run(ctx context.Context, ref ci.Ref, r *ghapi.Run, one *ghapi.Job) (*ci.Run, error) {
	jobs, err := p.api.Jobs(ctx, ref.Repository, r.ID, r.Attempt)
	if err != nil {
		return nil, err
	}
	out := &ci.Run{ID: strconv.FormatInt(r.ID, 10), Attempt: r.Attempt, Event: r.Event}
	if one != nil && !slices.ContainsFunc(jobs, func(j *ghapi.Job) bool { return j.ID == one.ID }) {
		jobs = append(jobs, one)
	}
	pr := p.pullRequest(ctx, ref, r)
	for _, j := range jobs {
		job := p.convert(ref, r, j, pr)
		out.Jobs = append(out.Jobs, job)
		if one != nil && j.ID == one.ID || one == nil && job.Failed() {
			out.Selected = append(out.Selected, job)
		}
	}
	sortByEnd(out.Selected)
	if len(out.Selected) == 0 {
		out.Why = whyNone(out, r)
	}
	return out, nil
}

// sortByEnd puts the job first that failed first: with fail-fast, others may
// have been cancelled because of it.
func sortByEnd(jobs []*ci.Job) {
	slices.SortStableFunc(jobs, func(a, b *ci.Job) int {
		return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.JobID, b.JobID))
	})
}

func whyNone(run *ci.Run, r *ghapi.Run) string {
	switch {
	case r.Status != "completed":
		return fmt.Sprintf("run %s is still running, and no job of it has failed yet", run.ID)
	case len(run.Jobs) == 0:
		return fmt.Sprintf("run %s has no jobs: its workflow file may be wrong", run.ID)
	case run.Count(ci.Cancelled) > 0:
		return fmt.Sprintf("no job of run %s failed; %d were cancelled", run.ID, run.Count(ci.Cancelled))
	}
	return fmt.Sprintf("no job of attempt %d of run %s failed", run.Attempt, run.ID)
}

// pullRequest gives the number of the pull request that a run is about, 0 when
// there is none or when that is not clear. The run of a fork does not say it.
func (p *Provider) pullRequest(ctx context.Context, ref ci.Ref, r *ghapi.Run) int {
	switch {
	case ref.PullRequest > 0:
		return ref.PullRequest
	case len(r.PullRequests) == 1:
		return r.PullRequests[0]
	case r.Event != "pull_request" && r.Event != "pull_request_target":
		return 0
	}
	list, err := p.api.PullsOf(ctx, ref.Repository, r.HeadSHA)
	if err != nil {
		return 0 // the log may tell
	}
	number := 0
	for _, pr := range list {
		if pr.HeadSHA == r.HeadSHA {
			if number != 0 {
				return 0
			}
			number = pr.Number
		}
	}
	return number
}

func (p *Provider) convert(ref ci.Ref, r *ghapi.Run, j *ghapi.Job, pr int) *ci.Job {
	out := &ci.Job{
		Job: culprit.Job{
			Provider: "github", Repository: ref.Repository, RunID: strconv.FormatInt(j.RunID, 10), JobID: strconv.FormatInt(j.ID, 10),
			Attempt: cmp.Or(j.Attempt, r.Attempt), Name: j.Name, Workflow: cmp.Or(j.Workflow, r.Name), URL: j.URL,
			PullRequest: pr, Branch: cmp.Or(j.HeadBranch, r.HeadBranch), Actor: r.Actor,
		},
		Conclusion: j.Conclusion, Event: r.Event, HeadCommit: cmp.Or(j.HeadSHA, r.HeadSHA), FailedSteps: j.FailedSteps, Ended: j.Completed,
	}
	if !j.Started.IsZero() {
		at := j.Started.UTC()
		out.StartedAt = &at
	}
	return out
}

// translate gives the errors of the API the names that all providers use.
func translate(err error) error {
	for from, to := range map[error]error{ghapi.ErrNotFound: ci.ErrNotFound, ghapi.ErrGone: ci.ErrExpired, ghapi.ErrAuth: ci.ErrAuth, ghapi.ErrLimited: ci.ErrLimited} {
		if errors.Is(err, from) && !errors.Is(err, to) {
			return &named{err, to}
		}
	}
	return err
}

// named is an error with the text of one and the name of another.
type named struct {
	error
	name error
}

func (n *named) Unwrap() []error { return []error{n.error, n.name} }
