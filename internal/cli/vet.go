// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/vet"
	"github.com/culprit-ci/culprit/racecheck/suite"
)

// vetFlags are the command line of `culprit vet`.
type vetFlags struct {
	patterns      []string
	format        oneOf
	json          bool
	context       int
	fix, diff     bool
	tags          string
	only          []string
	baseline      string
	writeBaseline bool
}

func newVet(s Streams, run func(context.Context, Streams, *vetFlags) error) *cobra.Command {
	f := &vetFlags{}
	cmd := &cobra.Command{
		Use:   "vet [PACKAGE…]",
		Short: "Find race patterns in the source before they fail",
		Long: `vet looks for the patterns behind data races in Go packages, by default in ./...,
their tests included. It needs no log and runs none of the code. What it finds is
one line each, path/file.go:LINE:COL: message; "culprit vet help NAME" explains.

A line can be silenced with a directive that says why, at its end or alone above:

	//culprit:ignore NAME REASON

A baseline file holds known findings, so that only new ones fail. The same checks
run as "go vet -vettool=$(which culprit) ./...".

With --fix a change is kept only if the package still builds with it and its
finding is gone. Modules are not downloaded and cgo is off.

Exit codes: 0 nothing found; 1 findings; 2 wrong usage, or a package could not be
analyzed.`,
		Example: `  culprit vet ./...
  culprit vet --diff ./internal/...
  culprit vet --baseline .culprit-baseline --write-baseline
  culprit vet --format github --baseline .culprit-baseline ./...
  culprit vet help outervar`,
		GroupID: groupSource,
		Args:    cobra.ArbitraryArgs,
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.patterns = args
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	f.format = oneOf{value: "text", allowed: []string{"text", "json", "sarif", "github"}}
	f.format.register(cmd, "format", "form of the findings")
	cmd.Flags().BoolVar(&f.json, "json", false, "short for --format json")
	cmd.Flags().IntVarP(&f.context, "context", "c", -1, "show `N` lines of source around each finding")
	cmd.Flags().BoolVar(&f.fix, "fix", false, "apply the fixes that hold")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print the fixes that hold as a patch instead of applying them")
	cmd.Flags().StringVar(&f.tags, "tags", "", "build `TAGS`, as of go build")
	cmd.Flags().StringSliceVar(&f.only, "only", nil, "run these analyzers only, `NAMES` separated by commas")
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "do not report the findings listed in `FILE`")
	cmd.Flags().BoolVar(&f.writeBaseline, "write-baseline", false, "write what is found to the baseline file and report nothing")
	cmd.AddGroup(&cobra.Group{ID: groupAbout, Title: "About the analyzers:"})
	cmd.AddCommand(newVetHelp(s))
	return cmd
}

func (f *vetFlags) check() error {
	if f.json {
		f.format.value = "json"
	}
	for _, p := range f.patterns {
		if strings.HasPrefix(p, "-") {
			return usagef("%s is not a package", p)
		}
	}
	for _, name := range f.only {
		if _, ok := suite.Lookup(name); !ok {
			return usagef("there is no analyzer %q; culprit vet help lists them", name)
		}
	}
	switch {
	case f.writeBaseline && f.baseline == "":
		return usagef("--write-baseline needs --baseline FILE")
	case f.writeBaseline && (f.fix || f.diff):
		return usagef("--write-baseline goes with neither --fix nor --diff")
	case f.fix && f.diff:
		return usagef("--fix and --diff exclude each other")
	}
	return nil
}

// maxBroken is how many of the packages that do not build are complained about.
const maxBroken = 10

func runVet(ctx context.Context, s Streams, f *vetFlags) error {
	tool, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find this program's own file: %w", err)
	}
	o := vet.Options{Dir: ".", Patterns: f.patterns, Tool: tool, Only: f.only, Tags: f.tags}
	known := vet.Baseline{}
	if f.baseline != "" && !f.writeBaseline {
		if known, err = vet.ReadBaseline(f.baseline); err != nil {
			return usagef("cannot use the baseline %s: %v; --write-baseline makes one", f.baseline, cause(err))
		}
	}
	res, err := vet.Run(ctx, o)
	if err != nil {
		return fmt.Errorf("cannot vet: %w", err)
	}
	for i, b := range res.Broken {
		if i == maxBroken {
			s.complain(fmt.Sprintf("%d more like these", len(res.Broken)-i))
			break
		}
		s.complain("cannot vet " + b)
	}
	if f.writeBaseline {
		err = writeBaseline(s, f.baseline, res.Findings)
	} else {
		err = f.report(ctx, s, o, known, res.Findings)
	}
	if len(res.Broken) > 0 && (err == nil || errors.Is(err, errFindings)) {
		return errors.New("not everything could be analyzed")
	}
	return err
}

func writeBaseline(s Streams, name string, findings []vet.Finding) error {
	var buf bytes.Buffer
	if err := vet.NewBaseline(findings).Write(&buf); err != nil {
		return err
	}
	if err := os.WriteFile(name, buf.Bytes(), 0o644); err != nil {
		return fmt.Errorf("cannot write the baseline %s: %w", name, cause(err))
	}
	s.note("%d findings are now known in %s", len(findings), filepath.ToSlash(name))
	return nil
}

// report prints what the baseline does not know, after fixing it if asked to.
func (f *vetFlags) report(ctx context.Context, s Streams, o vet.Options, known vet.Baseline, all []vet.Finding) error {
	fresh, old, gone := known.Split(all)
	if gone > 0 && len(f.patterns) == 0 {
		s.note("%d findings of the baseline are gone: --write-baseline takes them out", gone)
	}
	if old > 0 {
		s.note("%d findings of the baseline are not shown", old)
	}
	if f.fix || f.diff {
		mended, err := vet.Mend(ctx, o, fresh)
		if err != nil {
			return fmt.Errorf("cannot try the fixes: %w", err)
		}
		if f.diff {
			return f.printDiff(s, o, mended)
		}
		if err := mended.Write(); err != nil {
			return fmt.Errorf("cannot write a fixed file: %w", cause(err))
		}
		s.note("%s fixed in %s", counted(len(mended.Fixed), "finding"), counted(len(mended.Files), "file"))
		refused(s, mended)
		if len(mended.Fixed) > 0 {
			// What is left is asked for again: one fix may have mended more.
			res, err := vet.Run(ctx, o)
			if err != nil {
				return fmt.Errorf("cannot vet what was fixed: %w", err)
			}
			fresh, _, _ = known.Split(res.Findings)
		}
	}
	var buf bytes.Buffer
	if err := f.print(&buf, fresh); err != nil {
		return fmt.Errorf("cannot write the findings as %s: %w", f.format.value, err)
	}
	if _, err := s.Out.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("cannot write the findings: %w", cause(err))
	}
	if len(fresh) > 0 {
		return errFindings
	}
	return nil
}

func (f *vetFlags) print(buf *bytes.Buffer, findings []vet.Finding) error {
	switch f.format.value {
	case "json":
		return vet.JSON(buf, findings)
	case "github":
		return vet.GitHub(buf, findings)
	case "sarif":
		info, _ := debug.ReadBuildInfo()
		return vet.SARIF(buf, findings, suite.All(), readVersion(info).Version)
	}
	return vet.Text(buf, findings, f.context)
}

// printDiff prints the patch and, like go vet -diff, ends with code 1 when there
// is one.
func (f *vetFlags) printDiff(s Streams, o vet.Options, m vet.Mended) error {
	patch, err := m.Diff(o.Dir)
	if err != nil {
		return fmt.Errorf("cannot compare: %w", cause(err))
	}
	if _, err := fmt.Fprint(s.Out, patch); err != nil {
		return fmt.Errorf("cannot write the patch: %w", cause(err))
	}
	refused(s, m)
	if patch != "" {
		return errFindings
	}
	return nil
}

// refused says which fixes did not hold, and why.
func refused(s Streams, m vet.Mended) {
	for _, r := range m.Refused {
		s.note("%s:%d:%d: the fix for this is left out: %s", r.File, r.Line, r.Column, r.Why)
	}
}

// longFlags lets the flags of vet be written with one dash, as those of go vet.
func longFlags(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		name, _, _ := strings.Cut(a, "=")
		switch name {
		case "-fix", "-diff", "-json", "-tags", "-format", "-only", "-baseline", "-write-baseline":
			args[i] = "-" + a
		case "--":
			return args
		}
	}
	return args
}
