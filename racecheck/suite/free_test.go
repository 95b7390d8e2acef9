// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/culprit-ci/culprit/racecheck/suite"
)

// TestFree runs the checks over programs that have no race, written as people write
// them: in testdata/free, which go test -race -count=20 passes. Each finding there
// is a false accusation.
func TestFree(t *testing.T) {
	t.Parallel()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: "testdata/free", Tests: true}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 || len(pkgs) == 0 {
		t.Fatal("the programs do not build")
	}
	graph, err := checker.Analyze(suite.Checks(), pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range graph.Roots {
		if a.Err != nil {
			t.Error(a.Err)
		}
		for _, d := range a.Diagnostics {
			t.Errorf("%s: %s (%s)", a.Package.Fset.Position(d.Pos), d.Message, a.Analyzer.Name)
		}
	}
}
