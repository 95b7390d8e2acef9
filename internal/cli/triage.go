// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/wire"
)

// triageFlags are the command line of `culprit triage`.
type triageFlags struct {
	log      logInput // a file, an address, "-" or ""
	repo     string   // "" for none
	commit   string   // "" for the work tree as it is
	exitCode bool
	wide     bool // search the module for siblings
	prove    bool
	remote   remoteFlags
	file     bool
	tracker  trackerFlags
	rules    rulesFlag
	running
	save   saveFlags
	output output
}

func newTriage(s Streams, run func(context.Context, Streams, *triageFlags) error) *cobra.Command {
	f := &triageFlags{}
	cmd := &cobra.Command{
		Use:   "triage [LOG|ADDRESS|-]",
		Short: "Report what failed in a log, and why",
		Long: `triage reads the log of a Go CI job and reports each failure once. LOG is a file;
"-", or no LOG and a pipe, reads standard input. The log may be "go test -json" or
plain "go test" output, gotestsum's, or JUnit XML, with what a CI system or docker
compose puts before each line; it may be packed as gzip, zstd, or the zip of a
run's logs.

ADDRESS is that of a job, a run or a pull request on GitHub, as the browser shows
it, or OWNER/NAME#RUN. The log is fetched, and so is the repository at the commit
of the job, into a cache (--no-source leaves it out, --repo uses yours). Clones in
$CULPRIT_CACHE_DIR go when they were not used for 30 days, or the longest of more
than 10 GiB. The token is that of GH_TOKEN, GITHUB_TOKEN or gh. Of several failed
jobs it is the one that failed first.

With --repo it also reads the source: a data race then gets its variable, the
tests that raced, blame, owners and a patch. Nothing in the repository is run
unless --prove is given. The work tree should be at the commit that the log is of.

--prove RUNS THE TESTS of the repository in a temporary copy: it measures how
often a failure shows, looks for what makes it show nearly always, and tries patches
for a race until one holds.

Exit codes: 0 done, whatever the report says; 1 failures were found and
--exit-code was given; 2 wrong usage, could not run, or interrupted.`,
		Example: `  culprit triage job.log --repo .
  gh run view --job 71902734009 --log | culprit triage --repo . --format markdown
  go test -race -json ./... 2>&1 | culprit triage --repo . --exit-code
  culprit triage https://github.com/OWNER/NAME/actions/runs/1/job/2
  culprit triage --last-failed --repository OWNER/NAME --branch main
  culprit triage job.log --repo . --format json -o case.json
  culprit triage job.log --repo . --prove --budget 5m`,
		GroupID: groupLog,
		Args:    atMostOne("log"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.log.name = args[0]
			}
			return f.check(s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.repo, "repo", "", "work tree `DIR` of the repository, at the commit of the log")
	cmd.Flags().StringVar(&f.commit, "commit", "", "start blame at `REV` instead of at HEAD")
	cmd.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit with 1 when the log shows a failure")
	cmd.Flags().BoolVar(&f.prove, "prove", false, "run the repository's tests: reproduce each failure, and prove a patch for races")
	cmd.Flags().BoolVar(&f.wide, "module", false, "search the whole module for other instances of a race's pattern, not only its package")
	f.running.register(cmd.Flags())
	f.log.register(cmd)
	f.rules.register(cmd, " instead of .culprit.yaml in the work tree")
	f.save.register(cmd)
	f.remote.register(cmd)
	cmd.Flags().BoolVar(&f.file, "file", false, "then open or update the issues, as culprit file does")
	f.tracker.register(cmd)
	f.output.register(cmd)
	if err := cmd.MarkFlagDirname("repo"); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

// check finds what is wrong with the command line before the log is read.
func (f *triageFlags) check(s Streams) error {
	if _, _, err := f.remote.ref(s, f.log.name); err != nil {
		return err
	}
	switch {
	case f.log.name == "" && !f.remote.lastFailed && isTerminal(s.In):
		return usagef("no log given; name a file, or pipe one in: go test -json ./... 2>&1 | culprit triage --repo .")
	case f.commit != "" && f.repo == "":
		return usagef("--commit needs --repo DIR")
	case strings.HasPrefix(f.commit, "-"):
		return usagef("--commit %s is not a revision", f.commit)
	}
	if f.repo != "" {
		if err := checkRepo(f.repo); err != nil {
			return err
		}
	}
	switch {
	case f.prove && f.repo == "":
		return usagef("--prove needs --repo DIR")
	case f.wide && f.repo == "" && (f.remote.noSource || !f.remote.lastFailed && !ci.IsRef(f.log.name)):
		return usagef("--module needs --repo DIR")
	case !f.prove && len(f.env) > 0:
		return usagef("--env is for --prove")
	case f.budget <= 0:
		return usagef("--budget must be more than 0")
	}
	if err := errors.Join(f.save.check(s), f.tracker.check()); err != nil {
		return err
	}
	if f.file {
		if err := f.save.store.check(s); err != nil {
			return err
		}
	}
	if f.tracker.dryRun && !f.file {
		return usagef("--dry-run is for --file")
	}
	return f.output.check()
}

// checkRepo finds what is wrong with the folder given as --repo.
func checkRepo(dir string) error {
	switch st, err := os.Stat(dir); {
	case os.IsNotExist(err):
		return usagef("--repo: there is no directory %s; name the root of the work tree", dir)
	case err != nil:
		return usagef("--repo: cannot read %s: %v", dir, cause(err))
	case !st.IsDir():
		return usagef("--repo: %s is not a directory; name the root of the work tree", dir)
	}
	return nil
}

func runTriage(ctx context.Context, s Streams, f *triageFlags) error {
	collectLess()
	env, err := f.entries(s)
	if err != nil {
		return err
	}
	p := s.progress()
	defer p.Stop()
	in := engine.Input{Repo: f.repo, Commit: f.commit, Proof: f.prove, Wide: f.wide, Progress: p.Event}
	job, release, err := f.open(ctx, s, &in)
	if err != nil {
		return err
	}
	defer release()
	if in.Rules, err = f.rules.read(in.Repo); err != nil {
		return err
	}
	kept, err := f.save.open(ctx, f.log.name, &in)
	if err != nil {
		return err
	}
	defer kept.close()
	if err := f.known(s, &in, job); err != nil {
		return err
	}
	c, err := engine.Triage(ctx, in)
	if err == nil && f.prove {
		err = engine.Prove(ctx, engine.ProveInput{
			Case: c, Repo: f.repo, Commit: f.commit, Budget: f.budget, Env: env, Progress: p.Event, Save: kept.also(ctx, f.output.save()),
		})
	}
	p.Stop()
	if err != nil {
		return fmt.Errorf("cannot triage %s: %w", logName(f.log.name), cause(err))
	}
	for _, note := range job.notes {
		s.complain(note)
	}
	if why := unusedRepo(c); f.repo != "" && why != "" {
		s.complain(fmt.Sprintf("the source in %s was not used: %s", f.repo, why))
	}
	if err := f.output.write(s, c, linkRoot(f.repo)); err != nil {
		return err
	}
	if err := kept.close(); err != nil {
		return err
	}
	if f.file {
		if err := f.fileCase(ctx, s, job, c); err != nil {
			return err
		}
	}
	if f.exitCode && len(c.Failures) > 0 {
		return errFindings
	}
	return nil
}

// open opens the log, of a file or of a job elsewhere, and says in in what is
// known of the job.
func (f *triageFlags) open(ctx context.Context, s Streams, in *engine.Input) (*fetched, func() error, error) {
	ref, elsewhere, err := f.remote.ref(s, f.log.name)
	if err != nil {
		return nil, nil, err
	}
	if !elsewhere {
		log, err := s.openLog(ctx, &f.log)
		if err != nil {
			return nil, nil, err
		}
		in.Log, in.LogFormat, in.Packed = log, f.log.format.value, log.Packed()
		return &fetched{}, log.Close, nil
	}
	job, err := f.remote.fetch(ctx, s, ref, func(m string) { in.Progress(culprit.Event{Stage: culprit.StageRead, Message: m}) })
	if err != nil {
		return nil, nil, err
	}
	in.Log, in.Job, in.Checkout = job.log, job.job.Job, job.checkout
	if in.Commit == "" && f.repo != "" {
		in.Commit = in.Job.Commit // lines are only blamed if the work tree is at it
	}
	return job, job.log.Close, nil
}

// known says where duplicates are searched beside the store, which
// [saveFlags.open] adds: in the issues of the job's repository or of --tracker.
// What is filed afterwards searches the issues itself.
func (f *triageFlags) known(s Streams, in *engine.Input, job *fetched) error {
	gh, repository := job.github, f.tracker.tracker
	if gh != nil && repository == "" {
		repository = job.job.Repository
	}
	if repository != "" && !f.file {
		if gh == nil {
			var err error
			if gh, err = wire.NewGitHub("", s.lookup, s.waiting); err != nil {
				return usagef("%v", err)
			}
		}
		in.Known = append(in.Known, gh.Issues(repository))
	}
	return nil
}

// fileCase files what was triaged. The report is on the standard output, so what
// is done is told on the error stream.
func (f *triageFlags) fileCase(ctx context.Context, s Streams, job *fetched, c *culprit.Case) error {
	gh, address := job.github, ""
	var err error
	if gh != nil {
		address = job.job.Repository
	} else if gh, err = wire.NewGitHub("", s.lookup, s.waiting); err != nil {
		return usagef("%v", err)
	}
	repository, err := f.tracker.repository(s, address)
	if err != nil {
		return err
	}
	o, db, err := f.tracker.box(ctx, gh, repository, f.repo, &f.save.store)
	if err != nil {
		return err
	}
	defer db.Close()
	return f.tracker.file(ctx, o, c, s.Err)
}

func logName(arg string) string {
	if arg == "" || arg == "-" {
		return "the standard input"
	}
	return arg
}

// linkRoot gives the absolute path of the work tree, "" when there is none.
func linkRoot(repo string) string {
	if repo == "" {
		return ""
	}
	root, err := filepath.Abs(repo)
	if err != nil {
		return ""
	}
	return root
}

// unusedRepo says why the work tree that was given told nothing about any
// failure, "" when it did or when there was nothing to tell. The report has the
// reason too, but a mistyped --repo should not look like a poor report.
func unusedRepo(c *culprit.Case) string {
	why := ""
	for _, step := range c.Steps {
		if step.Stage != culprit.StageSource {
			continue
		}
		if step.Outcome == culprit.Done {
			return ""
		}
		if why == "" {
			why = step.Why
		}
	}
	return why
}
