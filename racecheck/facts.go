// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import "golang.org/x/tools/go/analysis"

// Facts is a placeholder.
var Facts = &analysis.Analyzer{
	Name: "culpritfacts",
	Doc:  "what functions do with their parameters\n\n",
	Run:  func(pass *analysis.Pass) (any, error) { return nil, nil },
}
