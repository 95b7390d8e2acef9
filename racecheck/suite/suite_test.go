// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
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
		if !listed && !rejected && name != "suite" && name != "flow" { // flow's facts report nothing
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

// TestPatterns holds each pattern of a race to one analyzer, and its folder to a
// real report with the cause expected of it (package engine runs it).
func TestPatterns(t *testing.T) {
	t.Parallel()
	listed := map[culprit.Pattern]bool{}
	for _, p := range suite.Patterns() {
		listed[p.Pattern] = true
		if a, ok := suite.Lookup(p.Analyzer.Name); !ok || a != p.Analyzer {
			t.Errorf("%s of pattern %s cannot be named", p.Analyzer.Name, p.Pattern)
		}
		if p.Analyzer.ResultType != reflect.TypeFor[[]racecheck.Instance]() {
			t.Errorf("%s gives no instances", p.Analyzer.Name)
		}
		text, err := os.ReadFile(filepath.Join("..", p.Analyzer.Name, "testdata", "race.txtar"))
		if err != nil {
			t.Errorf("%s has no real report: %v", p.Pattern, err)
			continue
		}
		header, _, _ := strings.Cut(string(text), "\n-- ")
		if !slices.Contains(strings.Split(header, "\n"), "PATTERN: "+string(p.Pattern)) {
			t.Errorf("racecheck/%s/testdata/race.txtar is not of pattern %s", p.Analyzer.Name, p.Pattern)
		}
	}
	for _, p := range culprit.Patterns() {
		if !listed[p] && p != culprit.PatternUnknown {
			t.Errorf("pattern %s has no analyzer", p)
		}
	}
}
