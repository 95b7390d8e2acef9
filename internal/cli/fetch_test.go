// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/ghapi/ghtest"
)

// remoteWorld is a GitHub with one repository: its API, and git over http.
type remoteWorld struct {
	api    *ghtest.Server
	web    string
	commit string
	log    string
	env    []string
	tmp    string
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Priya Raman", "-c", "user.email=priya@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// newRemoteWorld serves the source of a case as a repository, and its log as that
// of job 71 of run 7.
func newRemoteWorld(t *testing.T) *remoteWorld {
	t.Helper()
	backend := filepath.Join(git(t, "", "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("git-http-backend is not installed")
	}
	a, err := txtar.ParseFile("../../testdata/case/race-err-parallel-subtests.txtar")
	if err != nil {
		t.Fatal(err)
	}
	w := &remoteWorld{api: ghtest.New(t), tmp: t.TempDir()}
	root := t.TempDir()
	work := filepath.Join(root, "work")
	for _, f := range a.Files {
		if f.Name == "log" {
			w.log = string(f.Data)
		}
		rel, ok := strings.CutPrefix(f.Name, "src/")
		if !ok {
			continue
		}
		p := filepath.Join(work, rel)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, work, "init", "--quiet", "-b", "main", ".")
	git(t, work, "add", ".")
	git(t, work, "commit", "--quiet", "-m", "all of it")
	w.commit = git(t, work, "rev-parse", "HEAD")
	git(t, root, "clone", "--quiet", "--bare", work, filepath.Join(root, "srv", "o", "r"))
	for _, key := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		git(t, filepath.Join(root, "srv", "o", "r"), "config", key, "true")
	}
	w.log = stamped("Syncing repository: o/r", "[command]/usr/bin/git log -1 --format=%H", w.commit, w.log)

	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + filepath.Join(root, "srv"), "GIT_HTTP_EXPORT_ALL=1"}}
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "x-access-token" || password != ghtest.Token {
			http.Error(rw, "no", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(web.Close)
	w.web = web.URL
	w.env = []string{"GITHUB_SERVER_URL=" + web.URL, "GITHUB_API_URL=" + w.api.API, "GITHUB_TOKEN=" + ghtest.Token, "CULPRIT_CACHE_DIR=" + t.TempDir(), "HOME=" + t.TempDir()}
	repo := w.api.Repo("o/r")
	repo.AddRun(ghapi.Run{ID: 7, Name: "ci", Event: "push", Conclusion: "failure", HeadSHA: w.commit, HeadBranch: "main"})
	repo.AddJob(ghapi.Job{ID: 71, RunID: 7, Name: "test-race", Workflow: "ci", Conclusion: "failure", HeadSHA: w.commit, HeadBranch: "main"}, w.log)
	repo.AddJob(ghapi.Job{ID: 72, RunID: 7, Name: "test (rc)", Workflow: "ci", Conclusion: "cancelled", HeadSHA: w.commit}, "")
	return w
}

// stamped gives lines the time stamps of GitHub Actions.
func stamped(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		for line := range strings.SplitSeq(strings.TrimSuffix(p, "\n"), "\n") {
			b.WriteString("2026-11-02T09:00:01.0000000Z " + line + "\n")
		}
	}
	return b.String()
}

// run runs culprit with the environment of the world.
func (w *remoteWorld) run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	s := Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Env: append([]string{"TERM=dumb"}, w.env...)}
	return execute(t.Context(), s, args), out.String(), errs.String()
}

func TestTriageAddress(t *testing.T) {
	w := newRemoteWorld(t)
	t.Setenv("TMPDIR", w.tmp)
	for _, args := range [][]string{
		{w.web + "/o/r/actions/runs/7/job/71"}, {"o/r#7"}, {"--last-failed", "-R", "o/r", "--branch", "main"},
	} {
		code, out, errs := w.run(t, append([]string{"triage", "--format", "json"}, args...)...)
		if code != ExitDone {
			t.Fatalf("%v: code %d\n%s", args, code, errs)
		}
		var c culprit.Case
		if err := json.Unmarshal([]byte(out), &c); err != nil {
			t.Fatal(err)
		}
		if c.Job.Commit != w.commit || c.Job.JobID != "71" || c.Job.Name != "test-race" || c.Job.Branch != "main" || len(c.Failures) != 1 {
			t.Errorf("%v: job %+v, %d failures", args, c.Job, len(c.Failures))
		}
		f := c.Failures[0]
		if f.Cause == nil || f.Cause.Subject != "err" || len(f.Blame) == 0 || f.Blame[0].Commit != w.commit {
			t.Errorf("%v: the source was not used: %+v", args, f.Cause)
		}
		if !strings.Contains(errs, "cancelled") {
			t.Errorf("%v: the cancelled job is not mentioned: %q", args, errs)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(w.tmp, "culprit-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// The clone is kept without the token.
	filepath.WalkDir(w.env[3][len("CULPRIT_CACHE_DIR="):], func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if data, err := os.ReadFile(p); err == nil && bytes.Contains(data, []byte(ghtest.Token)) {
				t.Errorf("%s holds the token", p)
			}
		}
		return nil
	})
}

func TestTriageAddressRefused(t *testing.T) {
	w := newRemoteWorld(t)
	w.api.Repo("o/r").ExpireLog(71)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{w.web + "/o/r/actions/runs/7/job/71"}, "the log of test-race has expired"},
		{[]string{w.web + "/o/r/actions/runs/7/job/99"}, "asked with the token of GITHUB_TOKEN"},
		{[]string{w.web + "/o/r/actions/runs/8/job/71"}, "belongs to run 7"},
		{[]string{"https://evil.example.com/o/r/actions/runs/7"}, "set GH_HOST=evil.example.com"},
		{[]string{"https://github.com/o/r/issues/7"}, "names no run, job"},
		{[]string{"--last-failed"}, "needs --repository"},
		{[]string{"--last-failed", "job.log"}, "name one of them"},
	} {
		code, out, errs := w.run(t, append([]string{"triage"}, c.args...)...)
		if code != ExitError || out != "" || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: code %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
	// The results that the run kept are used instead.
	w.api.Repo("o/r").AddArtifact(7, "junit", map[string]string{
		"report.xml": `<testsuites><testsuite name="example.com/m/p"><testcase name="TestKept"><failure>    p_test.go:3: no</failure></testcase></testsuite></testsuites>`})
	code, out, errs := w.run(t, "triage", "--no-source", w.web+"/o/r/actions/runs/7/job/71")
	if code != ExitDone || !strings.Contains(out, "TestKept") || !strings.Contains(errs, "has expired") {
		t.Errorf("code %d\n%s\n%s", code, out, errs)
	}
}
