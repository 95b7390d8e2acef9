// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package signalread_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck/signalread"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), signalread.Analyzer, "a")
}
