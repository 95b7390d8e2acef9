// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhatFormsTell: the title, the place and the values are those of what went wrong,
// and not of the library around it.
func TestWhatFormsTell(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ log, want string }{
		"an error that gomega did not want": {
			"/src/m/e2e.go:79\nExpected error:\n    <*errors.errorString | 0xc2080fdc30>: {\n        s: \"timed out waiting for pods\",\n    }\n    timed out waiting for pods\nnot to have occurred\n",
			"eventually: wait ran out: timed out waiting for pods, /src/m/e2e.go:79",
		},
		"version 1 of ginkgo, a node of a container": {
			"• Failure in Spec Setup (BeforeEach) [0.002 seconds]\nClient tests\n/src/m/client_test.go:21\n  with an old version [BeforeEach]\n  /src/m/client_test.go:45\n    downloads a file\n    /src/m/client_test.go:74\n\n    the host does not resolve, expected it to\n\n    /src/m/client_test.go:33\n------------------------------\n",
			"assertion: the host does not resolve, expected it to, /src/m/client_test.go:33",
		},
		"version 1 of ginkgo, a spec": {
			"• Failure [10.167 seconds]\nReconciler\n/src/m/r_test.go:41\n  Should reconcile when a resource is created [It]\n  /src/m/r_test.go:240\n  Timed out after 10.001s.\n      \n  Expected\n      <bool>: false\n  to be true\n  /src/m/r_test.go:308\n------------------------------\n",
			"eventually: wait ran out: Timed out after N., /src/m/r_test.go:308",
		},
		"a mock of testify's": {
			"--- FAIL: TestForm (0.00s)\n    mock.go:331: FAIL: 0 out of 1 expectation(s) were met.\n        \tThe code you are testing needs to make 1 more call(s).\n        \tat: [a_test.go:25]\nFAIL\n",
			"mock: TestForm: mock: FAIL: N out of N expectation(s) were met., a_test.go:25",
		},
		"a panic that the fuzzer recovers": {
			"failure while testing seed corpus entry: FuzzForm/caf81e9797b19c76\n--- FAIL: FuzzForm (0.07s)\n    --- FAIL: FuzzForm (0.00s)\n        testing.go:1320: panic: boom\n            goroutine 221 [running]:\n            runtime/debug.Stack()\n            \t/usr/local/go/src/runtime/debug/stack.go:24 +0xa4\n            panic({0x1, 0x2})\n            \t/usr/local/go/src/runtime/panic.go:838 +0x204\n            example.com/m.parse(...)\n            \t/src/m/parse.go:169\nFAIL\n",
			"fuzz: FuzzForm fails on an input: panic: boom, /src/m/parse.go:169",
		},
		"a threshold and the coverage below it": {
			"Total coverage threshold (73%) satisfied:\tFAIL\nTotal test coverage: 70.0% (200/274)\n",
			"coverage: coverage is below its threshold, 70.0% of 73%",
		},
		"a finding whose place the runner keeps": {
			"run golangci-lint\n  Error: ineffectual assignment to err (ineffassign)\n  \n  Error: issues found\n",
			"lint: lint: ineffectual assignment to err (ineffassign)",
		},
		"go-deadlock": {
			"POTENTIAL DEADLOCK: Duplicate locking, saw callers this locks in one goroutine:\ncurrent goroutine 8 lock &{{{0 0} 0 0 1 0}}\na_test.go:52 m.(*Suite).TestLock { lock1.RLock() } <<<<<\n",
			"deadlock: potential deadlock: duplicate locking: a_test.go:N m.(*Suite).TestLock",
		},
		"a threshold above a line without numbers": {
			"Current test coverage is 68.9%, threshold is 75%\nCoverage is below the threshold. Exiting.\nmake: *** [cover] Error 1\n",
			"coverage: coverage is below its threshold, 68.9% of 75%",
		},
		"a fatal line of a structured logger": {
			"=== RUN   TestForm\ntime=\"2023-05-05T10:10:10Z\" level=fatal msg=\"config: no \\\"listen\\\"\"\nFAIL\texample.com/m\t0.033s\n",
			"exit: the process ended itself: config: no \"listen\"",
		},
		"gotest.tools's golden file": {
			"--- FAIL: TestForm (0.00s)\n    a_test.go:40: assertion failed: \n        --- expected\n        +++ actual\n        @@ -1,1 +1,1 @@\n        -a\n        +b\n        \n        You can run 'go test . -update' to automatically update testdata/a.golden to the new expected value.'\nFAIL\n",
			"golden: TestForm: golden: testdata/a.golden, a_test.go:40",
		},
		"a limit of no known package": {
			"panic: test timed out after 2m0s\n\ngoroutine 28 [running]:\ntesting.(*M).startAlarm.func1()\n\t/usr/local/go/src/testing/testing.go:1700 +0x11f\n",
			"timeout: timeout: a package that the log does not name",
		},
	} {
		_, fs := classify(t, []byte(c.log))
		var have []string
		for _, f := range fs {
			s := fmt.Sprintf("%s: %s", f.Kind, f.Title)
			if f.Assertion != nil {
				s += fmt.Sprintf(", %s:%d", f.Assertion.File, f.Assertion.Line)
			}
			if f.Crash != nil && f.Crash.Where != nil {
				s += fmt.Sprintf(", %s:%d", f.Crash.Where.File, f.Crash.Where.Line)
			}
			if f.Coverage != nil {
				s += fmt.Sprintf(", %s of %s", f.Coverage.Actual, f.Coverage.Required)
			}
			have = append(have, s)
		}
		if got := strings.Join(have, "\n"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
