// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/culprit-ci/culprit"
)

const failingLog = "--- FAIL: TestX (0.00s)\nFAIL\nFAIL\texample.com/p\t0.1s\n"

// run is Main with strings.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// TestErrorsAreOneLine holds every wrong use to the same form: exit code 2,
// nothing on standard output, one line that starts with the program's name.
func TestErrorsAreOneLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tc := range []struct {
		args string
		want string
	}{
		{"tirage", `there is no command "tirage"; did you mean "triage"? (see culprit --help)`},
		{"xyzzy", `there is no command "xyzzy" (see culprit --help)`},
		{"help xyzzy", `there is no command "xyzzy" (see culprit help --help)`},
		{"triage --fromat json", `unknown flag: --fromat; did you mean "--format"? (see culprit triage --help)`},
		{"triage --repo", `flag needs an argument: --repo (see culprit triage --help)`},
		{"triage " + dir, dir + " is a directory; name a file in it"},
		{"triage " + dir + "/no", "there is no file " + dir + "/no; check the name"},
		{"render " + dir + "/no", "there is no file " + dir + "/no; check the name"},
		{"version x", `version takes no argument: got "x" (see culprit version --help)`},
		{"completion tcsh", `there is no completion for "tcsh"; choose bash, zsh, fish or powershell (see culprit completion --help)`},
	} {
		t.Run(tc.args, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(t, "", strings.Fields(tc.args)...)
			if code != ExitError || out != "" {
				t.Errorf("code = %d, stdout = %q; want %d and nothing", code, out, ExitError)
			}
			if diff := cmp.Diff("culprit: "+tc.want+"\n", errs); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHostileNameStaysOneLine(t *testing.T) {
	t.Parallel()
	_, _, errs := run(t, "", "triage", "a\x1b[2J\nculprit: all is well\u202e")
	if strings.Count(errs, "\n") != 1 || strings.ContainsAny(errs, "\x1b\u202e") {
		t.Errorf("stderr = %q", errs)
	}
}

// TestEveryCommandHelps keeps the help of all commands complete.
func TestEveryCommandHelps(t *testing.T) {
	t.Parallel()
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no short help or no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			if sub.GroupID == "" {
				t.Errorf("%s is in no group", sub.CommandPath())
			}
			walk(sub)
		}
	}
	walk(New(Streams{}))
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, log string
		args      []string
		want      int
	}{
		{"failing", failingLog, []string{"triage"}, ExitDone},
		{"failing, asked", failingLog, []string{"triage", "--exit-code"}, ExitFindings},
		{"passing, asked", "ok  \texample.com/p\t0.1s\n", []string{"triage", "--exit-code"}, ExitDone},
		{"nothing, asked", "", []string{"triage", "--exit-code"}, ExitDone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(t, tc.log, tc.args...)
			if code != tc.want || out == "" || errs != "" {
				t.Errorf("code = %d, want %d; stdout = %q, stderr = %q", code, tc.want, out, errs)
			}
		})
	}
}

func TestOutputFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "case.json")
	code, out, errs := run(t, failingLog, "triage", "--format", "json", "-o", name)
	if code != ExitDone || out != "" || errs != "" {
		t.Fatalf("code = %d, stdout = %q, stderr = %q", code, out, errs)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := readCase(f)
	if err != nil || c.Verdict != culprit.Failed || len(c.Failures) != 1 {
		t.Errorf("case = %+v, %v", c, err)
	}
}

func TestRenderSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", "it is not JSON (at byte 0: unexpected end of JSON input)"},
		{"text", "ok", "it is not JSON (at byte 1:"},
		{"list", "[]", `it has no field "schema"`},
		{"no schema", "{}", `it has no field "schema"`},
		{"other schema", `{"schema": "culprit.case/v9", "failures": 1}`, `its schema is "culprit.case/v9" and this version reads "culprit.case/v1"`},
		{"wrong type", `{"schema": "culprit.case/v1", "failures": 1}`, "it does not follow culprit.case/v1 ("},
		{"null failure", `{"schema": "culprit.case/v1", "failures": [null]}`, "it does not follow culprit.case/v1 (failures[0] is null)"},
		{"half a race", `{"schema": "culprit.case/v1", "failures": [{"race": {}}]}`, "it does not follow culprit.case/v1 (failures[0].race has 0 accesses instead of 2)"},
		{"half a cause", `{"schema": "culprit.case/v1", "failures": [{"cause": {"sites": [{}]}}]}`, "it does not follow culprit.case/v1 (failures[0].cause has 1 sites instead of 2)"},
		{"two cases", `{"schema": "culprit.case/v1"}{}`, "it is not JSON (at byte 30:"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(t, tc.in, "render", "-")
			if code != ExitError || out != "" || !strings.HasPrefix(errs, "culprit: the standard input is not a saved case: "+tc.want) ||
				!strings.HasSuffix(errs, "; write one with culprit triage LOG --format json\n") || strings.Count(errs, "\n") != 1 {
				t.Errorf("code = %d, stdout = %q, stderr = %q", code, out, errs)
			}
		})
	}
}

// TestRenderOfAlmostNothing feeds the renderers a case with nearly every field
// absent: a saved case comes from anywhere.
func TestRenderOfAlmostNothing(t *testing.T) {
	t.Parallel()
	saved := `{"schema": "culprit.case/v1", "failures": [{"race": {"accesses": [{}, {}]}, "cause": {"sites": [{}, {}]}, "fix": {}, "repro": {}}, {}]}`
	for _, format := range formatNames() {
		code, out, errs := run(t, saved, "render", "-", "--format", format)
		if code != ExitDone || out == "" || errs != "" {
			t.Errorf("%s: code = %d, stdout = %q, stderr = %q", format, code, out, errs)
		}
	}
}

// brokenPipe is standard output whose reader has gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
}

// fullDisk is standard output on a full disk.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

func TestBrokenPipeIsQuiet(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"triage"}, {"version"}, {"completion", "bash"}, {"help"}} {
		var errs bytes.Buffer
		if code := Main(t.Context(), args, strings.NewReader(failingLog), brokenPipe{}, &errs); code != ExitDone || errs.String() != "" {
			t.Errorf("%v: code = %d, stderr = %q", args, code, errs.String())
		}
	}
	var errs bytes.Buffer
	if code := Main(t.Context(), []string{"triage", "--exit-code"}, strings.NewReader(failingLog), brokenPipe{}, &errs); code != ExitFindings {
		t.Errorf("with --exit-code: code = %d, stderr = %q", code, errs.String())
	}
}

func TestFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	code := Main(t.Context(), []string{"triage"}, strings.NewReader(failingLog), fullDisk{}, &errs)
	if code != ExitError || errs.String() != "culprit: cannot write the report: no space left on device\n" {
		t.Errorf("code = %d, stderr = %q", code, errs.String())
	}
}

// blocked is standard input on which nothing ever comes.
type blocked struct{ reading chan struct{} }

func (b blocked) Read([]byte) (int, error) {
	close(b.reading)
	select {}
}

func TestInterruptWhileReading(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in := blocked{make(chan struct{})}
	go func() {
		<-in.reading
		cancel()
	}()
	var out, errs bytes.Buffer
	code := Main(ctx, []string{"triage"}, in, &out, &errs)
	if code != ExitError || out.String() != "" || errs.String() != "culprit: interrupted; nothing was reported\n" {
		t.Errorf("code = %d, stdout = %q, stderr = %q", code, out.String(), errs.String())
	}
}

func TestReadErrorIsNotAnEmptyLog(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	in := io.MultiReader(strings.NewReader(failingLog), failing{})
	code := Main(t.Context(), []string{"triage"}, in, &out, &errs)
	if code != ExitError || out.String() != "" || !strings.HasSuffix(errs.String(), "the wire was cut\n") {
		t.Errorf("code = %d, stdout = %q, stderr = %q", code, out.String(), errs.String())
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the wire was cut") }

func TestVersion(t *testing.T) {
	t.Parallel()
	v := readVersion(&debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-11-24T00:00:00Z"}, {Key: "vcs.modified", Value: "true"},
		},
	})
	v.Go, v.Platform = "go1", "os/arch"
	var text, js bytes.Buffer
	if err := errors.Join(writeVersion(&text, v, false), writeVersion(&js, v, true)); err != nil {
		t.Fatal(err)
	}
	want := "culprit v1.2.3\ncommit  abc of 2026-11-24T00:00:00Z, with local changes\nbuilt   with go1 for os/arch\nschema  culprit.case/v1\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	var got versionInfo
	if err := json.Unmarshal(js.Bytes(), &got); err != nil || got != v {
		t.Errorf("JSON = %s, %v", js.String(), err)
	}
	if v := readVersion(nil); v.Version == "" || v.Commit != "" {
		t.Errorf("without build information: %+v", v)
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env  []string
		want bool
	}{
		{[]string{"TERM=xterm-256color"}, false}, // a buffer is no terminal
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1"}, true},
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1", "NO_COLOR=1"}, false},
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1", "NO_COLOR=please"}, false},
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1", "NO_COLOR="}, true},
		{[]string{"TERM=dumb", "TTY_FORCE=1"}, false},
		{[]string{"TERM=xterm", "CLICOLOR_FORCE=1"}, true},
		{[]string{"TERM=xterm", "CLICOLOR_FORCE=1", "NO_COLOR=1"}, false},
	} {
		if got := (Streams{Env: tc.env}).colorful(&bytes.Buffer{}); got != tc.want {
			t.Errorf("%v: colorful = %t, want %t", tc.env, got, tc.want)
		}
	}
}
