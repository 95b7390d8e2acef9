// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck/suite"
)

func TestValid(t *testing.T) {
	t.Parallel()
	if err := analysis.Validate(suite.All()); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(suite.Checks(), func(a, b *analysis.Analyzer) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the checks are not in the order of their names")
	}
}

// TestComplete names the folders of analyzers that are in no list.
func TestComplete(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../*/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		name := filepath.Base(filepath.Dir(f))
		_, listed := suite.Lookup(name)
		rejected := slices.ContainsFunc(suite.Rejected(), func(i suite.Idea) bool { return i.Name == name })
		if !listed && !rejected && name != "suite" {
			t.Errorf("racecheck/%s is neither in the suite nor rejected with a reason", name)
		}
	}
	for _, a := range suite.Checks() {
		if _, err := os.Stat(filepath.Join("..", a.Name, "testdata")); err != nil {
			t.Errorf("%s has no tests: %v", a.Name, err)
		}
	}
}

// TestPages keeps docs/analyzers equal to the documentation of the analyzers.
// UPDATE_DOCS=1 writes the pages.
func TestPages(t *testing.T) {
	t.Parallel()
	dir := "../../docs/analyzers"
	want := map[string]string{"README.md": suite.Index()}
	for _, a := range suite.All() {
		want[a.Name+".md"] = suite.Page(a)
	}
	for name, text := range want {
		file := filepath.Join(dir, name)
		if os.Getenv("UPDATE_DOCS") != "" {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || string(got) != text {
			t.Errorf("%s is not what the documentation of the analyzer says (%v): run UPDATE_DOCS=1 go test ./racecheck/suite", file, err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if want[f.Name()] == "" {
			t.Errorf("%s/%s is the page of no analyzer", dir, f.Name())
		}
	}
}

// TestSections holds the documentation of each check to one form: what and why,
// before and after, and when not to worry with a directive.
func TestSections(t *testing.T) {
	t.Parallel()
	for _, a := range append(suite.Checks(), suite.Optional()...) {
		for _, want := range []string{"\n\t", "# When not to worry", "//culprit:ignore " + a.Name + " "} {
			if !strings.Contains(a.Doc, want) {
				t.Errorf("the documentation of %s lacks %q", a.Name, want)
			}
		}
		if strings.Count(a.Doc, ":\n\n\t") < 2 {
			t.Errorf("the documentation of %s has no code before and after", a.Name)
		}
	}
}
