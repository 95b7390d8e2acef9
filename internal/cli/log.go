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
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/kind"
)

// logFlags are the command line of `culprit log`.
type logFlags struct {
	log   logInput
	junit string
	lines int
	color oneOf
	rules rulesFlag
}

func newLog(s Streams, run func(context.Context, Streams, *logFlags) error) *cobra.Command {
	f := &logFlags{}
	cmd := &cobra.Command{
		Use:   "log [LOG|-]",
		Short: "Show failures of a test run as they happen",
		Long: `log reads a test run and shows each failing test when its result comes, and a
summary by kind of failure at the end. LOG is a file; "-", or no LOG and a pipe,
reads standard input. It reads what triage reads, and no source.

Exit codes: 0 all tests passed; 1 failures were found; 2 wrong usage, or the log
could not be read, ends early or shows no tests.`,
		Example: `  go test -json ./... 2>&1 | culprit log
  go test -race -json ./... 2>&1 | culprit log --junit junit.xml
  culprit log job.log.gz`,
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
	f.log.register(cmd)
	f.rules.register(cmd, "")
	cmd.Flags().StringVar(&f.junit, "junit", "", "also write JUnit XML to `FILE`")
	cmd.Flags().IntVar(&f.lines, "lines", 20, "show at most `N` lines of a test's output; 0 shows none")
	f.color = oneOf{value: "auto", allowed: []string{"auto", "always", "never"}}
	f.color.register(cmd, "color", "colour; auto obeys NO_COLOR, CLICOLOR_FORCE and TERM")
	return cmd
}

func (f *logFlags) check(s Streams) error {
	switch {
	case strings.Contains(f.log.name, "://"):
		return usagef("log reads files and pipes; culprit triage %s fetches a log from its address", f.log.name)
	case f.log.name == "" && isTerminal(s.In):
		return usagef("no log given; name a file, or pipe one in: go test -json ./... 2>&1 | culprit log")
	case f.lines < 0:
		return usagef("--lines must not be negative")
	}
	if f.junit == "" {
		return nil
	}
	if st, err := os.Stat(filepath.Dir(f.junit)); err != nil || !st.IsDir() {
		return usagef("--junit cannot be written: there is no directory %s", filepath.Dir(f.junit))
	}
	return nil
}

func runLog(ctx context.Context, s Streams, f *logFlags) error {
	rules, err := f.rules.read("")
	if err != nil {
		return err
	}
	in, err := s.openLog(ctx, &f.log)
	if err != nil {
		return err
	}
	defer in.Close()
	v := &logView{s: s, lines: f.lines, color: f.color.value == "always" || f.color.value == "auto" && s.colorful(s.Out)}
	if f.junit != "" {
		file, err := os.Create(f.junit)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", f.junit, cause(err))
		}
		defer file.Close()
		v.report = newJUnitReport(file)
	}
	v.progress = s.progress()
	log, err := golog.Read(ctx, in, golog.Options{Format: f.log.format.value, OnTest: v.test, OnPackage: v.pkg})
	v.progress.Stop()
	err = errors.Join(err, v.report.close(f.junit))
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", logName(f.log.name), cause(err))
	}
	verdict, why, failures := kind.Classify(log)
	kind.Apply(rules, failures)
	v.summary(log, failures)
	switch {
	case v.err != nil:
		return fmt.Errorf("cannot write the summary: %w", cause(v.err))
	case verdict == culprit.Failed:
		return errFindings
	case verdict != culprit.Passed:
		return fmt.Errorf("%s: %s", verdict, why)
	}
	return nil
}
