// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
)

// form is one line of testdata/forms.txt.
type form struct {
	no      int
	kind    culprit.Kind
	place   string
	message string
}

func readForms(t *testing.T) []form {
	t.Helper()
	data, err := os.ReadFile("testdata/forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []form
	for i, l := range strings.Split(string(data), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		parts := strings.SplitN(l, " | ", 3)
		if len(parts) != 3 {
			t.Fatalf("line %d is no form: %q", i+1, l)
		}
		message := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(parts[2])
		list = append(list, form{i + 1, culprit.Kind(parts[0]), parts[1], message})
	}
	return list
}

// at indents a message as package testing does below a file and line.
func at(message string) string {
	return "    a_test.go:12: " + strings.ReplaceAll(message, "\n", "\n        ")
}

// log puts a message in its place in the log of a job that failed by it.
func (f form) log() string {
	switch f.place {
	case "test":
		return "--- FAIL: TestForm (0.01s)\n" + at(f.message) + "\nFAIL\nFAIL\texample.com/m\t0.012s\nFAIL\n"
	case "process":
		code := 1
		if strings.Contains(f.message, "goroutine ") {
			code = 2
		}
		return fmt.Sprintf("%s\nexit status %d\nFAIL\texample.com/m\t0.012s\nFAIL\n", f.message, code)
	case "build":
		return "# example.com/m\n" + f.message + "\nFAIL\texample.com/m [build failed]\nok  \texample.com/other\t0.1s\nFAIL\n"
	}
	if f.place == "excerpt" || f.place == "log" {
		return f.message + "\n"
	}
	return "+ go test ./...\n" + f.message + "\n##[error]Process completed with exit code 1.\n"
}

// TestForms: each form is found where it stands, and nothing else is.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, f := range readForms(t) {
		v, fs := classify(t, []byte(f.log()))
		var kinds []culprit.Kind
		for _, x := range fs {
			kinds = append(kinds, x.Kind)
		}
		if v != culprit.Failed || len(kinds) != 1 || kinds[0] != f.kind {
			t.Errorf("forms.txt:%d: verdict %s, kinds %v, want %s for %s: %q", f.no, v, kinds, f.kind, f.place, f.message)
			continue
		}
		if f.place == "test" && (len(fs[0].Tests) != 1 || fs[0].Tests[0].Role != culprit.RoleCause) {
			t.Errorf("forms.txt:%d: tests %+v", f.no, fs[0].Tests)
		}
		checkFailure(t, fmt.Sprintf("forms.txt:%d", f.no), fs[0], int64(len(f.log())))
	}
}

// TestFormsOfPassingTests: a test that passes may print whatever a failure prints.
func TestFormsOfPassingTests(t *testing.T) {
	t.Parallel()
	for _, f := range readForms(t) {
		if f.place == "log" {
			continue // go test says there that it failed
		}
		for name, log := range map[string]string{
			"logged":  "=== RUN   TestForm\n" + at(f.message) + "\n--- PASS: TestForm (0.00s)\nPASS\nok  \texample.com/m\t0.012s\n",
			"printed": "=== RUN   TestForm\n" + f.message + "\n--- PASS: TestForm (0.00s)\n=== RUN   TestNext\n--- PASS: TestNext (0.00s)\nPASS\nok  \texample.com/m\t0.012s\n",
			"quiet":   "ok  \texample.com/a\t0.1s\n" + f.message + "\nPASS\nok  \texample.com/m\t0.012s\n",
		} {
			if name == "quiet" && (f.place == "job" || f.place == "build" || f.place == "excerpt" || strings.HasPrefix(f.message, "***")) {
				continue // not what a test process prints
			}
			if v, fs := classify(t, []byte(log)); v != culprit.Passed || len(fs) > 0 {
				t.Errorf("forms.txt:%d, %s by a passing test: verdict %s, %d failures: %q", f.no, name, v, len(fs), f.message)
			}
		}
	}
}

// TestFormsBesideAnAssertion: the words as text that a failed check compares, or in a
// log line before it, do not make the failure one of their kind.
func TestFormsBesideAnAssertion(t *testing.T) {
	t.Parallel()
	for _, f := range readForms(t) {
		if f.place != "test" || strings.Contains(f.message, "\n") || f.kind == culprit.KindGolden || f.kind == culprit.KindMock {
			continue
		}
		for name, log := range map[string]string{
			"compared": at(fmt.Sprintf("\n\tError Trace:\t/src/a_test.go:12\n\tError:      \tNot equal: \n\t            \texpected: %q\n\t            \tactual  : \"\"\n\tTest:       \tTestForm", f.message)),
			"wanted":   at(fmt.Sprintf("error = %q, want %q", "none", f.message)),
			"logged":   at("INFO "+f.message+", retrying") + "\n    a_test.go:30: got 1, want 2",
		} {
			v, fs := classify(t, []byte("--- FAIL: TestForm (0.01s)\n"+log+"\nFAIL\nFAIL\texample.com/m\t0.012s\nFAIL\n"))
			if v != culprit.Failed || len(fs) != 1 || fs[0].Kind != culprit.KindAssertion {
				t.Errorf("forms.txt:%d, %s: verdict %s, %d failures, first %v: %q", f.no, name, v, len(fs), fs[0].Kind, f.message)
			}
		}
	}
}

// TestFormsForEachKind: every kind has a form in the table, except those that only a
// real run can show.
func TestFormsForEachKind(t *testing.T) {
	t.Parallel()
	have := map[culprit.Kind]bool{
		culprit.KindDataRace: true, culprit.KindFuzz: true, culprit.KindBenchmark: true, culprit.KindExample: true, culprit.KindTestMain: true, culprit.KindUnknown: true, // live.txtar
	}
	for _, f := range readForms(t) {
		have[f.kind] = true
	}
	for _, k := range culprit.Kinds {
		if !have[k] {
			t.Errorf("no form of kind %s in testdata/forms.txt", k)
		}
	}
}

// TestOldTestifyPosition: testify before t.Helper printed its own file; the trace has
// the caller's.
func TestOldTestifyPosition(t *testing.T) {
	t.Parallel()
	log := "--- FAIL: TestOpen (0.01s)\n        assertions.go:221: \n\t\t\tError Trace:\topen_test.go:207\n\t\t\tError:      \tReceived unexpected error \"no\"\nFAIL\nFAIL\texample.com/m\t0.012s\nFAIL\n"
	_, fs := classify(t, []byte(log))
	if len(fs) != 1 || fs[0].Assertion == nil || fs[0].Assertion.File != "open_test.go" || fs[0].Assertion.Line != 207 {
		t.Fatalf("failures = %+v", fs)
	}
}

// TestRolesOfForms: who is the cause and who the parent, where the log names tests that
// package testing does not know, or that have no result.
func TestRolesOfForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ log, want string }{
		"gocheck": {
			"----------------------------------------------------------------------\nFAIL: a_test.go:18: FormSuite.TestOne\n\nhelper_test.go:7:\n    check(c, err)\na_test.go:26:\n    c.Assert(err, IsNil)\n... value *errors.errorString = &errors.errorString{s:\"no\"} (\"no\")\n\n" +
				"----------------------------------------------------------------------\nPANIC: b_test.go:18: FormSuite.TestTwo\n\n... Panic: boom (PC=0x1)\n\nb_test.go:20\n  in FormSuite.TestTwo\n\nOOPS: 12 passed, 1 FAILED, 1 PANICKED\n--- FAIL: Test (0.01s)\nFAIL\nFAIL\texample.com/m\t0.012s\n",
			"assertion FormSuite.TestOne: c.Assert(err, IsNil) [FormSuite.TestOne cause, Test parent]\npanic FormSuite.TestTwo: panic: boom [FormSuite.TestTwo cause, Test parent]",
		},
		"running tests": {
			"panic: test timed out after 10m0s\n\trunning tests:\n\t\tTestForm (10m0s)\n\t\tTestForm/case (10m0s)\n\ngoroutine 4 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/src/testing/testing.go:2373 +0x265\nFAIL\texample.com/m\t600.012s\n",
			"timeout timeout: TestForm/case [TestForm/case cause, TestForm parent]",
		},
		"the only test that ran, before Go 1.20": {
			"=== RUN   TestForm\npanic: test timed out after 5s\n\ngoroutine 5 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/src/testing/testing.go:1788 +0xbb\n",
			"timeout timeout: TestForm [TestForm cause]",
		},
		"a limit of a suite's own": {
			"--- FAIL: Test (300.00s)\npanic: FormSuite.TestBuild test timed out after 5m0s [recovered]\n\tpanic: FormSuite.TestBuild test timed out after 5m0s\n\ngoroutine 4 [running]:\nexample.com/m.f()\n\t/src/m/f.go:3 +0x1\nFAIL\texample.com/m\t300.012s\n",
			"timeout timeout: FormSuite.TestBuild [FormSuite.TestBuild cause, Test parent]",
		},
		"seconds of a build": {
			"[   24s] + go test .\n[   25s] --- FAIL: TestForm (0.19s)\n[   25s]     a_test.go:12: got 1, want 2\n[   26s] FAIL\n[   26s] FAIL   example.com/m   0.197s\n",
			"assertion TestForm: got N, want N [TestForm cause]",
		},
		"unknown is gotestsum's word for running": {
			"=== Failed\n=== FAIL: m TestOther (unknown)\n\n=== FAIL: m TestForm (unknown)\npanic: boom\n\ngoroutine 7 [running]:\nexample.com/m.TestForm(0x1)\n\t/src/m/a_test.go:12 +0x1\ntesting.tRunner(0x1)\n\t/go/src/testing/testing.go:1934 +0xea\n\nDONE 2 tests, 2 failures in 1.004s\n",
			"panic panic: boom in m.TestForm [TestForm cause, TestOther collateral]",
		},
		"a benchmark's later round": {
			"BenchmarkForm-8         \t--- FAIL: BenchmarkForm-8\n    a_test.go:88: got 3, want 4\nFAIL\nFAIL\texample.com/m\t4.101s\n",
			"assertion BenchmarkForm-8: got N, want N [BenchmarkForm-8 cause]",
		},
		"numbers of a web page": {
			"=== RUN TestForm\n702    panic: boom [recovered]\n703    panic: boom\n704    \n705    goroutine 123 [running]:\n706    example.com/m.TestForm(0xc0000e8f60)\n707    /src/m/a_test.go:121 +0x12a2\n708    FAIL    example.com/m    2.2s\n",
			"panic panic: boom in m.TestForm [TestForm cause]",
		},
		"no end": {
			"=== RUN   TestForm\n    a_test.go:12: missing call(s) to *mocks.Store.Get(is equal to 7) /src/a_test.go:9\n",
			"mock TestForm: mock: missing call(s) to *mocks.Store.Get [TestForm cause]",
		},
	} {
		_, fs := classify(t, []byte(c.log))
		var have []string
		for _, f := range fs {
			var tests []string
			for _, x := range f.Tests {
				tests = append(tests, x.Name+" "+string(x.Role))
			}
			have = append(have, fmt.Sprintf("%s %s [%s]", f.Kind, f.Title, strings.Join(tests, ", ")))
		}
		if got := strings.Join(have, "\n"); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
