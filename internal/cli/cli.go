// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line of culprit: one file per subcommand, each
// with a struct of its flags and a function that runs it.
//
// The report goes to standard output and nothing else does. Errors are one line
// on standard error that begins with "culprit: " and says what to do next.
// Progress goes to standard error, and only to a terminal.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	ExitDone     = 0 // done, whatever the report says
	ExitFindings = 1 // failures were found, and --exit-code was given
	ExitError    = 2 // wrong usage, could not run, or interrupted
)

// errFindings ends a run that worked, has printed its report and found failures.
var errFindings = errors.New("failures were found")

// usageError is a wrong command line, as opposed to a run that went wrong.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// Main runs the program with args, which do not include its name, and returns
// the exit code. The environment is that of the process. When ctx ends, what
// runs is stopped, temporary folders are removed and the code is [ExitError].
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if isVetTool(args) {
		vetTool(args)
	}
	if len(args) > 0 && args[0] == "vet" {
		args = longFlags(args)
	}
	if !isTerminal(stdout) {
		stdout = quietPipe{stdout}
	}
	return execute(ctx, Streams{In: stdin, Out: stdout, Err: stderr, Env: os.Environ()}, args)
}

// execute is [Main] in a given environment.
func execute(ctx context.Context, s Streams, args []string) int {
	root := New(s)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	var status statusError
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, errFindings):
		return ExitFindings
	case ctx.Err() != nil:
		s.complain("interrupted; nothing was reported")
		return ExitError
	}
	message := err.Error()
	var usage *usageError
	if errors.As(err, &usage) && !strings.Contains(message, "--help") {
		message += fmt.Sprintf(" (see %s --help)", ran.CommandPath())
	}
	s.complain(message)
	return ExitError
}

// The groups of commands in the help.
const (
	groupLog    = "log"
	groupSource = "source"
	groupStore  = "store"
	groupAbout  = "about"
)

// New returns the tree of commands. Nothing is read or written before it runs.
func New(s Streams) *cobra.Command {
	version := false
	root := &cobra.Command{
		Use:   "culprit",
		Short: "Say what made a Go CI job red, and why",
		Long: `culprit reads the log of a red Go CI job, finds the failures, and for a data race
names the variable, both statements, the tests that raced, who wrote the lines,
and a patch that builds. Where the evidence does not carry a conclusion it says
so, with the reason.`,
		Example: `  culprit demo
  culprit triage job.log --repo .
  go test -race -json ./... 2>&1 | culprit triage --repo .`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				info, _ := debug.ReadBuildInfo()
				return writeVersion(s.Out, readVersion(info), false)
			}
			return cmd.Help()
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Flags().BoolVar(&version, "version", false, "print the version, as the command version does")
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.DisableDefaultCmd = true // completion.go has ours
	root.AddGroup(
		&cobra.Group{ID: groupLog, Title: "Work on a log:"},
		&cobra.Group{ID: groupSource, Title: "Work on source:"},
		&cobra.Group{ID: groupStore, Title: "Remember what failed:"},
		&cobra.Group{ID: groupAbout, Title: "About the program:"},
	)
	root.SetHelpCommand(newHelp())
	root.AddCommand(
		newTriage(s, runTriage),
		newLog(s, runLog),
		newProve(s, runProve),
		newFix(s, runFix),
		newDemo(s, runDemo),
		newRender(s, runRender),
		newFile(s, runFile),
		newCI(s, runCI),
		newIngest(s, runIngest),
		newHistory(s, runHistory),
		newFlakes(s, runFlakes),
		newVet(s, runVet),
		newVersion(s),
		newCompletion(s),
	)
	return root
}
