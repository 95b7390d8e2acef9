// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// TestFingerprints lets real tests fail for real. One cause must have one
// fingerprint in every form of the log and after the lines have moved, and two
// causes must have two, however near they are.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("testdata/causes.txtar")
	if err != nil {
		t.Fatal(err)
	}
	before := build(t, a, nil)
	after := build(t, a, strings.NewReplacer("//MOVE", "func() {\n_ = 1\n}()\n", "//LINES", strings.Repeat("// More lines.\n", 20)))
	var seen sync.Map // fingerprint to test
	for _, c := range []struct {
		kind culprit.Kind
		// runs are tests that show the one cause.
		runs []string
	}{
		{culprit.KindPanic, []string{"TestPut", "TestPutAgain"}},
		{culprit.KindPanic, []string{"TestIndex"}},
		{culprit.KindPanic, []string{"TestCheckAlpha"}},
		{culprit.KindPanic, []string{"TestCheckBeta"}},
		{culprit.KindPanic, []string{"TestMustA"}},
		{culprit.KindPanic, []string{"TestMustB"}},
		{culprit.KindConcurrentMap, []string{"TestTableWriters", "TestTableReader"}},
		{culprit.KindConcurrentMap, []string{"TestOtherTable"}},
		{culprit.KindLogAfterTest, []string{"TestLogs|TestWaits"}},
		{culprit.KindTimeout, []string{"TestHangs/a", "TestHangs/b"}},
		{culprit.KindTimeout, []string{"TestHangsElsewhere"}},
		{culprit.KindDeadlock, []string{"TestAsleep"}},
		{culprit.KindDeadlock, []string{"TestAsleepElsewhere"}},
		{culprit.KindGoroutineLeak, []string{"TestLeaks", "TestLeaksToo"}},
		{culprit.KindGoroutineLeak, []string{"TestLeaksOther"}},
		{culprit.KindAssertion, []string{"TestCount"}},
		{culprit.KindAssertion, []string{"TestCountOther"}},
		{culprit.KindAssertion, []string{"TestFile"}},
		{culprit.KindAssertion, []string{"TestState"}},
		{culprit.KindAssertion, []string{"TestStateOther"}},
		{culprit.KindEventually, []string{"TestWaitsLong"}},
		{culprit.KindExample, []string{"ExampleGreet"}},
	} {
		t.Run(c.runs[0], func(t *testing.T) {
			t.Parallel()
			first := ""
			for _, run := range c.runs {
				for form, text := range map[string][]byte{
					"text":          before.run(t, run, ""),
					"verbose":       after.run(t, run, "", "-test.v"),
					"json":          before.json(t, run),
					"json, moved":   after.json(t, run),
					"GitHub, moved": after.run(t, run, "2026-11-02T09:00:01.0000000Z ", "-test.v"),
				} {
					f := only(t, c.kind, text)
					switch {
					case f.Fingerprint == "":
						t.Errorf("%s, %s: no fingerprint of %q in\n%s", run, form, f.Title, text)
					case first == "":
						first = f.Fingerprint
						if other, known := seen.LoadOrStore(first, run); known {
							t.Errorf("%s has the fingerprint of %s", run, other)
						}
					case f.Fingerprint != first:
						t.Errorf("%s, %s: another fingerprint for %q in\n%s", run, form, f.Title, text)
					}
				}
			}
		})
	}
}

// only gives the one failure of a log.
func only(t *testing.T, kind culprit.Kind, text []byte) *culprit.Failure {
	t.Helper()
	c, err := Triage(t.Context(), Input{Log: bytes.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Failures) != 1 || c.Failures[0].Kind != kind {
		t.Fatalf("%d failures, want one of kind %s in\n%s", len(c.Failures), kind, text)
	}
	return c.Failures[0]
}

// binary is the test binary of the programs.
type binary struct{ dir, file string }

func build(t *testing.T, a *txtar.Archive, change *strings.Replacer) binary {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		text := string(f.Data)
		if change != nil {
			text = change.Replace(text)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, err := gocmd.Run(context.Background(), gocmd.Cmd{Dir: dir, Args: []string{"test", "-c", "-o", "causes.test", "."}})
	if err != nil {
		t.Fatalf("%v\n%s", err, res.Stderr)
	}
	return binary{dir, filepath.Join(dir, "causes.test")}
}

// run lets tests fail, and adds what go test says of the package.
func (b binary) run(t *testing.T, tests, prefix string, args ...string) []byte {
	t.Helper()
	out := append(b.exec(t, tests, args...), "FAIL\texample.com/causes\t0.012s\nFAIL\n"...)
	if prefix == "" {
		return out
	}
	return []byte(prefix + strings.ReplaceAll(strings.TrimSuffix(string(out), "\n"), "\n", "\n"+prefix) + "\n")
}

func (b binary) exec(t *testing.T, tests string, args ...string) []byte {
	t.Helper()
	limit := "0" // a timer would keep the runtime from seeing that all goroutines wait
	if strings.HasPrefix(tests, "TestHangs") {
		limit = "200ms"
	}
	cmd := exec.CommandContext(t.Context(), b.file, append(args, "-test.run=^("+strings.ReplaceAll(tests, "/", ")$/^(")+")$", "-test.timeout="+limit, "-test.paniconexit0")...)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), "GOTRACEBACK=all")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%s did not fail: %v\n%s", tests, err, out)
	}
	return out
}

// json is what go test -json writes of the same.
func (b binary) json(t *testing.T, tests string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "tool", "test2json", "-p", "example.com/causes")
	cmd.Dir, cmd.Stdin = b.dir, bytes.NewReader(b.exec(t, tests, "-test.v=test2json"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out, []byte(`"Action":"fail","Package":"example.com/causes"}`)) {
		out = append(out, fmt.Sprintf("{\"Action\":\"fail\",\"Package\":%q}\n", "example.com/causes")...)
	}
	return out
}
