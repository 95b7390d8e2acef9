// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package plainatomic_test

import (
	"go/types"
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

// TestLocals: a local variable is an instance, with the plain access and the atomic.
func TestLocals(t *testing.T) {
	t.Parallel()
	for _, r := range analysistest.Run(t, analysistest.TestData(), plainatomic.Analyzer, "b") {
		var got []string
		for _, in := range r.Result.([]racecheck.Instance) {
			for _, a := range in.Accesses {
				got = append(got, in.Subject+" "+string(a.Op)+" "+types.ExprString(a.Expr))
			}
		}
		if want := []string{"sent write sent", "sent read sent"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
