// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/store"
)

// historyFlags are the command line of `culprit history`.
type historyFlags struct {
	name       string // "" for everything
	repository string
	since      since
	limit      int
	format     oneOf
	store      storeFlags
}

func newHistory(s Streams, run func(context.Context, Streams, *historyFlags) error) *cobra.Command {
	f := &historyFlags{}
	cmd := &cobra.Command{
		Use:   "history [TEST|PACKAGE|TITLE]",
		Short: "Tell when a test, a package or a cause failed before",
		Long: `history reads the store that "culprit ingest" and "culprit triage --save" fill, and
lists failures, newest first. A name is looked up as a test (with its subtests),
as a package or the end of one, and as a part of a title; the first that is known
decides. Without a name it lists all failures.

Rates are jobs that showed the failure, of the jobs that ran the package and whose
logs are stored. A job of which the package came from the test cache did not run it.`,
		Example: `  culprit history
  culprit history TestTools/SendTaskInput
  culprit history sdk/toolsdk --since 30d
  culprit history "data race: err" --format json`,
		GroupID: groupStore,
		Args:    atMostOne("name"),
		PreRunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.name = args[0]
			}
			if f.limit < 1 {
				return usagef("--limit must be 1 or more")
			}
			return f.store.check(s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	registerWindow(cmd, &f.repository, &f.since, "all", &f.limit, &f.format)
	f.store.register(cmd)
	return cmd
}

// registerWindow adds what the questions to the store have in common.
func registerWindow(cmd *cobra.Command, repository *string, since *since, sinceDefault string, limit *int, format *oneOf) {
	since.text = sinceDefault
	cmd.Flags().StringVar(repository, "repository", "", "only `OWNER/NAME`")
	cmd.Flags().Var(since, "since", "only what was seen since: 30d, 2w, 12h, 2026-01-31, or all")
	cmd.Flags().IntVar(limit, "limit", 20, "list at most `N`")
	*format = oneOf{value: "text", allowed: []string{"text", "json"}}
	format.register(cmd, "format", "form of the answer")
}

func runHistory(ctx context.Context, s Streams, f *historyFlags) error {
	db, err := f.store.openFilled(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	h, err := db.History(ctx, store.HistoryQuery{Name: f.name, Repository: f.repository, Since: f.since.time(time.Now()), Limit: f.limit})
	if err != nil {
		return err
	}
	if f.format.value == "json" {
		return writeJSON(s, struct {
			Schema string `json:"schema"`
			*store.History
		}{"culprit.history/v1", h})
	}
	w := bufio.NewWriter(s.Out)
	writeHistory(w, f, h)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("cannot write the history: %w", cause(err))
	}
	return nil
}

// namesShown bounds the names that the head of a history lists.
const namesShown = 5

func writeHistory(w *bufio.Writer, f *historyFlags, h *store.History) {
	window := ""
	if f.since.text != "all" && f.since.text != "" {
		window = " since " + f.since.text
	}
	if h.Subject != store.Everything && len(h.Names) == 0 {
		fmt.Fprintf(w, "no stored test, package or title is called %s\n", shorten(oneLine(f.name)))
		return
	}
	for i, name := range h.Names {
		if i == namesShown {
			fmt.Fprintf(w, "%s and %d more\n", h.Subject, len(h.Names)-i)
			break
		}
		fmt.Fprintf(w, "%s %s\n", h.Subject, oneLine(name))
	}
	switch {
	case h.Shown == 0:
		fmt.Fprintf(w, "no stored failure%s", window)
		if h.Jobs > 0 {
			fmt.Fprintf(w, ", in %s that ran the package", counted(h.Jobs, "job"))
		}
		fmt.Fprintln(w)
		return
	case h.Jobs > 0:
		fmt.Fprintf(w, "failed in %s jobs that ran the package%s\n", shares(h.FailedJobs, h.Jobs), window)
	default:
		fmt.Fprintf(w, "%s in %s%s\n", counted(h.Shown, "failure"), counted(h.FailedJobs, "job"), window)
	}
	fmt.Fprintln(w)
	for _, o := range h.Occurrences {
		fmt.Fprintf(w, "%s  %s\n", o.Seen.Format("2006-01-02 15:04"), oneLine(what(o)))
		detail := "case " + o.Case
		for _, part := range []string{where(o), o.Job, o.Repository, o.URL, o.Source} {
			if part != "" {
				detail += ", " + part
			}
		}
		fmt.Fprintf(w, "                  %s\n", oneLine(detail))
	}
	if n := h.Shown - len(h.Occurrences); n > 0 {
		fmt.Fprintf(w, "\n%d earlier ones are not listed (--limit)\n", n)
	}
}

// what says in one line what an occurrence is.
func what(o store.Occurrence) string {
	if o.Test == "" {
		return o.Title
	}
	text := o.Test + ": " + string(o.Status)
	if o.Failed > 0 && o.Failed < o.Runs {
		text += fmt.Sprintf(" %d of %d times", o.Failed, o.Runs)
	}
	if o.Seconds > 0 {
		text += fmt.Sprintf(" after %.3gs", o.Seconds)
	}
	switch o.Role {
	case culprit.RoleCollateral:
		text += ", collateral of"
	case culprit.RoleParent:
		text += ", for a subtest"
	}
	if o.Title != "" {
		text += ": " + o.Title
	}
	return text
}

// shorten cuts what a person gave, to say it back.
func shorten(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
