// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/redact"
)

// running are the flags of commands that run the repository's code.
type running struct {
	budget time.Duration
	env    []string // KEY=VALUE or KEY
}

func (r *running) register(flags *pflag.FlagSet) {
	flags.DurationVar(&r.budget, "budget", engine.DefaultBudget, "how long running the tests may take in all")
	flags.StringArrayVar(&r.env, "env", nil, "give the tests this `KEY[=VALUE]` beyond the scrubbed environment (repeatable)")
}

// entries completes the variables that are given by name alone.
func (r *running) entries(s Streams) ([]string, error) {
	var list []string
	for _, e := range r.env {
		name, _, given := strings.Cut(e, "=")
		if name == "" {
			return nil, usagef("--env %s names no variable", e)
		}
		if !given {
			e = name + "=" + s.lookup(name)
		}
		list = append(list, e)
	}
	return list, nil
}

// proveFlags are the command line of `culprit prove`.
type proveFlags struct {
	file   string
	repo   string
	commit string
	patch  string
	emit   string
	running
	output output
}

func newProve(s Streams, run func(context.Context, Streams, *proveFlags) error) *cobra.Command {
	f := &proveFlags{}
	cmd := &cobra.Command{
		Use:   "prove CASE.json --repo DIR",
		Short: "Make the failures of a saved case happen, and prove a patch",
		Long: `prove takes a case that "culprit triage --format json" wrote and RUNS THE TESTS of
the repository: it measures how often each race shows, raises that rate by delaying
the two racing statements, and tries patches until one makes the race go away and
breaks nothing.

For a panic, timeout, leak, taken port or failed assertion it measures the rate, and
looks for what raises it: fewer processors, pauses, company, the race detector, the
seed of the log, other orders, and the tests that have to run before. It counts only
runs that fail as the log does, and tries no patch.

All of it happens in a temporary copy of the work tree, or of --commit, with an
environment of its own; the checkout is only read. The case file is rewritten
after each step: after an interruption the same command goes on where it stopped.

With --emit DIR it also writes, for each race that was reproduced, the sources with
the delays, the patch, and a shell script that replays the claim with nothing but Go.`,
		Example: `  culprit triage job.log --repo . --format json -o case.json
  culprit prove case.json --repo . --budget 5m
  culprit prove case.json --repo . --emit ./proof && sh ./proof/f1/replay.sh .`,
		GroupID: groupLog,
		Args:    exactlyOne("saved case"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.file = args[0]
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.repo, "repo", "", "work tree `DIR` of the repository, at the commit of the case")
	cmd.Flags().StringVar(&f.commit, "commit", "", "run what `REV` holds instead of the files as they are")
	cmd.Flags().StringVar(&f.patch, "patch", "", "check this patch (a unified diff in `FILE`) instead of making one")
	cmd.Flags().StringVar(&f.emit, "emit", "", "write what replays the claim to `DIR`, which is made")
	f.running.register(cmd.Flags())
	f.output.register(cmd)
	if err := cmd.MarkFlagDirname("repo"); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

func (f *proveFlags) check() error {
	switch {
	case f.file == "-":
		return usagef("prove writes what it finds out back into the case: name a file")
	case f.repo == "":
		return usagef("prove needs the repository: --repo DIR")
	case strings.HasPrefix(f.commit, "-"):
		return usagef("--commit %s is not a revision", f.commit)
	case f.budget <= 0:
		return usagef("--budget must be more than 0")
	}
	if err := checkRepo(f.repo); err != nil {
		return err
	}
	return f.output.check()
}

func runProve(ctx context.Context, s Streams, f *proveFlags) error {
	env, err := f.entries(s)
	if err != nil {
		return err
	}
	file, err := s.open(ctx, f.file)
	if err != nil {
		return err
	}
	c, err := readCase(file)
	file.Close()
	if err != nil {
		return fmt.Errorf("%s is not a saved case: %w; write one with culprit triage LOG --format json", f.file, err)
	}
	var patch []byte
	if f.patch != "" {
		if patch, err = os.ReadFile(f.patch); err != nil {
			return fmt.Errorf("cannot read the patch %s: %w", f.patch, cause(err))
		}
	}
	p := s.progress()
	err = engine.Prove(ctx, engine.ProveInput{
		Case: c, Repo: f.repo, Commit: f.commit, Budget: f.budget, Env: env, Patch: string(patch), Progress: p.Event, Emit: f.emitter(),
		Save: func(c *culprit.Case) error { return saveCase(f.file, c) },
	})
	p.Stop()
	if err != nil {
		return fmt.Errorf("cannot prove %s: %w", f.file, cause(err))
	}
	return f.output.write(s, c, linkRoot(f.repo))
}

// emitter writes the files of a replay below the folder of --emit.
func (f *proveFlags) emitter() func(*culprit.Failure, map[string][]byte) error {
	if f.emit == "" {
		return nil
	}
	return func(fl *culprit.Failure, files map[string][]byte) error {
		if !filepath.IsLocal(fl.ID) {
			return fmt.Errorf("the failure's id %q names no folder", fl.ID)
		}
		for name, data := range files {
			file := filepath.Join(f.emit, fl.ID, filepath.FromSlash(name))
			mode := os.FileMode(0o644)
			if strings.HasSuffix(name, ".sh") {
				mode = 0o755
			}
			err := os.MkdirAll(filepath.Dir(file), 0o755)
			if err == nil {
				err = os.WriteFile(file, data, mode)
			}
			if err != nil {
				return fmt.Errorf("cannot write %s: %w", file, cause(err))
			}
		}
		return nil
	}
}

// saveCase writes a case so that the file always holds a whole one. What the
// tests printed may hold secrets; the proof goes on with the original.
func saveCase(name string, c *culprit.Case) error {
	c, err := redact.Copy(c)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("cannot write the case: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("cannot write the case: %w", cause(err))
	}
	_, err = tmp.Write(buf.Bytes())
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("cannot write the case: %w", cause(err))
	}
	return nil
}
