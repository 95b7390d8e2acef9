// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ingest"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// ingestFlags are the command line of `culprit ingest`.
type ingestFlags struct {
	paths  []string
	job    culprit.Job
	again  bool
	jobs   int
	format oneOf
	store  storeFlags
}

// maxJobs bounds the logs that are read at the same time, and with them memory.
const maxJobs = 16

func newIngest(s Streams, run func(context.Context, Streams, *ingestFlags) error) *cobra.Command {
	f := &ingestFlags{}
	cmd := &cobra.Command{
		Use:   "ingest LOG|DIR|GLOB…",
		Short: "Put many logs into the store",
		Long: `ingest reads logs and puts what they show into the store, for "culprit history",
"culprit flakes" and the search for what is known. A directory stands for all files
below it; gzip, zstd and the zip archive of a run are unpacked. Logs of green jobs
belong in there, too: rates come from them. Files that show no Go test run are
counted and left out.

A log is known by its digest: run the same command again to go on where it was
interrupted, or to add what is new. --again reads known logs once more, which makes
sense with a newer version of culprit.

When a job ran is what the log says, else the time of the file. Repository, branch
and commit are what the log says, else what the flags say.

Exit codes: 0 all was read; 2 wrong usage, or a file could not be read, in which
case all others were.`,
		Example: `  culprit ingest job.log
  culprit ingest logs/ --repository example/tasks
  culprit ingest 'logs/2026-*/*.txt' --store postgres://ci@db/culprit`,
		GroupID: groupStore,
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.paths = args
			return f.check(s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.job.Repository, "repository", "", "the logs are of `OWNER/NAME`")
	cmd.Flags().StringVar(&f.job.Branch, "branch", "", "the logs are of `BRANCH`")
	cmd.Flags().StringVar(&f.job.Commit, "commit", "", "the logs are of the full `HASH`")
	cmd.Flags().IntVar(&f.job.PullRequest, "pr", 0, "the logs are of pull request `N`")
	cmd.Flags().StringVar(&f.job.Name, "job-name", "", "the logs are of the job `NAME`, run in one way: without it no log proves a failure of another to be flaky")
	cmd.Flags().BoolVar(&f.again, "again", false, "read logs that are in the store once more")
	cmd.Flags().IntVar(&f.jobs, "jobs", min(runtime.GOMAXPROCS(0), 4), "read `N` logs at the same time")
	f.format = oneOf{value: "text", allowed: []string{"text", "json"}}
	f.format.register(cmd, "format", "form of the summary")
	f.store.register(cmd)
	return cmd
}

var fullHash = lazyre.New(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

func (f *ingestFlags) check(s Streams) error {
	switch {
	case len(f.paths) == 0:
		return usagef("no log given; name files or directories")
	case f.jobs < 1 || f.jobs > maxJobs:
		return usagef("--jobs must be between 1 and %d", maxJobs)
	case f.job.PullRequest < 0:
		return usagef("--pr must not be negative")
	case f.job.Commit != "" && !fullHash.MatchString(f.job.Commit):
		// Half a hash would never equal the whole one of the same commit.
		return usagef("--commit must be the full hash of a commit: 40 hexadecimal digits, in lower case")
	}
	for _, p := range f.paths {
		if p == "-" || strings.Contains(p, "://") {
			return usagef("ingest reads files; use culprit triage --save for %s", p)
		}
	}
	return f.store.check(s)
}

func runIngest(ctx context.Context, s Streams, f *ingestFlags) error {
	db, err := f.store.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	p := s.progress()
	sum, err := ingest.Run(ctx, db, ingest.Options{
		Paths: f.paths, Job: f.job, Again: f.again, Workers: f.jobs,
		Progress: func(sum ingest.Summary) {
			p.Event(culprit.Event{Message: fmt.Sprintf("%s read, %d new", counted(sum.Files, "file"), sum.New)})
		},
	})
	p.Stop()
	if ctx.Err() != nil {
		s.note("%s stored; run the same command again to go on", counted(sum.New, "log"))
	}
	if err != nil {
		return err
	}
	if f.format.value == "json" {
		err = writeJSON(s, sum)
	} else {
		_, err = fmt.Fprint(s.Out, summary(sum, f.store.found.String()))
	}
	if err != nil {
		return fmt.Errorf("cannot write the summary: %w", cause(err))
	}
	if n := len(sum.Unreadable); n > 0 {
		return fmt.Errorf("%s could not be read: %s", counted(n, "file"), strings.Join(sum.Unreadable[:min(n, 3)], "; "))
	}
	return nil
}

func summary(sum ingest.Summary, where string) string {
	text := fmt.Sprintf("%s read: %d new in %s (%d with failures), %d known already", counted(sum.Files, "file"), sum.New, oneLine(where), sum.Failed, sum.Known)
	if sum.NoTests > 0 {
		text += fmt.Sprintf(", %d without a Go test run", sum.NoTests)
	}
	return text + "\n"
}
