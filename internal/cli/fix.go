// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/source"
)

// fixFlags are the command line of `culprit fix`.
type fixFlags struct {
	file    string
	repo    string
	failure string
	apply   bool
	branch  string
}

func newFix(s Streams, run func(context.Context, Streams, *fixFlags) error) *cobra.Command {
	f := &fixFlags{}
	cmd := &cobra.Command{
		Use:   "fix CASE.json|-",
		Short: "Print, apply or commit the patch of a saved case",
		Long: `fix prints the patch that a case holds. With --apply it writes the patch to the work
tree instead; with --branch NAME it makes a branch with one commit on top of HEAD,
whose message says what was measured, and leaves work tree and index alone.

A patch that was rejected is not used. A case of several failures needs --failure
unless one patch serves all.`,
		Example: `  culprit fix case.json
  culprit fix case.json --repo . --apply
  culprit fix case.json --repo . --branch fix-race`,
		GroupID: groupLog,
		Args:    exactlyOne("saved case"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.file = args[0]
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	cmd.Flags().StringVar(&f.repo, "repo", "", "work tree `DIR` to change")
	cmd.Flags().StringVar(&f.failure, "failure", "", "take the patch of failure `ID`, for example f2")
	cmd.Flags().BoolVar(&f.apply, "apply", false, "write the patch to the work tree")
	cmd.Flags().StringVar(&f.branch, "branch", "", "commit the patch on a new branch `NAME`")
	if err := cmd.MarkFlagDirname("repo"); err != nil {
		panic(err) // the flag was added above
	}
	return cmd
}

func (f *fixFlags) check() error {
	switch {
	case f.apply && f.branch != "":
		return usagef("--apply and --branch are two ways to use the patch: give one")
	case (f.apply || f.branch != "") && f.repo == "":
		return usagef("name the work tree: --repo DIR")
	case f.repo != "":
		return checkRepo(f.repo)
	}
	return nil
}

func runFix(ctx context.Context, s Streams, f *fixFlags) error {
	r, err := s.open(ctx, f.file)
	if err != nil {
		return err
	}
	c, err := readCase(r)
	r.Close()
	if err != nil {
		return fmt.Errorf("%s is not a saved case: %w; write one with culprit triage LOG --format json", logName(f.file), err)
	}
	fl, err := f.choose(c)
	if err != nil {
		return err
	}
	if !f.apply && f.branch == "" {
		_, err := io.WriteString(s.Out, fl.Fix.Patch)
		return err
	}
	tree, why, err := source.Open(ctx, f.repo)
	if err != nil {
		return fmt.Errorf("cannot use --repo: %w", cause(err))
	}
	if tree == nil {
		return fmt.Errorf("cannot use --repo: %s", why)
	}
	cand, why, err := fix.FromPatch(tree, fl.Fix.Patch)
	switch {
	case err != nil:
		return err
	case cand == nil:
		return fmt.Errorf("the patch of %s cannot be used: %s", fl.ID, why)
	case len(cand.Files) == 0 || cand.Checks[0].Name == "applies" && !cand.Checks[0].Passed:
		return fmt.Errorf("the patch of %s does not apply to %s: is the work tree at the commit of the case? (%s)", fl.ID, f.repo, cand.Checks[0].Detail)
	}
	if f.branch != "" {
		return f.commit(ctx, s, fl, tree, cand)
	}
	for rel, data := range cand.Files {
		name := filepath.Join(tree.Root, filepath.FromSlash(rel))
		mode := os.FileMode(0o644)
		if st, err := os.Lstat(name); err == nil {
			if !st.Mode().IsRegular() {
				return fmt.Errorf("%s is no regular file", name)
			}
			mode = st.Mode().Perm()
		}
		if err := os.WriteFile(name, data, mode); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, cause(err))
		}
		s.note("changed %s", rel)
	}
	return nil
}

// choose finds the failure whose patch is meant.
func (f *fixFlags) choose(c *culprit.Case) (*culprit.Failure, error) {
	var found *culprit.Failure
	for _, fl := range c.Failures {
		if f.failure != "" && fl.ID != f.failure {
			continue
		}
		if fl.Fix == nil || fl.Fix.Patch == "" || fl.Fix.Status == culprit.FixRejected {
			if f.failure != "" {
				return nil, fmt.Errorf("the case has no patch for %s that held its checks", fl.ID)
			}
			continue
		}
		if found != nil && found.Fix.Patch != fl.Fix.Patch {
			return nil, usagef("the case has several patches: choose with --failure %s or --failure %s", found.ID, fl.ID)
		}
		if found == nil {
			found = fl
		}
	}
	if found == nil {
		return nil, errors.New("the case has no patch that held its checks")
	}
	return found, nil
}

// commit makes the branch.
func (f *fixFlags) commit(ctx context.Context, s Streams, fl *culprit.Failure, tree *source.Tree, cand *fix.Candidate) error {
	repo, why, err := gitx.Open(ctx, tree.Root)
	if err != nil {
		return err
	}
	if repo == nil {
		return fmt.Errorf("cannot commit: %s", why)
	}
	files := map[string][]byte{}
	for rel, data := range cand.Files {
		files[repo.Path(rel)] = data
	}
	hash, why, err := repo.Branch(ctx, f.branch, commitMessage(fl), files)
	if err != nil {
		return err
	}
	if hash == "" {
		return fmt.Errorf("cannot commit: %s", why)
	}
	s.note("branch %s is at %s", f.branch, hash[:min(12, len(hash))])
	return nil
}

// commitMessage says what the patch does, why, and what was measured.
func commitMessage(fl *culprit.Failure) string {
	area := "tests"
	if fl.Cause != nil {
		if dir := path.Dir(fl.Cause.Declared.File); dir != "." {
			area = path.Base(dir)
		}
	}
	subject := area + ": " + oneLine(fl.Fix.Message)
	if r := []rune(subject); len(r) > 72 {
		subject = string(r[:71]) + "…"
	}
	var b strings.Builder
	b.WriteString(subject + "\n\n")
	if fl.Cause != nil {
		fmt.Fprintf(&b, "Data race on %s (%s): %s.\n", fl.Cause.Subject, fl.Cause.Pattern, oneLine(fl.Cause.Because))
	}
	if r := fl.Repro; r != nil && r.Before != nil {
		b.WriteString("\nMeasured, one process a run:\n")
		line := func(what string, before, after *culprit.Rate) {
			if before != nil && after != nil {
				fmt.Fprintf(&b, "- %s: fails in %d of %d runs before and in %d of %d after (95 %%: below %.1f %%)\n", what, before.Failed, before.Runs, after.Failed, after.Runs, 100*after.High)
			}
		}
		line(oneLine(r.Command), r.Before, r.After)
		line("amplified: "+oneLine(r.Amplifier), r.AmplifiedBefore, r.AmplifiedAfter)
	} else {
		b.WriteString("\nThe patch builds and vets; nothing was run.\n")
	}
	return b.String()
}
