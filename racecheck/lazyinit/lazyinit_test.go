// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazyinit_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/culprit-ci/culprit/racecheck/lazyinit"
)

func Test(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), lazyinit.Analyzer, "a")
}
