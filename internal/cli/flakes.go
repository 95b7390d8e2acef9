// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"context"
	"fmt"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/store"
)

// flakesFlags are the command line of `culprit flakes`.
type flakesFlags struct {
	repository string
	since      since
	limit      int
	all        bool
	format     oneOf
	store      storeFlags
}

func newFlakes(s Streams, run func(context.Context, Streams, *flakesFlags) error) *cobra.Command {
	f := &flakesFlags{}
	cmd := &cobra.Command{
		Use:   "flakes",
		Short: "Rank what is flaky by what it costs",
		Long: `flakes reads the store that "culprit ingest" and "culprit triage --save" fill, and
ranks causes: by the CI runs they failed, then the pull requests they hit, then the
days on which they did. Twelve tests that fail by one race are one cause.

A cause is listed when something shows that it is flaky: the same job passed at a
commit that it failed at, a test failed and passed in one job, or it was seen on
more than one pull request or branch. What failed on one branch alone may be that
branch's own bug; it is counted below the list, and --all lists it.

The window begins with the day of --since, in UTC. Rates are jobs that failed by
the cause, of the jobs that ran its package and whose logs are stored.`,
		Example: `  culprit flakes
  culprit flakes --since 2w --repository example/tasks
  culprit flakes --format json --limit 100`,
		GroupID: groupStore,
		Args:    none,
		PreRunE: func(*cobra.Command, []string) error {
			if f.limit < 1 {
				return usagef("--limit must be 1 or more")
			}
			return f.store.check(s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s, f) },
	}
	registerWindow(cmd, &f.repository, &f.since, "30d", &f.limit, &f.format)
	cmd.Flags().BoolVar(&f.all, "all", false, "list causes that nothing shows to be flaky, too")
	f.store.register(cmd)
	return cmd
}

func runFlakes(ctx context.Context, s Streams, f *flakesFlags) error {
	db, err := f.store.openFilled(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	answer, err := db.Flakes(ctx, store.FlakeQuery{Repository: f.repository, Since: f.since.time(time.Now()), Limit: f.limit, All: f.all})
	if err != nil {
		return err
	}
	if f.format.value == "json" {
		return writeJSON(s, struct {
			Schema string `json:"schema"`
			*store.Flakes
		}{"culprit.flakes/v1", answer})
	}
	w := bufio.NewWriter(s.Out)
	writeFlakes(w, f, answer)
	if err := w.Flush(); err != nil {
		return fmt.Errorf("cannot write the ranking: %w", cause(err))
	}
	return nil
}

func writeFlakes(w *bufio.Writer, f *flakesFlags, answer *store.Flakes) {
	window := ""
	if !answer.Since.IsZero() {
		window = " since " + answer.Since.Format(time.DateOnly)
	}
	if len(answer.List) == 0 {
		fmt.Fprintf(w, "nothing is shown to be flaky%s\n", window)
	} else {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "RUNS\tPRS\tDAYS\tLAST SEEN\tJOBS\tOWNER\tCAUSE")
		for _, r := range answer.List {
			fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%s\t%s\t%s\n", r.Runs, r.PullRequests, r.Days, r.LastSeen.Format(time.DateOnly),
				shares(r.Jobs, r.PackageJobs), cell(r.Owner, 30), cell(causeTitle(r), 200))
		}
		table.Flush()
		for i, r := range answer.List {
			fmt.Fprintf(w, "\n%d. %s\n", i+1, oneLine(causeTitle(r)))
			if r.Why != "" {
				fmt.Fprintf(w, "   flaky: %s\n", r.Why)
			}
			if nearlyAll(r) {
				fmt.Fprintln(w, "   but:   nearly every stored job of the package failed by it: it is broken rather than flaky, or green logs are not stored")
			}
			if len(r.Tests) > 0 {
				fmt.Fprintf(w, "   tests: %s\n", oneLine(strings.Join(r.Tests, ", ")))
			}
			fmt.Fprintf(w, "   last:  case %s of %s\n", oneLine(r.Case), r.LastSeen.Format("2006-01-02 15:04"))
			if !r.Closed.At.IsZero() {
				fmt.Fprintf(w, "   closed %s: %s\n", r.Closed.At.Format(time.DateOnly), oneLine(r.Closed.Why))
			}
		}
	}
	if answer.Left > 0 || answer.More {
		fmt.Fprintln(w)
	}
	if answer.Left == 1 {
		fmt.Fprintln(w, "1 more cause was seen, and nothing shows that it is flaky (--all)")
	} else if answer.Left > 0 {
		fmt.Fprintf(w, "%d more causes were seen, and nothing shows that they are flaky (--all)\n", answer.Left)
	}
	if answer.More {
		fmt.Fprintln(w, "there are more below these (--limit)")
	}
}

// nearlyAll reports whether a cause failed so many jobs that it comes and goes
// hardly ever.
func nearlyAll(r store.Flake) bool { return r.PackageJobs >= 5 && r.Jobs*10 >= r.PackageJobs*8 }

// causeTitle names a cause with its package.
func causeTitle(r store.Flake) string {
	if r.Package == "" {
		return r.Title
	}
	return r.Title + " [" + path.Base(r.Package) + "]"
}

// cell is one line of at most n characters, "-" for nothing.
func cell(text string, n int) string {
	runes := []rune(oneLine(text))
	switch {
	case len(runes) == 0:
		return "-"
	case len(runes) > n:
		return string(runes[:n-1]) + "…"
	}
	return string(runes)
}
