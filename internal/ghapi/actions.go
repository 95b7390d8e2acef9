// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v92/github"
)

// maxPages bounds every list: 100 entries a page.
const maxPages = 30

// Run is one attempt of a workflow run.
type Run struct {
	ID                                  int64
	Attempt                             int
	Name, Event, Status, Conclusion     string
	HeadSHA, HeadBranch, HeadRepository string
	URL, Actor                          string
	Started                             time.Time
	PullRequests                        []int
}

// Job is a job of one attempt.
type Job struct {
	ID, RunID                int64
	Attempt                  int
	Name, Workflow           string
	Status, Conclusion       string
	HeadSHA, HeadBranch, URL string
	Started, Completed       time.Time
	// FailedSteps are the names of its steps that failed.
	FailedSteps []string
}

// Annotation is what a step, or the runner itself, marked.
type Annotation struct {
	Path, Level, Title, Message string
	Line                        int
}

// Artifact is a file that a run uploaded.
type Artifact struct {
	ID      int64
	Name    string
	Bytes   int64
	Expired bool
}

// PullRequest is what is asked of a pull request.
type PullRequest struct {
	Number            int
	HeadSHA, BaseSHA  string
	HeadRef, BaseRef  string
	Merged            bool
	MergedAt          time.Time
	MergeCommit       string
	Title, Repository string
}

// Run gets a run, attempt 0 being the latest.
func (c *Client) Run(ctx context.Context, repo string, id int64, attempt int) (*Run, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	var r *github.WorkflowRun
	what := fmt.Sprintf("run %d of %s", id, repo)
	if attempt > 0 {
		what = fmt.Sprintf("attempt %d of run %d of %s", attempt, id, repo)
		r, _, err = c.rest.Actions.GetWorkflowRunAttempt(ctx, owner, name, id, attempt, nil)
	} else {
		r, _, err = c.rest.Actions.GetWorkflowRunByID(ctx, owner, name, id)
	}
	if err != nil {
		return nil, c.explain(what, err)
	}
	return run(r), nil
}

func run(r *github.WorkflowRun) *Run {
	out := &Run{
		ID: r.GetID(), Attempt: r.GetRunAttempt(), Name: r.GetName(), Event: r.GetEvent(), Status: r.GetStatus(), Conclusion: r.GetConclusion(),
		HeadSHA: r.GetHeadSHA(), HeadBranch: r.GetHeadBranch(), HeadRepository: r.GetHeadRepository().GetFullName(),
		URL: r.GetHTMLURL(), Actor: r.GetTriggeringActor().GetLogin(), Started: r.GetRunStartedAt().Time,
	}
	if out.Actor == "" {
		out.Actor = r.GetActor().GetLogin()
	}
	for _, p := range r.PullRequests {
		out.PullRequests = append(out.PullRequests, p.GetNumber())
	}
	return out
}

// RunQuery selects runs; empty fields select all.
type RunQuery struct {
	HeadSHA, Status, Branch string
	Limit                   int
}

// Runs lists runs, the latest first.
func (c *Client) Runs(ctx context.Context, repo string, q RunQuery) ([]*Run, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	opts := &github.ListWorkflowRunsOptions{HeadSHA: q.HeadSHA, Status: q.Status, Branch: q.Branch}
	opts.PerPage = 100
	if q.Limit > 0 {
		opts.PerPage = min(q.Limit, 100)
	}
	var list []*Run
	for range maxPages {
		page, resp, err := c.rest.Actions.ListRepositoryWorkflowRuns(ctx, owner, name, opts)
		if err != nil {
			return nil, c.explain("the runs of "+repo, err)
		}
		for _, r := range page.WorkflowRuns {
			list = append(list, run(r))
		}
		if resp.NextPage == 0 || q.Limit > 0 && len(list) >= q.Limit {
			break
		}
		opts.Page = resp.NextPage
	}
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list, nil
}

// Jobs lists the jobs of an attempt, 0 being the latest.
func (c *Client) Jobs(ctx context.Context, repo string, id int64, attempt int) ([]*Job, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	var list []*Job
	page := 1
	for range maxPages {
		var jobs *github.Jobs
		var resp *github.Response
		o := github.ListOptions{Page: page, PerPage: 100}
		if attempt > 0 {
			jobs, resp, err = c.rest.Actions.ListWorkflowJobsAttempt(ctx, owner, name, id, int64(attempt), &o)
		} else {
			jobs, resp, err = c.rest.Actions.ListWorkflowJobs(ctx, owner, name, id, &github.ListWorkflowJobsOptions{Filter: "latest", ListOptions: o})
		}
		if err != nil {
			return nil, c.explain(fmt.Sprintf("the jobs of run %d of %s", id, repo), err)
		}
		for _, j := range jobs.Jobs {
			list = append(list, job(j))
		}
		if resp.NextPage == 0 {
			break
		}
		page = resp.NextPage
	}
	return list, nil
}

// Job gets one job.
func (c *Client) Job(ctx context.Context, repo string, id int64) (*Job, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	j, _, err := c.rest.Actions.GetWorkflowJobByID(ctx, owner, name, id)
	if err != nil {
		return nil, c.explain(fmt.Sprintf("job %d of %s", id, repo), err)
	}
	return job(j), nil
}

func job(j *github.WorkflowJob) *Job {
	out := &Job{
		ID: j.GetID(), RunID: j.GetRunID(), Attempt: int(j.GetRunAttempt()), Name: j.GetName(), Workflow: j.GetWorkflowName(),
		Status: j.GetStatus(), Conclusion: j.GetConclusion(), HeadSHA: j.GetHeadSHA(), HeadBranch: j.GetHeadBranch(), URL: j.GetHTMLURL(),
		Started: j.GetStartedAt().Time, Completed: j.GetCompletedAt().Time,
	}
	for _, s := range j.Steps {
		if s.GetConclusion() == "failure" {
			out.FailedSteps = append(out.FailedSteps, s.GetName())
		}
	}
	return out
}

// Annotations lists the annotations of a job; a job is a check run of the same id.
func (c *Client) Annotations(ctx context.Context, repo string, job int64) ([]Annotation, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	var list []Annotation
	opts := &github.ListOptions{PerPage: 100}
	for range maxPages {
		page, resp, err := c.rest.Checks.ListCheckRunAnnotations(ctx, owner, name, job, opts)
		if err != nil {
			return nil, c.explain(fmt.Sprintf("the annotations of job %d of %s", job, repo), err)
		}
		for _, a := range page {
			list = append(list, Annotation{Path: a.GetPath(), Level: a.GetAnnotationLevel(), Title: a.GetTitle(), Message: a.GetMessage(), Line: a.GetStartLine()})
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	return list, nil
}

// Artifacts lists the artifacts of a run.
func (c *Client) Artifacts(ctx context.Context, repo string, run int64) ([]Artifact, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	var list []Artifact
	opts := &github.ListOptions{PerPage: 100}
	for range maxPages {
		page, resp, err := c.rest.Actions.ListWorkflowRunArtifacts(ctx, owner, name, run, opts)
		if err != nil {
			return nil, c.explain(fmt.Sprintf("the artifacts of run %d of %s", run, repo), err)
		}
		for _, a := range page.Artifacts {
			list = append(list, Artifact{ID: a.GetID(), Name: a.GetName(), Bytes: a.GetSizeInBytes(), Expired: a.GetExpired()})
		}
		if resp.NextPage == 0 {
			break
		}
		opts.Page = resp.NextPage
	}
	return list, nil
}

// Parents gives the parents of a commit, in order.
func (c *Client) Parents(ctx context.Context, repo, sha string) ([]string, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	commit, _, err := c.rest.Git.GetCommit(ctx, owner, name, sha)
	if err != nil {
		return nil, c.explain(fmt.Sprintf("commit %s of %s", sha, repo), err)
	}
	var list []string
	for _, p := range commit.Parents {
		list = append(list, p.GetSHA())
	}
	return list, nil
}

// IsAncestor reports whether a commit is in the history of another.
func (c *Client) IsAncestor(ctx context.Context, repo, ancestor, descendant string) (bool, error) {
	owner, name, err := split(repo)
	if err != nil {
		return false, err
	}
	// One commit a page: only the status is asked for.
	cmp, _, err := c.rest.Repositories.CompareCommits(ctx, owner, name, ancestor, descendant, &github.ListOptions{PerPage: 1})
	if err != nil {
		return false, c.explain(fmt.Sprintf("the commits between %s and %s of %s", ancestor, descendant, repo), err)
	}
	return cmp.GetStatus() == "ahead" || cmp.GetStatus() == "identical", nil
}

// PullRequest gets a pull request.
func (c *Client) PullRequest(ctx context.Context, repo string, number int) (*PullRequest, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	p, _, err := c.rest.PullRequests.Get(ctx, owner, name, number)
	if err != nil {
		return nil, c.explain(fmt.Sprintf("pull request %d of %s", number, repo), err)
	}
	return pull(p), nil
}

// PullsOf lists the pull requests that hold a commit.
func (c *Client) PullsOf(ctx context.Context, repo, sha string) ([]*PullRequest, error) {
	owner, name, err := split(repo)
	if err != nil {
		return nil, err
	}
	page, _, err := c.rest.PullRequests.ListPullRequestsWithCommit(ctx, owner, name, sha, &github.ListOptions{PerPage: 30})
	if err != nil {
		return nil, c.explain(fmt.Sprintf("the pull requests of commit %s of %s", sha, repo), err)
	}
	var list []*PullRequest
	for _, p := range page {
		list = append(list, pull(p))
	}
	return list, nil
}

func pull(p *github.PullRequest) *PullRequest {
	return &PullRequest{
		Number: p.GetNumber(), HeadSHA: p.GetHead().GetSHA(), BaseSHA: p.GetBase().GetSHA(), HeadRef: p.GetHead().GetRef(), BaseRef: p.GetBase().GetRef(),
		Merged: p.GetMerged() || p.MergedAt != nil, MergedAt: p.GetMergedAt().Time, MergeCommit: p.GetMergeCommitSHA(), Title: p.GetTitle(),
		Repository: p.GetHead().GetRepo().GetFullName(),
	}
}
