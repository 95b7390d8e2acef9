// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// testHelper matches folders, files and types that exist to serve tests.
var testHelper = lazyre.New(`(?i)^(mock|fake|stub|dummy|testing?$|testutils?|testhelpers?|testdata)|(mocks?|fakes?|stubs?|testing|testutils?|testhelpers?|test)$`)

// where tells in which code the bug is: where the shared variable is declared,
// and who reaches into it.
func where(found *conclusion, c *culprit.Cause) (culprit.Where, string) {
	switch {
	case isTestFile(c.Declared.File):
		return culprit.WhereTest, fmt.Sprintf("%s is declared in test code (%s)", c.Subject, path.Base(c.Declared.File))
	case c.Kind != culprit.SubjectLocal && helperName(c):
		return culprit.WhereTest, fmt.Sprintf("%s belongs to a helper of tests (%s)", c.Subject, c.Declared.File)
	}
	for _, x := range found.touches {
		if x != nil && isTestFile(x.place.Rel) {
			return culprit.WhereTest, fmt.Sprintf("%s:%d is test code that accesses %s directly", path.Base(x.place.Rel), x.place.Line, c.Subject)
		}
	}
	return culprit.WhereProduct, fmt.Sprintf("%s and the statements that access it are in the product's code: its users can meet the race", c.Subject)
}

func isTestFile(file string) bool { return strings.HasSuffix(file, "_test.go") }

// helperName reports whether the declaration's folder, file or struct is named
// like a test helper.
func helperName(c *culprit.Cause) bool {
	owner, _, _ := strings.Cut(c.Subject, ".")
	names := []string{strings.TrimSuffix(path.Base(c.Declared.File), ".go"), path.Base(path.Dir(c.Declared.File))}
	if c.Kind == culprit.SubjectField {
		names = append(names, owner)
	}
	for _, n := range names {
		for part := range strings.SplitSeq(n, "_") {
			if testHelper.MatchString(part) {
				return true
			}
		}
	}
	return false
}
