// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package otherlock_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck/otherlock"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), otherlock.Analyzer, "a")
}
