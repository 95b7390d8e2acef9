// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/outbox"
	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/wire"
)

// trackerFlags say where issues are, and what may be done there. Several
// commands share them.
type trackerFlags struct {
	tracker string
	dryRun  bool
	labels  []string
	limits  outbox.Limits
}

func (f *trackerFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.tracker, "tracker", "", "`OWNER/NAME` whose issues are searched and written; the default is the repository of the address, in GitHub Actions its own")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print exactly what would be sent, and send nothing")
	cmd.Flags().StringSliceVar(&f.labels, "label", nil, "`LABEL` of new issues; may be repeated")
	cmd.Flags().IntVar(&f.limits.Run, "max-new", 3, "create at most `N` issues for one log")
	cmd.Flags().IntVar(&f.limits.Day, "max-new-per-day", 10, "create at most `N` issues within 24 hours")
}

func (f *trackerFlags) check() error {
	if f.tracker != "" && !isRepository(f.tracker) {
		return usagef("--tracker %s: it must be OWNER/NAME", f.tracker)
	}
	if f.limits.Run < 1 || f.limits.Day < 1 {
		return usagef("--max-new and --max-new-per-day must be at least 1")
	}
	return nil
}

func isRepository(s string) bool {
	owner, name, ok := strings.Cut(s, "/")
	return ok && owner != "" && name != "" && !strings.Contains(name, "/")
}

// repository is where issues are filed. A log can claim to be of any repository
// that the token may write to, so what a log or a saved case says does not count.
func (f *trackerFlags) repository(s Streams, address string) (string, error) {
	for _, r := range []string{f.tracker, address, s.lookup("GITHUB_REPOSITORY")} {
		if r != "" {
			return r, nil
		}
	}
	return "", usagef("the tracker is not known: name it with --tracker OWNER/NAME")
}

// box opens the outbox. The store keeps what was sent; a dry run reads it if it
// is there.
func (f *trackerFlags) box(ctx context.Context, gh *wire.GitHub, repository, tree string, st *storeFlags) (*outbox.Outbox, store.Store, error) {
	var db store.Store
	there, err := st.found.Exists()
	if err == nil && (there || !f.dryRun) {
		db, err = st.open(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cannot open the store %s, which keeps what was sent: %w", st.found, cause(err))
	}
	o := gh.Outbox(repository, tree, db, f.dryRun)
	o.Labels, o.Limits = f.labels, f.limits
	if db == nil {
		db = nothing{}
	}
	return o, db, nil
}

// nothing is the store of a dry run that has none. Only Close is ever called.
type nothing struct{ store.Store }

// Close closes nothing.
func (nothing) Close() error { return nil }

// tell prints what was done, or in a dry run what would be sent.
func (f *trackerFlags) tell(w io.Writer, repository string, acts []outbox.Act) error {
	var b strings.Builder
	for _, a := range acts {
		fmt.Fprintf(&b, "%s: %s\n", oneLine(a.Title), f.said(repository, a))
		if f.dryRun {
			for _, r := range a.Requests {
				request(&b, repository, r)
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write what was done: %w", cause(err))
	}
	return nil
}

func (f *trackerFlags) said(repository string, a outbox.Act) string {
	where := a.URL
	if where == "" {
		where = strings.TrimSpace(repository + a.Issue)
	}
	verb := map[outbox.Did][2]string{
		outbox.Created: {"created", "would create an issue in"}, outbox.Counted: {"counted in", "would be counted in"},
		outbox.Reopened: {"opened again", "would open again"}, outbox.Proposed: {"proposed to close", "would propose to close"},
	}[a.Did]
	switch {
	case a.Did == outbox.Nothing || a.Did == outbox.Unsure:
		return "nothing done: " + oneLine(a.Why)
	case f.dryRun:
		return fmt.Sprintf("%s %s: %s", verb[1], where, oneLine(a.Why))
	}
	return fmt.Sprintf("%s %s: %s", verb[0], where, oneLine(a.Why))
}

// request prints one change in full. What is sent is text that is safe in an
// issue; for a terminal, control characters are taken out.
func request(b *strings.Builder, repository string, r outbox.Request) {
	switch {
	case r.Action == outbox.Created:
		fmt.Fprintf(b, "--- new issue in %s\ntitle: %s\nlabels: %s\n\n", repository, oneLine(r.Title), oneLine(strings.Join(r.Labels, ", ")))
	case r.Action == outbox.Reopened:
		fmt.Fprintf(b, "--- open #%d of %s again\n", r.Issue, repository)
		return
	case r.Comment != 0:
		fmt.Fprintf(b, "--- comment %d on #%d of %s becomes\n", r.Comment, r.Issue, repository)
	case r.Issue == 0:
		fmt.Fprintf(b, "--- new comment on the new issue\n")
	default:
		fmt.Fprintf(b, "--- new comment on #%d of %s\n", r.Issue, repository)
	}
	for line := range strings.SplitSeq(strings.TrimRight(r.Body, "\n"), "\n") {
		b.WriteString(printable(line) + "\n")
	}
	b.WriteString("---\n")
}

func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, line)
}

// file files a case and says what was done, also when it ends early.
func (f *trackerFlags) file(ctx context.Context, o *outbox.Outbox, c *culprit.Case, w io.Writer) error {
	acts, err := o.File(ctx, c)
	if len(c.Failures) == 0 && err == nil {
		_, err = fmt.Fprintln(w, "the log shows no failure, so there is nothing to file")
		return err
	}
	return errors.Join(f.tell(w, o.Repository, acts), err)
}
