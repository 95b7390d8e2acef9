// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleepwait_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck/sleepwait"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), sleepwait.Analyzer, "a")
}
