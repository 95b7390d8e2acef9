// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

func TestRuns(t *testing.T) {
	t.Parallel()
	failed := func(name string, runs, failed int, elapsed time.Duration) Outcome {
		return Outcome{Test: name, Status: culprit.StatusFail, Runs: runs, Failed: failed, Elapsed: elapsed}
	}
	for name, tc := range map[string]struct {
		log  string
		want []PackageRun
	}{
		"passed and failed": {
			"=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n--- FAIL: TestB (1.50s)\n=== RUN   TestC\n--- SKIP: TestC (0.00s)\nFAIL\nFAIL\tp/a\t1.600s\nok  \tp/b\t0.100s\nFAIL\n",
			[]PackageRun{
				{Package: "p/a", Result: Fail, Passed: 1, Failed: 1, Skipped: 1, Elapsed: 1600 * time.Millisecond, Tests: []Outcome{failed("TestB", 1, 1, 1500*time.Millisecond)}},
				{Package: "p/b", Result: Pass, Elapsed: 100 * time.Millisecond},
			},
		},
		"what did not run": {
			"ok  \tp/a\t(cached)\nFAIL\tp/b [build failed]\n?   \tp/c\t[no test files]\nFAIL\tp/d [setup failed]\nok  \tp/e\t0.1s [no tests to run]\n",
			[]PackageRun{{Package: "p/e", Result: Pass, Elapsed: 100 * time.Millisecond}},
		},
		"did not finish": {
			"=== RUN   TestA\npanic: test timed out after 1s\n\ngoroutine 1 [running]:\nFAIL\tp/a\t1.0s\nFAIL\n",
			[]PackageRun{{Package: "p/a", Result: Fail, Unfinished: 1, Elapsed: time.Second, Tests: []Outcome{{Test: "TestA", Status: culprit.StatusUnknown, Runs: 1}}}},
		},
		"run twice in one process": {
			"=== RUN   TestA\n--- FAIL: TestA (0.00s)\n=== RUN   TestA\n--- PASS: TestA (0.00s)\nFAIL\nFAIL\tp/a\t1.0s\nFAIL\n",
			[]PackageRun{{Package: "p/a", Result: Fail, Passed: 1, Failed: 1, Elapsed: time.Second, Tests: []Outcome{{Test: "TestA", Status: culprit.StatusFail, Runs: 2, Failed: 1, Passed: 1}}}},
		},
		"without the package's name": {"=== RUN   TestA\n--- FAIL: TestA (0.00s)\nFAIL\nexit status 1\n", nil},
		"nothing":                    {"no log at all\n", nil},
	} {
		log, err := golog.Read(t.Context(), strings.NewReader(tc.log), golog.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, Runs(log)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestRunsJoins joins several runs of a package: a matrix in one log.
func TestRunsJoins(t *testing.T) {
	t.Parallel()
	log := &golog.Log{Packages: []*golog.Package{
		{Path: "p", Result: golog.ResultFail, Passed: 2, Elapsed: time.Second, Tests: []*golog.Test{{Name: "TestA", Status: culprit.StatusFail, Runs: 1, Failed: 1}}},
		{Path: "q", Result: golog.ResultPass, Passed: 1},
		{Path: "p", Result: golog.ResultNone, Passed: 3, Tests: []*golog.Test{
			{Name: "TestA", Status: culprit.StatusUnknown, Runs: 1}, {Name: "TestB", Status: culprit.StatusUnknown, Runs: 1},
		}},
		{Path: "q", Result: golog.ResultNone},
	}}
	want := []PackageRun{
		{Package: "p", Result: Fail, Passed: 5, Failed: 1, Unfinished: 2, Elapsed: time.Second, Tests: []Outcome{
			{Test: "TestA", Status: culprit.StatusFail, Runs: 2, Failed: 1}, {Test: "TestB", Status: culprit.StatusUnknown, Runs: 1},
		}},
		{Package: "q", Result: Unknown, Passed: 1},
	}
	if diff := cmp.Diff(want, Runs(log)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
