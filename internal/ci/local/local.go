// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package local is the CI system around the process: a log in a file, and what
// the environment tells of the job.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
)

// Provider is one job whose log is in a file.
type Provider struct {
	file string
	env  func(string) string
}

// New returns a provider for the log in file. getenv gives the environment.
func New(file string, getenv func(string) string) *Provider { return &Provider{file, getenv} }

// Find gives the one job there is.
func (p *Provider) Find(ctx context.Context, ref ci.Ref) (*ci.Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	job := &ci.Job{Job: Job(p.env), Conclusion: ci.Failure, Event: p.env("GITHUB_EVENT_NAME")}
	if ref.Repository != "" && ref.Repository != job.Repository || ref.Run > 0 && strconv.FormatInt(ref.Run, 10) != job.RunID || ref.Job > 0 {
		return nil, fmt.Errorf("only the job of this machine is at hand: %w", ci.ErrNotFound)
	}
	job.HeadCommit = job.Commit
	return &ci.Run{ID: job.RunID, Attempt: job.Attempt, Event: job.Event, Jobs: []*ci.Job{job}, Selected: []*ci.Job{job}}, nil
}

// Log opens the file.
func (p *Provider) Log(ctx context.Context, job *ci.Job) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s: %w", p.file, ci.ErrNotFound)
	}
	return f, err
}

// Results gives none: the log is what there is.
func (p *Provider) Results(context.Context, *ci.Job) (io.ReadCloser, string, error) {
	return nil, "only the log is at hand", nil
}

// Job reads what the environment of a GitHub Actions step tells of the job. It
// is empty elsewhere.
//
// Source: https://docs.github.com/actions/reference/workflows-and-actions/variables
func Job(getenv func(string) string) culprit.Job {
	if getenv("GITHUB_ACTIONS") != "true" {
		return culprit.Job{}
	}
	j := culprit.Job{
		Provider: "github", Repository: getenv("GITHUB_REPOSITORY"), RunID: getenv("GITHUB_RUN_ID"), Name: getenv("GITHUB_JOB"),
		Workflow: getenv("GITHUB_WORKFLOW"), Commit: getenv("GITHUB_SHA"), Actor: getenv("GITHUB_ACTOR"),
	}
	j.Attempt, _ = strconv.Atoi(getenv("GITHUB_RUN_ATTEMPT"))
	if server := getenv("GITHUB_SERVER_URL"); server != "" && j.Repository != "" && j.RunID != "" {
		j.URL = fmt.Sprintf("%s/%s/actions/runs/%s", server, j.Repository, j.RunID)
		if j.Attempt > 1 {
			j.URL += fmt.Sprintf("/attempts/%d", j.Attempt)
		}
	}
	ref := getenv("GITHUB_REF")
	if rest, ok := strings.CutPrefix(ref, "refs/pull/"); ok {
		number, _, _ := strings.Cut(rest, "/")
		j.PullRequest, _ = strconv.Atoi(number)
		j.Branch = getenv("GITHUB_HEAD_REF")
	} else if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		j.Branch = branch
	}
	j.BaseCommit = base(getenv("GITHUB_EVENT_PATH"))
	return j
}

// base reads the base of a pull request from the event that started the job. It
// is the base when the event was made, which is what GITHUB_SHA was merged on.
func base(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	var event struct {
		PullRequest struct {
			Base struct {
				SHA string `json:"sha"`
			} `json:"base"`
		} `json:"pull_request"`
	}
	if json.NewDecoder(io.LimitReader(f, 25<<20)).Decode(&event) != nil {
		return ""
	}
	return event.PullRequest.Base.SHA
}
