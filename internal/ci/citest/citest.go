// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package citest holds what every provider of package ci promises, as a test.
package citest

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
)

// World is what a provider is tested on.
type World struct {
	Provider ci.Provider
	// Jobs are known jobs, and how each is named.
	Jobs []Known
	// Unknown names a job that does not exist.
	Unknown ci.Ref
}

// Known is a job, once it is complete, with its log.
type Known struct {
	Name string
	Ref  ci.Ref
	Want culprit.Job
	Log  string
}

// Run checks the promises. It sets TMPDIR, so the test may not be parallel.
func Run(t *testing.T, w World) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, k := range w.Jobs {
		t.Run(k.Name, func(t *testing.T) { known(t, w.Provider, k) })
	}
	t.Run("unknown", func(t *testing.T) {
		if run, err := w.Provider.Find(t.Context(), w.Unknown); !errors.Is(err, ci.ErrNotFound) {
			t.Errorf("Find of a job that does not exist: %v, %v; want ErrNotFound", run, err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.Provider.Find(ctx, w.Jobs[0].Ref); !errors.Is(err, context.Canceled) {
			t.Errorf("Find after the end of its context: %v", err)
		}
	})
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("left behind after every log was closed: %v", left)
	}
}

func known(t *testing.T, p ci.Provider, k Known) {
	for range 2 { // a second time gives the same
		run, err := p.Find(t.Context(), k.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Selected) == 0 {
			t.Fatalf("no job is selected: %s", run.Why)
		}
		job := run.Selected[0]
		log, err := p.Log(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(log)
		if cerr := log.Close(); err != nil || cerr != nil {
			t.Fatal(err, cerr)
		}
		if string(got) != k.Log {
			t.Errorf("the log has %d bytes and not the %d that the job wrote: %.80q", len(got), len(k.Log), got)
		}
		if d := cmp.Diff(k.Want, job.Job); d != "" {
			t.Errorf("the job (-want +got):\n%s", d)
		}
	}
	if _, err := os.Stat(os.TempDir()); err != nil {
		t.Fatal(err)
	}
}
