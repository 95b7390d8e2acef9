// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package github_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/ci"
	"github.com/culprit-ci/culprit/internal/ci/citest"
	"github.com/culprit-ci/culprit/internal/ci/github"
	"github.com/culprit-ci/culprit/internal/ghapi"
	"github.com/culprit-ci/culprit/internal/ghapi/ghtest"
)

const (
	merge = "fb530033d5cacc2e24d2071e4362b66dcda3e7a5"
	base  = "a53f52ee38e3b5537048e3c227f7a1d9dda3a5ed"
	head  = "0123456789abcdef0123456789abcdef01234567"
)

// log is what actions/checkout prints of a commit, and a failing test.
func log(commit string) string {
	const at = "2026-11-02T09:00:01.0000000Z "
	return strings.Join([]string{
		"\ufeff" + at + "Current runner version: '2.329.0'",
		at + "Complete job name: test",
		at + "Syncing repository: o/r",
		at + "[command]/usr/bin/git log -1 --format=%H",
		at + commit,
		at + "=== RUN   TestA",
		at + "--- FAIL: TestA (0.00s)",
		at + "FAIL", at + "FAIL\texample.com/m\t0.01s", "",
	}, "\n")
}

func world(t *testing.T) (*ghtest.Server, *github.Provider) {
	s := ghtest.New(t)
	r := s.Repo("o/r")
	// A pull request whose first attempt failed in two of three jobs, with one
	// cancelled, and whose second attempt failed again in one.
	r.AddPull(ghapi.PullRequest{Number: 1, HeadSHA: head, HeadRef: "fix", BaseSHA: "eee", BaseRef: "main"})
	r.AddRun(ghapi.Run{ID: 7, Attempt: 1, Name: "ci", Event: "pull_request", Conclusion: "failure", HeadSHA: head, HeadBranch: "fix"})
	r.AddRun(ghapi.Run{ID: 7, Attempt: 2, Name: "ci", Event: "pull_request", Conclusion: "failure", HeadSHA: head, HeadBranch: "fix"})
	add := func(id int64, attempt int, name, conclusion string, end int, text string) {
		r.AddJob(ghapi.Job{ID: id, RunID: 7, Attempt: attempt, Name: name, Workflow: "ci", Conclusion: conclusion, HeadSHA: head, HeadBranch: "fix",
			Started: s.Now(), Completed: s.Now().Add(time.Duration(end) * time.Second), FailedSteps: []string{"test"}}, text)
	}
	add(71, 1, "test (1.26)", "failure", 90, log(merge))
	add(72, 1, "test (1.25)", "failure", 30, log(merge)+"first\n")
	add(73, 1, "test (rc)", "cancelled", 31, "")
	add(74, 2, "test (1.26)", "failure", 40, log(merge)+"again\n")
	add(75, 2, "test (1.25)", "success", 20, "")
	r.AddCommit(merge, base, head)
	// A push that failed.
	r.AddRun(ghapi.Run{ID: 8, Name: "ci", Event: "push", Conclusion: "failure", HeadSHA: merge, HeadBranch: "main"})
	r.AddJob(ghapi.Job{ID: 81, RunID: 8, Name: "test", Workflow: "ci", Conclusion: "failure", HeadSHA: merge, HeadBranch: "main"}, "no checkout here\n")
	return s, github.New(s.Client())
}

func TestProvider(t *testing.T) {
	s, p := world(t)
	start := s.Now()
	pr := func(id, name string, attempt int) culprit.Job {
		return culprit.Job{Provider: "github", Repository: "o/r", RunID: "7", JobID: id, Attempt: attempt, Name: name, Workflow: "ci", Actor: "priya",
			URL: "https://github.com/o/r/actions/runs/7/job/" + id, Commit: merge, BaseCommit: base, PullRequest: 1, Branch: "fix", StartedAt: &start}
	}
	push := culprit.Job{Provider: "github", Repository: "o/r", RunID: "8", JobID: "81", Attempt: 1, Name: "test", Workflow: "ci", Actor: "priya",
		URL: "https://github.com/o/r/actions/runs/8/job/81", Commit: merge, Branch: "main", StartedAt: &start}
	ref := func(address string) ci.Ref {
		r, err := ci.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const at = "https://github.com/o/r/"
	citest.Run(t, citest.World{
		Provider: p,
		Jobs: []citest.Known{
			{Name: "job of the first attempt", Ref: ref(at + "actions/runs/7/job/71?pr=1"), Want: pr("71", "test (1.26)", 1), Log: log(merge)},
			{Name: "job of the second attempt", Ref: ref(at + "actions/runs/7/job/74"), Want: pr("74", "test (1.26)", 2), Log: log(merge) + "again\n"},
			{Name: "first to fail of an attempt", Ref: ref(at + "actions/runs/7/attempts/1"), Want: pr("72", "test (1.25)", 1), Log: log(merge) + "first\n"},
			{Name: "latest attempt", Ref: ref(at + "actions/runs/7"), Want: pr("74", "test (1.26)", 2), Log: log(merge) + "again\n"},
			{Name: "short form", Ref: ref("o/r#7"), Want: pr("74", "test (1.26)", 2), Log: log(merge) + "again\n"},
			{Name: "pull request", Ref: ref(at + "pull/1"), Want: pr("74", "test (1.26)", 2), Log: log(merge) + "again\n"},
			{Name: "check run", Ref: ref(at + "runs/81"), Want: push, Log: "no checkout here\n"},
			{Name: "commit", Ref: ref(at + "commit/" + merge), Want: push, Log: "no checkout here\n"},
			{Name: "last failed", Ref: ci.Ref{Repository: "o/r", LastFailed: true}, Want: push, Log: "no checkout here\n"},
			{Name: "last failed of a branch", Ref: ci.Ref{Repository: "o/r", LastFailed: true, Branch: "fix"}, Want: pr("74", "test (1.26)", 2), Log: log(merge) + "again\n"},
		},
		Unknown: ci.Ref{Repository: "o/r", Job: 99},
	})
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	_, p := world(t)
	run, err := p.Find(t.Context(), ci.Ref{Repository: "o/r", Run: 7, Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Jobs) != 3 || len(run.Selected) != 2 || run.Count(ci.Cancelled) != 1 || run.Selected[0].FailedSteps[0] != "test" {
		t.Errorf("jobs %d, selected %d, cancelled %d", len(run.Jobs), len(run.Selected), run.Count(ci.Cancelled))
	}
	if _, err := p.Find(t.Context(), ci.Ref{Repository: "o/r", Run: 8, Job: 71}); !errors.Is(err, ci.ErrNotFound) || !strings.Contains(err.Error(), "belongs to run 7") {
		t.Errorf("a job under the wrong run: %v", err)
	}
}

// TestMergeUnknown: the log of a pull request that shows no checkout gives no
// commit, rather than that of the branch or of a later merge.
func TestMergeUnknown(t *testing.T) {
	t.Parallel()
	s, p := world(t)
	r := s.Repo("o/r")
	r.AddRun(ghapi.Run{ID: 9, Name: "ci", Event: "pull_request", Conclusion: "failure", HeadSHA: head, HeadBranch: "fix"})
	r.AddJob(ghapi.Job{ID: 91, RunID: 9, Name: "test", Conclusion: "failure", HeadSHA: head}, "nothing\n")
	run, err := p.Find(t.Context(), ci.Ref{Repository: "o/r", Job: 91})
	if err != nil {
		t.Fatal(err)
	}
	job := run.Selected[0]
	f, err := p.Log(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if job.Commit != "" || job.CommitWhy == "" || job.PullRequest != 1 {
		t.Errorf("commit %q, why %q, pull request %d", job.Commit, job.CommitWhy, job.PullRequest)
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	s, p := world(t)
	s.Repo("o/r").ExpireLog(81)
	s.Repo("o/r").AddAnnotation(81, ghapi.Annotation{Path: ".github", Line: 1, Level: "failure", Message: "The operation was canceled."})
	run, err := p.Find(t.Context(), ci.Ref{Repository: "o/r", Job: 81})
	if err != nil {
		t.Fatal(err)
	}
	job := run.Selected[0]
	if _, err = p.Log(t.Context(), job); !errors.Is(err, ci.ErrExpired) {
		t.Fatalf("an expired log: %v", err)
	}
	if len(job.Annotations) != 1 || job.Annotations[0].Message != "The operation was canceled." {
		t.Errorf("annotations: %+v", job.Annotations)
	}
	if r, why, err := p.Results(t.Context(), job); r != nil || why == "" || err != nil {
		t.Errorf("results without an artifact: %v, %q, %v", r, why, err)
	}
	s.Repo("o/r").AddArtifact(8, "results", map[string]string{
		"../../etc/x.json": `{"Action":"start","Package":"p"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n",
		"junit.xml":        `<testsuites><testsuite name="q"><testcase name="TestQ"><failure>no</failure></testcase></testsuite></testsuites>`,
		"cover.out":        "mode: set\n", "data.json": `{"a":1}`,
	})
	r, why, err := p.Results(t.Context(), job)
	if err != nil || r == nil {
		t.Fatal(why, err)
	}
	defer r.Close()
	text, _ := io.ReadAll(r)
	for _, want := range []string{`{"Action":"fail","Package":"p"}`, `"Test":"TestQ"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the results lack %s:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "mode: set") || strings.Contains(string(text), `"a":1`) {
		t.Errorf("the results hold other files:\n%s", text)
	}
}

// TestPagination asks a server that gives two entries a page.
func TestPagination(t *testing.T) {
	t.Parallel()
	s, p := world(t)
	s.PerPage = 2
	r := s.Repo("o/r")
	r.AddRun(ghapi.Run{ID: 10, Event: "push", Conclusion: "failure", HeadSHA: "abc"})
	for i := range 7 {
		r.AddJob(ghapi.Job{ID: int64(100 + i), RunID: 10, Name: fmt.Sprint(i), Conclusion: "failure", HeadSHA: "abc"}, "")
	}
	run, err := p.Find(t.Context(), ci.Ref{Repository: "o/r", Run: 10})
	if err != nil || len(run.Selected) != 7 {
		t.Errorf("%d jobs, %v", len(run.Selected), err)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	left := 2
	s.Before(func(w http.ResponseWriter, _ *http.Request) bool {
		if left--; left < 0 {
			return false
		}
		if left == 1 {
			w.Header().Set("Retry-After", "7")
			http.Error(w, `{"message":"You have exceeded a secondary rate limit"}`, http.StatusForbidden)
		} else {
			http.Error(w, "bad gateway", http.StatusBadGateway)
		}
		return true
	})
	var waited []time.Duration
	var said []string
	c := s.ClientWith(ghapi.Config{Token: ghtest.Token, Say: func(m string) { said = append(said, m) },
		Sleep: func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }})
	if _, err := github.New(c).Find(t.Context(), ci.Ref{Repository: "o/r", Run: 8}); err != nil {
		t.Fatal(err)
	}
	if len(waited) != 2 || waited[0] != 7*time.Second || !strings.Contains(strings.Join(said, "\n"), "rate limit") {
		t.Errorf("waited %v, said %q", waited, said)
	}

	s.Before(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
		http.Error(w, `{"message":"API rate limit exceeded"}`, http.StatusForbidden)
		return true
	})
	_, err := github.New(c).Find(t.Context(), ci.Ref{Repository: "o/r", Run: 8})
	if !errors.Is(err, ci.ErrLimited) || !strings.Contains(err.Error(), "until") {
		t.Errorf("an hour of rate limit: %v", err)
	}
	if len(waited) != 2 {
		t.Errorf("waited for it: %v", waited)
	}
}

func TestETag(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	dir := t.TempDir()
	notModified := 0
	s.Before(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("If-None-Match") != "" {
			notModified++
		}
		return false
	})
	find := func(token string) (*ci.Run, error) {
		return github.New(s.ClientWith(ghapi.Config{Token: token, CacheDir: dir})).Find(t.Context(), ci.Ref{Repository: "o/r", Run: 8})
	}
	first, err := find(ghtest.Token)
	if err != nil {
		t.Fatal(err)
	}
	again, err := find(ghtest.Token)
	if err != nil || notModified != 2 || again.Selected[0].JobID != first.Selected[0].JobID {
		t.Errorf("%d requests had an ETag, %v", notModified, err)
	}
	// What one token may see is not shown to another.
	if _, err := find("another"); !errors.Is(err, ci.ErrAuth) {
		t.Errorf("another token: %v", err)
	}
	if _, err := find(""); !errors.Is(err, ci.ErrNotFound) || !strings.Contains(err.Error(), "GH_TOKEN") {
		t.Errorf("no token: %v", err)
	}
}
