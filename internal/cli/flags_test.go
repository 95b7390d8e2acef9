// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// parse runs a command whose work is replaced by taking its flags.
func parse(cmd *cobra.Command, args ...string) error {
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.Execute()
}

func TestTriageFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	type flags struct {
		Log, Repo, Commit, Format, Color, File string
		ExitCode                               bool
	}
	for _, tc := range []struct {
		name string
		args []string
		want flags
		err  string // a part of the error
	}{
		{"nothing", nil, flags{Format: "text", Color: "auto"}, ""},
		{"standard input", []string{"-"}, flags{Log: "-", Format: "text", Color: "auto"}, ""},
		{"everything", []string{"l", "--repo", dir, "--commit", "HEAD~1", "--format", "json", "--color=never", "--exit-code", "-o", file},
			flags{"l", dir, "HEAD~1", "json", "never", file, true}, ""},
		{"two logs", []string{"a", "b"}, flags{}, "one log at a time"},
		{"address", []string{"HTTPS://example.com/x"}, flags{}, "names no run"},
		{"commit without repo", []string{"l", "--commit", "x"}, flags{}, "--commit needs --repo"},
		{"module without repo", []string{"l", "--module"}, flags{}, "--module needs --repo"},
		{"commit like a flag", []string{"l", "--repo", dir, "--commit=--all"}, flags{}, "not a revision"},
		{"no such repo", []string{"l", "--repo", filepath.Join(dir, "no")}, flags{}, "there is no directory"},
		{"repo is a file", []string{"l", "--repo", file}, flags{}, "is not a directory"},
		{"format", []string{"l", "--format", "yaml"}, flags{}, "must be one of text, markdown, json"},
		{"color", []string{"l", "--color", "yes"}, flags{}, "must be one of auto, always, never"},
		{"output is a directory", []string{"l", "-o", dir}, flags{}, "is a directory"},
		{"output nowhere", []string{"l", "-o", filepath.Join(dir, "no", "f")}, flags{}, "there is no directory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got *triageFlags
			cmd := newTriage(Streams{In: strings.NewReader("")}, func(_ context.Context, _ Streams, f *triageFlags) error {
				got = f
				return nil
			})
			err := parse(cmd, tc.args...)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || got != nil {
					t.Fatalf("err = %v, ran = %t; want an error with %q before the run", err, got != nil, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			have := flags{got.log.name, got.repo, got.commit, got.output.format.value, got.output.color.value, got.output.file, got.exitCode}
			if diff := cmp.Diff(tc.want, have); diff != "" {
				t.Errorf("flags (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDemoFlags(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "f"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, keep, err string
	}{
		{"none", "", ""},
		{"empty", t.TempDir(), ""},
		{"absent", filepath.Join(t.TempDir(), "new"), ""},
		{"not empty", full, "is not empty"},
		{"a file", filepath.Join(full, "f"), "cannot use"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ran := false
			cmd := newDemo(Streams{}, func(_ context.Context, _ Streams, f *demoFlags) error {
				ran = f.keep == tc.keep
				return nil
			})
			err := parse(cmd, "--keep", tc.keep)
			if tc.err == "" && (err != nil || !ran) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err) || ran) {
				t.Errorf("err = %v, ran = %t; want an error with %q", err, ran, tc.err)
			}
		})
	}
}

func TestRenderFlags(t *testing.T) {
	t.Parallel()
	cmd := newRender(Streams{}, func(_ context.Context, _ Streams, f *renderFlags) error {
		if f.file != "case.json" || f.output.format.value != "markdown" {
			t.Errorf("flags = %+v", f)
		}
		return nil
	})
	if err := parse(cmd, "case.json", "--format", "markdown"); err != nil {
		t.Error(err)
	}
	if err := parse(newRender(Streams{}, nil)); err == nil || err.Error() != "no saved case given" {
		t.Errorf("without a case: %v", err)
	}
}
