// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"strings"
	"testing"
	"time"
)

// once has a test that fails in the first run of a folder only, as one on a busy
// machine may, and one that fails whenever the other package's file is changed.
const once = `package m

import (
	"os"
	"testing"

	"example.com/m/p"
)

func TestNow(t *testing.T) {
	if _, err := os.Stat("ran"); err != nil {
		if err := os.WriteFile("ran", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Fatal("the first run")
	}
}

func TestValue(t *testing.T) {
	if p.Value != 1 {
		t.Fatal(p.Value)
	}
}
`

// TestOtherTestsFailOnce: a test that fails once and not again is no fault of the
// change; one that fails in both runs is.
func TestOtherTestsFailOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, value, detail string
		ok                  bool
	}{
		{"flaky", "1", "by themselves", true},
		{"broken", "2", "TestValue", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			s := sandbox(t, module(t, "m_test.go", once, "p/p.go", "package p\n\nconst Value = 1\n"))
			before, why, err := s.Prepare(ctx, &Target{Dir: ".", Module: ".", ModulePath: "example.com/m"}, "before", nil)
			if before == nil {
				t.Fatal(why, err)
			}
			after, why, err := s.Prepare(ctx, &Target{Dir: ".", Module: ".", ModulePath: "example.com/m"}, "after",
				&Change{Files: map[string][]byte{"p/p.go": []byte("package p\n\nconst Value = " + tc.value + "\n")}})
			if after == nil {
				t.Fatal(why, err)
			}
			v := &Verdict{Passed: true}
			res := &Measured{Plan: Plan{Pattern: "^TestOther$"}}
			ok, err := s.wholePackage(ctx, v, res, s.NewTrials(nil, nil), after, &Baseline{Before: before}, time.Now().Add(5*time.Minute), nil)
			if err != nil || ok != tc.ok || !strings.Contains(v.Checks[0].Detail, tc.detail) {
				t.Errorf("%v, %v: %+v", ok, err, v.Checks)
			}
		})
	}
}
