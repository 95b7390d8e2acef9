// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/wire"
)

// remoteFlags say which job of a CI system is meant, besides its address.
type remoteFlags struct {
	lastFailed bool
	repository string
	branch     string
	noSource   bool
}

// register adds the flags to a command.
func (f *remoteFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.lastFailed, "last-failed", false, "triage the last run of --repository that failed")
	cmd.Flags().StringVarP(&f.repository, "repository", "R", "", "`OWNER/NAME` for --last-failed; in GitHub Actions its own")
	cmd.Flags().StringVar(&f.branch, "branch", "", "with --last-failed: the last run of this `BRANCH`")
	cmd.Flags().BoolVar(&f.noSource, "no-source", false, "do not fetch the repository of a job that is named by its address")
}

// ref gives what arg or the flags name; ok is false when that is a file.
func (f *remoteFlags) ref(s Streams, arg string) (ref ci.Ref, ok bool, err error) {
	switch {
	case f.lastFailed && arg != "":
		return ref, true, usagef("--last-failed and %s: name one of them", arg)
	case f.lastFailed:
		repository := f.repository
		if repository == "" {
			repository = s.lookup("GITHUB_REPOSITORY")
		}
		if owner, name, ok := strings.Cut(repository, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
			return ref, true, usagef("--last-failed needs --repository OWNER/NAME")
		}
		return ci.Ref{Repository: repository, LastFailed: true, Branch: f.branch}, true, nil
	case !ci.IsRef(arg):
		return ref, false, nil
	}
	ref, err = ci.Parse(arg)
	if err != nil {
		return ref, true, usagef("%v; name a job as the browser shows it, for example https://github.com/OWNER/NAME/actions/runs/1/job/2", err)
	}
	return ref, true, nil
}

// fetched is a job of a CI system with its log.
type fetched struct {
	job      *ci.Job
	log      io.ReadCloser
	checkout engine.Checkout
	run      *ci.Run
	github   *wire.GitHub
	notes    []string // for a person, once nothing else is on the line
}

// fetch gets the log of the job that ref names. Of several failed jobs it is the
// one that failed first; the others are named on the error stream.
func (f *remoteFlags) fetch(ctx context.Context, s Streams, ref ci.Ref, say func(string)) (*fetched, error) {
	gh, err := wire.NewGitHub(ref.Host, s.lookup, say)
	if err != nil {
		return nil, usagef("%v", err)
	}
	say("asking for the job")
	run, err := gh.CI.Find(ctx, ref)
	if err != nil {
		return nil, f.explain(gh, err)
	}
	if len(run.Selected) == 0 {
		return nil, errors.New(run.Why)
	}
	out := &fetched{job: run.Selected[0], run: run, github: gh}
	out.tell()
	say("fetching the log of " + out.job.Name)
	out.log, err = gh.CI.Log(ctx, out.job)
	if errors.Is(err, ci.ErrExpired) {
		return f.results(ctx, out, err)
	}
	if err != nil {
		return nil, f.explain(gh, err)
	}
	if !f.noSource {
		out.checkout = gh.Checkout
	}
	return out, nil
}

// tell names the other jobs of the run.
func (r *fetched) tell() {
	if n := len(r.run.Selected) - 1; n > 0 {
		const most = 5
		var names []string
		for _, j := range r.run.Selected[1 : min(n, most)+1] {
			names = append(names, fmt.Sprintf("%s (%s)", j.Name, j.URL))
		}
		if n > most {
			names = append(names, fmt.Sprintf("%d more", n-most))
		}
		r.note(fmt.Sprintf("%d jobs failed; this is %s, the first; the others: %s", n+1, r.job.Name, strings.Join(names, ", ")))
	}
	if n := r.run.Count(ci.Cancelled); n > 0 {
		r.note(fmt.Sprintf("%d other jobs of the run were cancelled; nothing is said about them", n))
	}
	if r.job.Conclusion == ci.Success {
		r.note(fmt.Sprintf("the job %s did not fail", r.job.Name))
	}
}

func (r *fetched) note(message string) { r.notes = append(r.notes, message) }

// results takes the test results that the run kept where its log is gone.
func (f *remoteFlags) results(ctx context.Context, r *fetched, gone error) (*fetched, error) {
	log, why, err := r.github.CI.Results(ctx, r.job)
	if err != nil || log == nil {
		text := fmt.Sprintf("the log of %s has expired", r.job.Name)
		if why != "" {
			text += ", and " + why
		}
		for _, a := range r.job.Annotations {
			text += fmt.Sprintf("; GitHub still shows: %s", a.Message)
		}
		return nil, errors.Join(errors.New(text), err)
	}
	r.log = log
	r.note(fmt.Sprintf("the log of %s has expired; this is about the test results among the artifacts of the run, which may be those of other jobs, too", r.job.Name))
	if r.job.Event != "pull_request" && r.job.Event != "pull_request_target" {
		r.job.Commit = r.job.HeadCommit
	}
	if !f.noSource {
		r.checkout = r.github.Checkout
	}
	return r, nil
}

// explain adds what to do about a token.
func (f *remoteFlags) explain(gh *wire.GitHub, err error) error {
	if errors.Is(err, ci.ErrAuth) || errors.Is(err, ci.ErrNotFound) {
		return fmt.Errorf("%w (asked with %s)", err, gh.Token())
	}
	return err
}
