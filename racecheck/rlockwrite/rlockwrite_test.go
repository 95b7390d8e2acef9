// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rlockwrite_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck/rlockwrite"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), rlockwrite.Analyzer, "a")
}
