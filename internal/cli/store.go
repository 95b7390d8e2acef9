// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit/internal/store"
	"github.com/culprit-ci/culprit/internal/wire"
)

// storeFlags say where the store is.
type storeFlags struct {
	address string
	found   wire.Store
}

func (f *storeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.address, "store", "", "the store: a `FILE` or postgres://… ($"+wire.StoreVariable+"; else a file in the user's data directory)")
}

// configured reports whether the user said where the store is.
func (f *storeFlags) configured(s Streams) bool {
	return f.address != "" || s.lookup(wire.StoreVariable) != ""
}

// check finds out where the store is.
func (f *storeFlags) check(s Streams) (err error) {
	address := f.address
	if address == "" {
		address = s.lookup(wire.StoreVariable)
	}
	if f.found, err = wire.FindStore(address, s.lookup); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// open opens the store and makes it where it is missing.
func (f *storeFlags) open(ctx context.Context) (store.Store, error) { return f.found.Open(ctx) }

// openFilled opens a store to read in. One that is not there is not made: that
// would look like a store in which nothing ever failed.
func (f *storeFlags) openFilled(ctx context.Context) (store.Store, error) {
	there, err := f.found.Exists()
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read the store %s: %w", f.found, cause(err))
	case !there:
		return nil, fmt.Errorf("nothing is stored yet: there is no %s; fill it with culprit ingest LOG… or culprit triage --save", f.found)
	}
	return f.found.Open(ctx)
}

// since is a flag for the beginning of a window: a number of days, weeks or
// hours before now (30d, 2w, 12h), a date, or "all".
type since struct{ text string }

// String gives the value.
func (v *since) String() string { return v.text }

// Type names the value in the help.
func (v *since) Type() string { return "WHEN" }

// Set checks and takes the value.
func (v *since) Set(text string) error {
	if _, err := sinceTime(text, time.Time{}); err != nil {
		return err
	}
	v.text = text
	return nil
}

// time gives the beginning, zero for "all".
func (v *since) time(now time.Time) time.Time {
	t, err := sinceTime(v.text, now)
	if err != nil {
		panic(err) // Set has checked it
	}
	return t
}

// maxUnits keeps a window within what a duration can be.
const maxUnits = 100_000

func sinceTime(text string, now time.Time) (time.Time, error) {
	if text == "" || text == "all" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if unit, ok := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[text[len(text)-1]]; ok && err == nil && n >= 0 && n*int(unit/time.Hour) <= maxUnits*24 {
		return now.Add(-time.Duration(n) * unit), nil
	}
	return time.Time{}, fmt.Errorf("it must be like 30d, 2w, 12h or 2026-01-31, or all")
}

// writeJSON prints one JSON value.
func writeJSON(s Streams, v any) error {
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("cannot write the answer: %w", cause(err))
	}
	return nil
}

// shares writes "3 of 120 (2.5 %)".
func shares(n, of int) string {
	if of == 0 {
		return strconv.Itoa(n)
	}
	percent := 100 * float64(n) / float64(of)
	if percent < 10 {
		return fmt.Sprintf("%d of %d (%.2g %%)", n, of, percent)
	}
	return fmt.Sprintf("%d of %d (%.0f %%)", n, of, percent)
}

// counted writes "1 job" and "2 jobs".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// where names the line of work and commit of an occurrence.
func where(o store.Occurrence) string {
	var parts []string
	if o.PullRequest > 0 {
		parts = append(parts, fmt.Sprintf("#%d", o.PullRequest))
	} else if o.Branch != "" {
		parts = append(parts, o.Branch)
	}
	if o.Commit != "" {
		parts = append(parts, o.Commit[:min(len(o.Commit), 10)])
	}
	return strings.Join(parts, " ")
}
