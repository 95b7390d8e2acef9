// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/golog"
)

const (
	maxLog  = 2 << 30 // a longer log is cut
	maxHead = 2 << 20 // where the log tells what was checked out
	tries   = 3       // downloads of one log
)

// Log fetches the log of a job into a temporary file, which is gone once the
// log is closed, and completes the job.
func (p *Provider) Log(ctx context.Context, job *ci.Job) (io.ReadCloser, error) {
	id, err := strconv.ParseInt(job.JobID, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("job %q has no number: %w", job.JobID, ci.ErrNotFound)
	}
	f, err := p.fetch(ctx, job.Repository, id)
	if err != nil {
		if notes, nerr := p.api.Annotations(ctx, job.Repository, id); nerr == nil {
			job.Annotations = annotations(notes)
		}
		return nil, translate(err)
	}
	if err := p.complete(ctx, job, f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// tempFile removes itself when it is closed.
type tempFile struct{ *os.File }

// Close closes and removes the file.
func (t tempFile) Close() error {
	err := t.File.Close()
	return errors.Join(err, os.Remove(t.Name()))
}

// fetch downloads the log, again when the connection breaks: half a log would
// look like a job that was cut off.
func (p *Provider) fetch(ctx context.Context, repo string, id int64) (tempFile, error) {
	f, err := os.CreateTemp("", "culprit-log-*")
	if err != nil {
		return tempFile{}, fmt.Errorf("no temporary file for the log: %w", err)
	}
	t := tempFile{f}
	for try := 1; ; try++ {
		err = p.copyLog(ctx, repo, id, f)
		if err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
		var broken *brokenError
		if err == nil {
			return t, nil
		}
		if !errors.As(err, &broken) || try == tries || ctx.Err() != nil {
			t.Close()
			return tempFile{}, err
		}
	}
}

// brokenError is a connection that broke while the log was read.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "the download of the log broke off: " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

func (p *Provider) copyLog(ctx context.Context, repo string, id int64, f *os.File) error {
	r, err := p.api.JobLog(ctx, repo, id)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(f, io.LimitReader(r, maxLog)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &brokenError{err}
	}
	return nil
}

// complete finds the commit that the job had checked out.
//
// For a push, a schedule and the like it is the commit of the run. For a pull
// request the run names the head of the branch, and what ran is its merge with
// the base, a commit that only the log of actions/checkout shows. The commit
// GitHub calls merge_commit_sha today may have another base, so it is never used
// instead: with the wrong base, lines would be blamed on the wrong people.
func (p *Provider) complete(ctx context.Context, job *ci.Job, f io.ReadSeeker) error {
	head, err := io.ReadAll(io.LimitReader(f, maxHead))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("reading the log: %w", err)
	}
	log, err := golog.Read(ctx, bytes.NewReader(head), golog.Options{})
	if err != nil {
		return fmt.Errorf("reading the log: %w", err)
	}
	told := log.Job
	if told.Repository != "" && !strings.EqualFold(told.Repository, job.Repository) {
		told = culprit.Job{} // the first checkout is that of another repository
	}
	merge := job.Event == "pull_request" || job.Event == "pull_request_target"
	switch {
	case told.Commit != "" && strings.HasPrefix(job.HeadCommit, told.Commit):
		job.Commit = job.HeadCommit
	case len(told.Commit) >= 40:
		job.Commit, job.BaseCommit = told.Commit, told.BaseCommit
	case !merge:
		job.Commit = job.HeadCommit
	default:
		job.CommitWhy = "the log does not show which merge of the pull request was checked out"
	}
	if job.PullRequest == 0 && merge {
		job.PullRequest = told.PullRequest
	}
	if merge && job.Commit != "" && job.Commit != job.HeadCommit {
		p.base(ctx, job)
	}
	return nil
}

// base reads the base of a merge commit from its parents: the first is the base,
// the second the head of the branch.
func (p *Provider) base(ctx context.Context, job *ci.Job) {
	parents, err := p.api.Parents(ctx, job.Repository, job.Commit)
	if err == nil && len(parents) == 2 && parents[1] == job.HeadCommit {
		job.BaseCommit = parents[0]
	}
}

func annotations(list []ghapi.Annotation) []ci.Annotation {
	var out []ci.Annotation
	for _, a := range list {
		out = append(out, ci.Annotation{Level: a.Level, Path: a.Path, Title: a.Title, Message: a.Message, Line: a.Line})
	}
	return out
}
