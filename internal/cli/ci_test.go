// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/wire"
)

// step is a step of a job of GitHub Actions: files of the runner, and a work tree.
type step struct {
	tree, log       string
	summary, output string
	env             []string
}

// newStep makes a step whose log is that of a case, with more lines of a test's
// own output before it.
func newStep(t *testing.T, lines ...string) *step {
	t.Helper()
	dir := t.TempDir()
	st := &step{tree: filepath.Join(dir, "m"), log: filepath.Join(dir, "test.log"), summary: filepath.Join(dir, "summary.md"), output: filepath.Join(dir, "output")}
	a, err := txtar.ParseFile("../../testdata/case/race-err-parallel-subtests.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		name := st.log
		if rel, ok := strings.CutPrefix(f.Name, "src/"); ok {
			name = filepath.Join(st.tree, rel)
		} else {
			f.Data = append([]byte(strings.Join(lines, "\n")+"\n"), f.Data...)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	st.env = []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + st.summary, "GITHUB_OUTPUT=" + st.output, "GITHUB_REPOSITORY=o/r", "GITHUB_RUN_ID=7", "GITHUB_REF=refs/pull/3/merge"}
	return st
}

func (st *step) run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	s := Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Env: st.env}
	return execute(t.Context(), s, append([]string{"ci"}, args...)), out.String(), errs.String()
}

// commands reads the output of a step as the runner does: a line that begins with
// "::" is a command, until commands are stopped.
func commands(output string) []string {
	var list []string
	stopped := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		switch {
		case stopped != "":
			if line == "::"+stopped+"::" {
				stopped = ""
			}
		case strings.HasPrefix(line, "::stop-commands::"):
			stopped = strings.TrimPrefix(line, "::stop-commands::")
		case strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##["):
			list = append(list, line)
		}
	}
	if stopped != "" {
		list = append(list, "commands stay stopped")
	}
	return list
}

func TestCI(t *testing.T) {
	t.Parallel()
	st := newStep(t, "::error file=evil.go::x", "::add-mask::x", "::stop-commands::x", "##[error]x")
	code, out, errs := st.run(t, st.log, "--repo", st.tree, "--status", "1")
	if code != 1 {
		t.Fatalf("code %d\n%s", code, errs)
	}
	list := commands(out)
	if len(list) != 1 || !strings.HasPrefix(list[0], "::error file=") || !strings.Contains(list[0], "data race%3A err") {
		t.Errorf("commands: %q", list)
	}
	if !strings.Contains(out, "captured-outer-variable") {
		t.Errorf("the report is missing:\n%s", out)
	}
	summary, err := os.ReadFile(st.summary)
	if err != nil || !strings.Contains(string(summary), "### Root cause analysis") {
		t.Errorf("summary: %v\n%s", err, summary)
	}
	output, err := os.ReadFile(st.output)
	if err != nil || string(output) != "verdict=failed\nfailures=1\n" {
		t.Errorf("outputs: %v %q", err, output)
	}
}

func TestCIKeepsStatus(t *testing.T) {
	t.Parallel()
	st := newStep(t)
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{st.log, "--repo", st.tree}, 0, ""},
		{[]string{st.log, "--repo", st.tree, "--status", "3"}, 3, ""},
		{[]string{st.log + ".gone", "--repo", st.tree}, 2, "there is no file"},
		{[]string{st.log + ".gone", "--repo", st.tree, "--status", "1"}, 1, "there is no file"},
		{[]string{st.log, "--status", "256"}, 2, "exit code, 0 to 255"},
	} {
		if code, _, errs := st.run(t, c.args...); code != c.code || !strings.Contains(errs, c.errs) || (c.errs == "") != (errs == "") {
			t.Errorf("%v: code %d, %q; want %d, %q", c.args, code, errs, c.code, c.errs)
		}
	}
}

// TestCISummaryCap: one byte too many, and GitHub shows nothing of the summary.
func TestCISummaryCap(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, maxSummary - 5000, maxSummary - 100} {
		st := newStep(t)
		if err := os.WriteFile(st.summary, bytes.Repeat([]byte("x"), before), 0o644); err != nil {
			t.Fatal(err)
		}
		code, _, errs := st.run(t, st.log, "--repo", st.tree)
		info, err := os.Stat(st.summary)
		if code != 0 || err != nil || info.Size() > maxSummary || (info.Size() == int64(before)) != strings.Contains(errs, "full") {
			t.Errorf("%d bytes before: code %d, %d bytes after, %q", before, code, info.Size(), errs)
		}
	}
}

func TestCICanaries(t *testing.T) {
	t.Parallel()
	st := newStep(t, strings.Split(canaryLog(), "\n")...)
	dir := t.TempDir()
	sarif, saved := filepath.Join(dir, "x.sarif"), filepath.Join(dir, "case.json")
	code, out, errs := st.run(t, st.log, "--repo", st.tree, "--sarif", sarif, "--json", saved)
	if code != 0 {
		t.Fatal(errs)
	}
	all := map[string]string{"stdout": out, "stderr": errs}
	for _, file := range []string{sarif, saved, st.summary} {
		data, err := os.ReadFile(file)
		if err != nil || len(data) == 0 {
			t.Errorf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = string(data)
	}
	for name, text := range all {
		if found := leaks(text); len(found) > 0 {
			t.Errorf("%s shows %v", name, found)
		}
	}
}

// TestCIChangedFiles: in a pull request, the annotation goes to the line of the
// cause that the pull request touches.
func TestCIChangedFiles(t *testing.T) {
	t.Parallel()
	st := newStep(t)
	git(t, st.tree, "init", "--quiet", "-b", "main", ".")
	git(t, st.tree, "add", "go.mod")
	git(t, st.tree, "commit", "--quiet", "-m", "base")
	git(t, st.tree, "checkout", "--quiet", "-b", "topic")
	git(t, st.tree, "add", ".")
	git(t, st.tree, "commit", "--quiet", "-m", "topic")
	git(t, st.tree, "checkout", "--quiet", "main")
	git(t, st.tree, "merge", "--quiet", "--no-ff", "-m", "Merge topic into main", "topic")
	job := culpritJob(st)
	got := changedFiles(t.Context(), st.tree, job)
	if len(got) == 0 {
		t.Fatal("no file is changed")
	}
	for _, f := range got {
		if f == "go.mod" || strings.HasPrefix(f, "/") {
			t.Errorf("changed: %q", got)
		}
	}
	job.PullRequest = 0
	if got := changedFiles(t.Context(), st.tree, job); got != nil {
		t.Errorf("no pull request: %q", got)
	}
}

// TestAction runs the steps of action.yml as the runner would: expressions are
// replaced in env only, and scripts run under bash.
func TestAction(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	data, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs  map[string]struct{ Default string }
		Outputs map[string]struct{ Value string }
		Runs    struct {
			Using string
			Steps []struct {
				ID, Shell, Run, Uses string
				Env                  map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(data, &action); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	st := newStep(t)
	inputs := map[string]string{"log": st.log, "status": "1", "working-directory": st.tree}
	expression := regexp.MustCompile(`\$\{\{ ([a-z_.-]+) \}\}`)
	code := 0
	for _, s := range action.Runs.Steps {
		if s.Uses != "" || s.Shell != "bash" || strings.Contains(s.Run, "${{") {
			t.Errorf("step %q: uses %q, shell %q, or an expression in the script", s.ID, s.Uses, s.Shell)
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
		cmd.Env = append(os.Environ(), append(st.env, "RUNNER_TEMP="+filepath.Dir(st.log))...)
		for k, v := range s.Env {
			v = expression.ReplaceAllStringFunc(v, func(e string) string {
				name := expression.FindStringSubmatch(e)[1]
				if name == "github.action_path" {
					return root
				}
				input := strings.TrimPrefix(name, "inputs.")
				if _, known := action.Inputs[input]; !known {
					t.Errorf("there is no input %q", name)
				}
				if v, given := inputs[input]; given {
					return v
				}
				return action.Inputs[input].Default
			})
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		out, err := cmd.CombinedOutput()
		code = cmd.ProcessState.ExitCode()
		if err != nil && s.ID != "report" {
			t.Fatalf("%s: %v\n%s", s.Run, err, out)
		}
		if s.ID == "report" && !strings.Contains(string(out), "::error file=") {
			t.Errorf("no annotation:\n%s", out)
		}
	}
	if code != 1 {
		t.Errorf("the action ends with %d", code)
	}
	output, err := os.ReadFile(st.output)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range action.Outputs {
		if o.Value != "${{ steps.report.outputs."+name+" }}" || !strings.Contains(string(output), name+"=") {
			t.Errorf("output %s: %s, written: %q", name, o.Value, output)
		}
	}
}

func culpritJob(st *step) culprit.Job {
	s := Streams{Env: st.env}
	return wire.LocalJob(s.lookup)
}
