// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit/internal/engine"
)

// TestMovedTree gives the log of a case with a tree of another commit. Where the
// variables are still there they are found by the functions' names, and called a guess;
// where they are not, the line that shows it is named.
func TestMovedTree(t *testing.T) {
	t.Parallel()
	for _, s := range stories(t) {
		if s.name() != "near-two-variables" {
			continue
		}
		for name, c := range map[string]struct {
			change func(string) string
			key    string
			want   string
		}{
			"lines added": {
				func(src string) string {
					return strings.Replace(src, "\nfunc TestPair", strings.Repeat("\n//", 20)+"\nfunc TestPair", 1)
				},
				"GRADE", "guessed",
			},
			"variables gone": {
				func(src string) string {
					src = strings.Replace(src, "\nfunc TestPair", strings.Repeat("\n//", 20)+"\nfunc TestPair", 1)
					return strings.Replace(src, "n, err = pair(i)", "_, _ = pair(i)", 1)
				},
				"WHY-NO-CAUSE", "the work tree is not at the log's commit: p_test.go:13 is not in TestPair, and the two functions have no variable in common",
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := s.tree(t)
				file := filepath.Join(dir, "p_test.go")
				src, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				changed := c.change(string(src))
				if changed == string(src) {
					t.Fatal("the source is as it was")
				}
				if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
					t.Fatal(err)
				}
				if got := facts(triageIn(t, s.section("log"), engine.Input{Repo: dir}))[c.key]; got != c.want {
					t.Errorf("%s: %q, want %q", c.key, got, c.want)
				}
			})
		}
		return
	}
	t.Fatal("the case is gone")
}
