// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/engine"
	"github.com/culprit-ci/culprit/internal/gitx"
	"github.com/culprit-ci/culprit/internal/report"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/internal/wire"
)

// maxSummary is what GitHub takes of one step; of a longer summary it shows nothing.
const maxSummary = 1024 << 10

// statusError ends a run with the exit code of go test.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("go test ended with %d", int(e)) }

// ciFlags are the command line of `culprit ci`.
type ciFlags struct {
	log    logInput
	repo   string
	status int
	sarif  string
	json   string
}

func newCI(s Streams, run func(context.Context, Streams, *ciFlags) error) *cobra.Command {
	f := &ciFlags{}
	cmd := &cobra.Command{
		Use:   "ci LOG|-",
		Short: "Report in GitHub Actions, as a step after the tests",
		Long: `ci reads the log that "go test -json | tee LOG" left and reports where the job runs:
annotations on the lines, those of changed files first; the step summary; and the
report in the log of the step. What the tests printed cannot become a command to
the runner. Nothing is sent and nothing in the repository is run.

With --status N, the exit code of go test, ci ends with N whatever happens to
itself. Without it, it ends with 0 when it could report.

Outside of GitHub Actions it prints the same, for a look.`,
		Example: `  go test -race -json ./... | tee test.json; status=${PIPESTATUS[0]}
  culprit ci test.json --status $status
  culprit ci test.json --sarif culprit.sarif`,
		GroupID: groupLog,
		Args:    exactlyOne("log"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			f.log.name = args[0]
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	f.log.register(cmd)
	cmd.Flags().StringVar(&f.repo, "repo", ".", "work tree `DIR` that was tested")
	cmd.Flags().IntVar(&f.status, "status", 0, "exit code `N` of go test, to end with")
	cmd.Flags().StringVar(&f.sarif, "sarif", "", "also write SARIF for code scanning to `FILE`")
	cmd.Flags().StringVar(&f.json, "json", "", "also write the case to `FILE`, for culprit file and culprit render")
	return cmd
}

func (f *ciFlags) check() error {
	if f.status < 0 || f.status > 255 {
		return usagef("--status must be an exit code, 0 to 255")
	}
	return checkRepo(f.repo)
}

// runCI reports. With a status of go test, an error of our own is told and does
// not decide over the job.
func runCI(ctx context.Context, s Streams, f *ciFlags) error {
	err := f.report(ctx, s)
	if f.status == 0 {
		return err
	}
	if err != nil {
		s.complain(err.Error())
	}
	return statusError(f.status)
}

func (f *ciFlags) report(ctx context.Context, s Streams) error {
	log, err := s.openLog(ctx, &f.log)
	if err != nil {
		return err
	}
	defer log.Close()
	c, err := engine.Triage(ctx, engine.Input{
		Log: log, LogFormat: f.log.format.value, Packed: log.Packed(), Repo: f.repo, Job: wire.LocalJob(s.lookup),
	})
	if err != nil {
		return fmt.Errorf("cannot triage %s: %w", logName(f.log.name), cause(err))
	}
	o := report.Options{Locate: locator(ctx, f.repo), Changed: changedFiles(ctx, f.repo, c.Job)}
	return errors.Join(f.print(s, c, o), f.summary(s, c, o), f.files(c, o), f.outputs(s, c))
}

// print writes the annotations, and then the report, in which the runner is told
// to see no commands.
func (f *ciFlags) print(s Streams, c *culprit.Case, o report.Options) error {
	notes, err := render("github", c, o)
	if err != nil {
		return err
	}
	text, err := render("text", c, o)
	if err != nil {
		return err
	}
	out := notes
	if s.lookup("GITHUB_ACTIONS") == "true" {
		token := rand.Text()
		out = append(out, "::stop-commands::"+token+"\n"...)
		out = append(append(out, text...), "\n::"+token+"::\n"...)
	} else {
		out = append(out, text...)
	}
	if _, err := s.Out.Write(out); err != nil {
		return fmt.Errorf("cannot write the report: %w", cause(err))
	}
	return nil
}

func render(format string, c *culprit.Case, o report.Options) ([]byte, error) {
	form, err := report.Lookup(format)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := form.Write(&b, c, o); err != nil {
		return nil, fmt.Errorf("cannot write the report as %s: %w", format, err)
	}
	return b.Bytes(), nil
}

// summary appends to the summary of the step what still fits. A job without
// failures has none.
func (f *ciFlags) summary(s Streams, c *culprit.Case, o report.Options) error {
	file := s.lookup("GITHUB_STEP_SUMMARY")
	if file == "" || len(c.Failures) == 0 {
		return nil
	}
	left := int64(maxSummary)
	if st, err := os.Stat(file); err == nil {
		left -= st.Size()
	}
	const least = 4 << 10
	if left < least {
		s.complain("the step summary is full, so the report is only in the log of the step")
		return nil
	}
	o.MaxBytes = int(left) - 512
	text, err := render("markdown", c, o)
	if err != nil {
		return err
	}
	return appendTo(file, append([]byte("\n"), text...))
}

func appendTo(file string, data []byte) error {
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = out.Write(data)
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", file, cause(err))
	}
	return nil
}

// files writes the forms that were asked for.
func (f *ciFlags) files(c *culprit.Case, o report.Options) error {
	for format, file := range map[string]string{"sarif": f.sarif, "json": f.json} {
		if file == "" {
			continue
		}
		data, err := render(format, c, o)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return fmt.Errorf("cannot write %s: %w", file, cause(err))
		}
	}
	return nil
}

// outputs hands what later steps can ask for: the verdict and the number of failures.
func (f *ciFlags) outputs(s Streams, c *culprit.Case) error {
	file := s.lookup("GITHUB_OUTPUT")
	if file == "" {
		return nil
	}
	return appendTo(file, fmt.Appendf(nil, "verdict=%s\nfailures=%d\n", c.Verdict, len(c.Failures)))
}

// locator finds the files of the work tree that paths of the log mean. A bare
// name is one of the failure's package; a path counts when at least a folder of
// it agrees.
func locator(ctx context.Context, repo string) func(pkg, file string) string {
	tree, _, err := source.Open(ctx, repo)
	if err != nil || tree == nil {
		return nil
	}
	root := filepath.ToSlash(tree.Root) + "/"
	return func(pkg, file string) string {
		file = strings.ReplaceAll(file, `\`, "/")
		if rel, ok := strings.CutPrefix(file, root); ok {
			return rel
		}
		frame := culprit.Frame{File: file}
		if !strings.Contains(file, "/") {
			frame.Func = pkg + ".f"
		}
		rel, _ := tree.Resolve(frame)
		return rel
	}
}

// changedFiles lists what a pull request changes; nil when that cannot be told.
// actions/checkout fetches one commit unless it is told otherwise, and then the
// base is not there.
func changedFiles(ctx context.Context, repo string, job culprit.Job) []string {
	r, _, err := gitx.Open(ctx, repo)
	if err != nil || r == nil || job.PullRequest == 0 {
		return nil
	}
	for _, base := range []string{"HEAD^1", job.BaseCommit} {
		hash, _, err := r.Resolve(ctx, base)
		if err != nil || hash == "" || base == "" {
			continue
		}
		out, err := r.Git(ctx, "diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", hash, "HEAD")
		if err == nil {
			return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
		}
	}
	return nil
}
