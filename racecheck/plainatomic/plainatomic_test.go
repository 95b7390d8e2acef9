// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package plainatomic_test

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/plainatomic"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), plainatomic.Analyzer, "a")
}

// TestLocals: a local variable is an instance, at the plain access.
func TestLocals(t *testing.T) {
	t.Parallel()
	for _, r := range analysistest.Run(t, analysistest.TestData(), plainatomic.Analyzer, "b") {
		var got []string
		for _, in := range r.Result.([]racecheck.Instance) {
			got = append(got, fmt.Sprintf("%s:%d", in.Subject, r.Pass.Fset.Position(in.Pos).Line))
		}
		if want := []string{"sent:18"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
