// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package ci is what culprit asks of a CI system: which jobs an address names,
// and the log of one attempt of one job. Each system is a package below this
// one; citest holds what all of them promise.
package ci

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/culprit-ci/culprit"
)

// The errors that a provider's errors wrap.
var (
	ErrNotFound = errors.New("there is no such run or job, or the token may not see it")
	ErrExpired  = errors.New("the log has expired")
	ErrAuth     = errors.New("the CI system refuses the token")
	ErrLimited  = errors.New("the rate limit is used up")
)

// Provider reads the runs of one CI system.
type Provider interface {
	// Find gives the run that ref names and the jobs of it that are to be
	// triaged. A run without any is no error: Run.Why says why.
	Find(ctx context.Context, ref Ref) (*Run, error)
	// Log opens the log of the attempt that job belongs to, and completes job
	// with what only the log tells: the commit that was checked out. The caller
	// closes it.
	Log(ctx context.Context, job *Job) (io.ReadCloser, error)
	// Results opens test results that the run kept besides its log, as test2json
	// events. It gives nil and the reason when there are none.
	Results(ctx context.Context, job *Job) (r io.ReadCloser, why string, err error)
}

// Conclusions of a job.
const (
	Failure   = "failure"
	Success   = "success"
	Cancelled = "cancelled"
	TimedOut  = "timed_out"
	Skipped   = "skipped"
)

// Run is one attempt of a run.
type Run struct {
	ID      string
	Attempt int
	// Event is what started it, "pull_request" for example.
	Event string
	// Jobs are all jobs of the attempt, and Selected those to be triaged: the one
	// that was named, or all that failed by themselves, the first to fail first. A
	// job that was cancelled because another failed is not among them.
	Jobs, Selected []*Job
	// Why says why Selected is empty.
	Why string
}

// Job is a job of an attempt.
type Job struct {
	culprit.Job
	// Conclusion is "" while the job runs.
	Conclusion string
	// Event is what started the run.
	Event string
	// HeadCommit is the commit that the run is about. For a pull request it is the
	// head of the branch, and what ran is its merge with the base.
	HeadCommit  string
	FailedSteps []string
	Ended       time.Time
	// CommitWhy says why Commit is empty.
	CommitWhy string
	// Annotations are what the CI system itself shows of the failure.
	Annotations []Annotation
}

// Annotation is a message that the CI system shows at a job.
type Annotation struct {
	Level, Path, Title, Message string
	Line                        int
}

// Failed reports whether a job failed by itself.
func (j *Job) Failed() bool { return j.Conclusion == Failure || j.Conclusion == TimedOut }

// Count counts the jobs of the run with a conclusion.
func (r *Run) Count(conclusion string) int {
	n := 0
	for _, j := range r.Jobs {
		if j.Conclusion == conclusion {
			n++
		}
	}
	return n
}
