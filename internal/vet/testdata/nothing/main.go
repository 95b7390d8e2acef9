// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Command nothing is a tool for go vet -vettool that finds nothing: what go vet
// takes with it, it takes with every tool. .ci/bench-vet builds it.
package main

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(&analysis.Analyzer{
		Name: "nothing", Doc: "find nothing",
		Run: func(*analysis.Pass) (any, error) { return nil, nil },
	})
}
