// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/demo"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// demoBudget is how long the proof of the demo may take.
const demoBudget = time.Minute

// demoFlags are the command line of `culprit demo`.
type demoFlags struct {
	keep   string // "" for a temporary folder
	prove  bool
	output output
}

func newDemo(s Streams, run func(context.Context, Streams, *demoFlags) error) *cobra.Command {
	f := &demoFlags{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Make a real data race fail here, and triage it",
		Long: `demo makes a small git repository with a history, runs its tests under the race
detector until they fail, triages that log against that repository, proves what it
found by running those tests, and prints the report. It needs git, go, and on Linux a C compiler for the race detector; it
uses no network. What it does is told on standard error.

All is made in a temporary folder and removed again, unless --keep names one.`,
		Example: `  culprit demo
  culprit demo --keep ./demo
  culprit demo --format markdown`,
		GroupID: groupLog,
		Args:    none,
		PreRunE: func(*cobra.Command, []string) error { return f.check() },
		RunE:    func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.keep, "keep", "", "work in `DIR`, which must be empty or absent, and keep repository and log")
	cmd.Flags().BoolVar(&f.prove, "prove", true, "make the race happen on purpose, and prove the patch")
	f.output.register(cmd)
	if err := cmd.MarkFlagDirname("keep"); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

func (f *demoFlags) check() error {
	if f.keep != "" {
		entries, err := os.ReadDir(f.keep)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it will be made
		case err != nil:
			return usagef("--keep: cannot use %s: %v", f.keep, cause(err))
		case len(entries) > 0:
			return usagef("--keep: %s is not empty; name an empty or new directory", f.keep)
		}
	}
	return f.output.check()
}

func runDemo(ctx context.Context, s Streams, f *demoFlags) (err error) {
	dir, remove, err := f.workDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := demoTools(ctx, dir); err != nil {
		return err
	}
	s.note("Making a git repository in %s.", dir)
	repo, err := demo.Build(ctx, filepath.Join(dir, "repo"))
	if err != nil {
		return fmt.Errorf("cannot make the repository of the demo: %w", err)
	}
	logPath := filepath.Join(dir, "test.log")
	run, err := repo.Fail(ctx, logPath, func(message string) { s.note("%s", message) })
	if err != nil {
		return fmt.Errorf("cannot make the demo fail: %w", err)
	}
	s.note("%s", run)
	log, err := os.Open(logPath)
	if err != nil {
		return fmt.Errorf("cannot read the log of the demo: %w", err)
	}
	defer log.Close()
	p := s.progress()
	c, err := engine.Triage(ctx, engine.Input{Log: log, Repo: repo.Dir, Proof: f.prove, Progress: p.Event})
	if err == nil && f.prove {
		err = engine.Prove(ctx, engine.ProveInput{Case: c, Repo: repo.Dir, Budget: demoBudget, Progress: p.Event})
	}
	p.Stop()
	if err != nil {
		return fmt.Errorf("cannot triage the log of the demo: %w", err)
	}
	if f.keep != "" {
		s.note("Repository: %s", repo.Dir)
		s.note("Log: %s", logPath)
		s.note("Again: %s", again(logPath, repo.Dir))
	}
	s.note("")
	return f.output.write(s, c, repo.Dir)
}

// workDir makes the folder to work in. remove is never nil and takes a
// temporary one away again, even after an interrupt.
func (f *demoFlags) workDir() (dir string, remove func() error, err error) {
	remove = func() error { return nil }
	if f.keep != "" {
		if dir, err = filepath.Abs(f.keep); err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err != nil {
			return "", remove, fmt.Errorf("--keep: cannot make %s: %w", f.keep, cause(err))
		}
		return dir, remove, nil
	}
	dir, err = os.MkdirTemp("", "culprit-demo-")
	if err != nil {
		return "", remove, fmt.Errorf("cannot make a temporary folder: %w; set TMPDIR to a folder that can be written", cause(err))
	}
	return dir, func() error {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("cannot remove the temporary folder %s: %w", dir, cause(err))
		}
		return nil
	}, nil
}

// demoTools checks that what the demo needs is installed, so that a missing
// compiler does not look like a broken demo.
func demoTools(ctx context.Context, dir string) error {
	if _, err := gitx.Run(ctx, dir, gitx.Options{}, "version"); err != nil {
		return fmt.Errorf("the demo needs git: %w", err)
	}
	ok, why, err := gocmd.RaceReady(ctx, dir)
	switch {
	case err != nil:
		return fmt.Errorf("the demo needs the go command: %w", err)
	case !ok:
		return fmt.Errorf("the demo needs the race detector: %s", why)
	}
	return nil
}

// again is the command that repeats the triage, in the way the program was
// started: `go run` leaves no program behind that could be called by its name.
func again(log, repo string) string {
	args := []string{"run", "./cmd/culprit", "triage", log, "--repo", repo}
	if exe, err := os.Executable(); err == nil && strings.Contains(filepath.ToSlash(exe), "/go-build") {
		return gocmd.Line(nil, args)
	}
	return "culprit " + strings.TrimPrefix(gocmd.Line(nil, args[2:]), "go ")
}
