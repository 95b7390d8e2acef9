// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"strings"
	"testing"
	"time"
)

// company is a package in which COND makes a test fail.
const company = `package m

import (
	"os"
	"testing"
)

var ran bool

func firstRun() bool {
	_, err := os.Stat("seen")
	os.WriteFile("seen", nil, 0o644)
	return err != nil
}

func TestFirst(t *testing.T) { ran = true }

func TestOther(t *testing.T) {
	if COND {
		t.Error("failed")
	}
}
`

// TestOtherTestsOnceMore: a test of the package that fails in one run is no reason
// to refuse a change, and one that fails again is.
func TestOtherTestsOnceMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after, detail string
		want          bool
	}{
		"once":            {"firstRun()", "in one of two runs", true},
		"every time":      {"true", "also by themselves in 3 of 3 runs", false},
		"only in company": {"ran", "when all tests of the package run", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandbox(t, module(t, "m_test.go", strings.Replace(company, "COND", "false", 1)))
			before, why, err := s.Build(t.Context(), ".", "before", nil, true)
			if before == nil {
				t.Fatal(why, err)
			}
			files := Files{"m_test.go": []byte(strings.Replace(company, "COND", c.after, 1))}
			after, why, err := s.Build(t.Context(), ".", "after", files, true)
			if after == nil {
				t.Fatal(why, err)
			}
			v := &Verdict{Passed: true}
			res := &Measured{Plan: Plan{Pattern: "^TestFirst$", Workers: 1}}
			ok, err := s.wholePackage(t.Context(), v, res, s.NewTrials(nil, nil), &Build{Binary: after}, &Baseline{Before: &Build{Binary: before}}, time.Now().Add(2*time.Minute), nil)
			if err != nil || ok != c.want || len(v.Checks) != 1 || !strings.Contains(v.Checks[0].Detail, c.detail) {
				t.Errorf("%t, %v, %+v", ok, err, v.Checks)
			}
		})
	}
}
