// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package casetest finds the case files for tests: whole stories in
// testdata/case, and the real report of each race pattern in the folder of its
// analyzer.
package casetest

import (
	"path/filepath"
	"strings"
	"testing"
)

// Files lists the case files. The working directory is that of the test's package,
// two folders below the root of the module.
func Files(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"../../testdata/case/*.txtar", "../../racecheck/*/testdata/race.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no case files match %s: %v", pattern, err)
		}
		list = append(list, files...)
	}
	return list
}

// Name is the name of a case: that of its file, or of the analyzer that it is
// beside.
func Name(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".txtar")
	if name == "race" {
		return filepath.Base(filepath.Dir(filepath.Dir(file)))
	}
	return name
}
