// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"regexp"
	"testing"

	"github.com/culprit-ci/culprit"
)

var unstable = regexp.MustCompile(`\d{4}|0x[0-9a-f]|\x00|\n`)

// checkFailure holds a failure to what is true of every failure of every log.
func checkFailure(t *testing.T, name string, f *culprit.Failure, size int64) {
	t.Helper()
	if f.Title == "" || unstable.MatchString(f.Title) {
		t.Errorf("%s: title %q is empty or not stable", name, f.Title)
	}
	e := f.Evidence
	if e.FirstLine < 1 || e.LastLine < e.FirstLine || e.FirstByte < 0 || e.EndByte > size || e.EndByte <= e.FirstByte {
		t.Errorf("%s: evidence of %q is outside of the log: lines %d to %d, bytes %d to %d of %d", name, f.Title, e.FirstLine, e.LastLine, e.FirstByte, e.EndByte, size)
	}
	seen := map[string]bool{}
	for _, x := range f.Tests {
		if seen[x.Package+" "+x.Name] {
			t.Errorf("%s: %s is listed twice in %q", name, x.Name, f.Title)
		}
		seen[x.Package+" "+x.Name] = true
		if x.Why == "" {
			t.Errorf("%s: no reason why %s is %s", name, x.Name, x.Role)
		}
	}
	for _, x := range f.Excluded {
		if x.Kind == f.Kind || x.Why == "" {
			t.Errorf("%s: %q excludes %q because of %q", name, f.Kind, x.Kind, x.Why)
		}
	}
}
