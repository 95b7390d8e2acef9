// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/wire"
)

// fileFlags are the command line of `culprit file`.
type fileFlags struct {
	args    []string
	repo    string
	quiet   bool
	tracker trackerFlags
	remote  remoteFlags
	store   storeFlags
}

func newFile(s Streams, run func(context.Context, Streams, *fileFlags) error) *cobra.Command {
	f := &fileFlags{}
	cmd := &cobra.Command{
		Use:   "file CASE.json|LOG|ADDRESS…",
		Short: "Open or update the issues of failures",
		Long: `file writes each failure into the issue tracker, once: a new cause gets an issue; a
known one gets a row in the one comment that lists its occurrences; a closed issue
is opened again only if the failing commit has its fix. Nobody is assigned.

The arguments are cases that "culprit triage --format json" wrote, logs, or addresses
of jobs, of which every failed one is taken. What was sent is kept in the store, so
that nothing is sent twice, also if culprit is killed. At most --max-new issues are
created for one log, and none when six or more causes are new at once.

--dry-run prints exactly what would be sent. --propose-closing comments, once, on
issues whose failure has been silent for so long that chance is below 1 %.`,
		Example: `  culprit file https://github.com/OWNER/NAME/actions/runs/1/job/2 --dry-run
  culprit file case.json --tracker OWNER/NAME --label flaky-test
  culprit file --propose-closing --tracker OWNER/NAME`,
		GroupID: groupLog,
		Args:    cobra.ArbitraryArgs,
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.args = args
			return f.check(s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.repo, "repo", "", "work tree `DIR` of the repository, at the commit of the log")
	cmd.Flags().BoolVar(&f.quiet, "propose-closing", false, "propose to close the issues of what has stopped failing")
	f.tracker.register(cmd)
	f.remote.register(cmd)
	f.store.register(cmd)
	return cmd
}

func (f *fileFlags) check(s Streams) error {
	if len(f.args) == 0 && !f.quiet && !f.remote.lastFailed {
		return usagef("nothing to file: name a saved case, a log or the address of a job")
	}
	if f.repo != "" {
		if err := checkRepo(f.repo); err != nil {
			return err
		}
	}
	if f.remote.lastFailed {
		f.args = append(f.args, "")
	}
	for _, arg := range f.args {
		if _, _, err := f.remote.ref(s, arg); err != nil {
			return err
		}
	}
	if err := f.tracker.check(); err != nil {
		return err
	}
	return f.store.check(s)
}

func runFile(ctx context.Context, s Streams, f *fileFlags) error {
	for _, arg := range f.args {
		if err := f.one(ctx, s, arg); err != nil {
			return err
		}
	}
	if !f.quiet {
		return nil
	}
	repository, err := f.tracker.repository(s, f.remote.repository)
	if err != nil {
		return err
	}
	gh, err := wire.NewGitHub("", s.lookup, s.waiting)
	if err != nil {
		return usagef("%v", err)
	}
	return f.propose(ctx, s, gh, repository)
}

// waiting tells a person what is waited for.
func (s Streams) waiting(message string) { s.complain(message) }

// propose comments on the issues of what has stopped failing.
func (f *fileFlags) propose(ctx context.Context, s Streams, gh *wire.GitHub, repository string) error {
	db, err := f.store.openFilled(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	quiet, err := wire.Quiet(ctx, db, repository, time.Now())
	if err != nil {
		return err
	}
	if len(quiet) == 0 {
		s.complain("nothing has been silent for long enough to close its issue")
		return nil
	}
	o := gh.Outbox(repository, f.repo, db, f.tracker.dryRun)
	acts, err := o.ProposeClosing(ctx, quiet)
	if terr := f.tracker.tell(s.Out, repository, acts); err == nil {
		err = terr
	}
	return err
}

// one files what one argument names.
func (f *fileFlags) one(ctx context.Context, s Streams, arg string) error {
	ref, elsewhere, err := f.remote.ref(s, arg)
	if err != nil {
		return err
	}
	repository, err := f.tracker.repository(s, ref.Repository)
	if err != nil {
		return err
	}
	gh, err := wire.NewGitHub(ref.Host, s.lookup, s.waiting)
	if err != nil {
		return usagef("%v", err)
	}
	o, db, err := f.tracker.box(ctx, gh, repository, f.repo, &f.store)
	if err != nil {
		return err
	}
	defer db.Close()
	cases, err := f.cases(ctx, s, gh, ref, elsewhere, arg, db)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if err := f.tracker.file(ctx, o, c, s.Out); err != nil {
			return fmt.Errorf("filing %s: %w", logName(arg), err)
		}
	}
	return nil
}

// cases gives the cases of one argument: of an address, one for each job that failed.
func (f *fileFlags) cases(ctx context.Context, s Streams, gh *wire.GitHub, ref ci.Ref, elsewhere bool, arg string, db store.Store) ([]*culprit.Case, error) {
	if !elsewhere {
		c, err := f.local(ctx, s, arg, db)
		return []*culprit.Case{c}, err
	}
	run, err := gh.CI.Find(ctx, ref)
	if err != nil {
		return nil, f.remote.explain(gh, err)
	}
	if len(run.Selected) == 0 {
		s.complain(run.Why)
	}
	var list []*culprit.Case
	for _, job := range run.Selected {
		log, err := gh.CI.Log(ctx, job)
		if err != nil {
			return list, f.remote.explain(gh, err)
		}
		in := f.input(s, db)
		in.Log, in.Job = log, job.Job
		if !f.remote.noSource {
			in.Checkout = gh.Checkout
		}
		c, err := engine.Triage(ctx, in)
		log.Close()
		if err != nil {
			return list, fmt.Errorf("cannot triage %s: %w", job.Name, cause(err))
		}
		list = append(list, c)
	}
	return list, nil
}

// input is what every triage of the command has; a real run keeps the cases.
func (f *fileFlags) input(s Streams, db store.Store) engine.Input {
	in := engine.Input{Repo: f.repo}
	if _, none := db.(nothing); !none && !f.tracker.dryRun {
		in.Save = func(ctx context.Context, r *store.Record) {
			// What is filed is kept as well: closing is proposed by it.
			if err := db.Save(ctx, r); err != nil {
				s.complain(fmt.Sprintf("the case was not saved: %v", err))
			}
		}
	}
	return in
}

// local reads a saved case or triages a log.
func (f *fileFlags) local(ctx context.Context, s Streams, arg string, db store.Store) (*culprit.Case, error) {
	saved, err := isCase(arg)
	if err != nil {
		return nil, err
	}
	if saved {
		r, err := s.open(ctx, arg)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		c, err := readCase(r)
		if err != nil {
			return nil, fmt.Errorf("%s is not a saved case: %w", arg, err)
		}
		return c, nil
	}
	log, err := s.openLog(ctx, &logInput{name: arg, format: oneOf{value: "auto"}})
	if err != nil {
		return nil, err
	}
	defer log.Close()
	in := f.input(s, db)
	in.Log, in.LogFormat, in.Packed = log, "auto", log.Packed()
	c, err := engine.Triage(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("cannot triage %s: %w", logName(arg), cause(err))
	}
	return c, nil
}

// isCase looks at the beginning of a file: a saved case is a JSON object that
// names its schema. An event of test2json does not.
func isCase(name string) (bool, error) {
	if name == "-" || name == "" {
		return false, nil
	}
	st, err := os.Stat(name)
	if err != nil || !st.Mode().IsRegular() {
		return false, nil // openLog says what is wrong with it
	}
	f, err := os.Open(name)
	if err != nil {
		return false, fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	defer f.Close()
	head, _ := bufio.NewReaderSize(f, 4096).Peek(4096)
	head = bytes.TrimLeft(head, "\ufeff \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte(`"`+culprit.Schema+`"`)), nil
}
