// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const host = "https://github.com/o/r.x/"
	base := Ref{Host: "github.com", Repository: "o/r.x"}
	with := func(f func(*Ref)) Ref { r := base; f(&r); return r }
	for s, want := range map[string]Ref{
		host + "actions/runs/24588118104/job/71902734009?pr=24502":        with(func(r *Ref) { r.Run, r.Job, r.PullRequest = 24588118104, 71902734009, 24502 }),
		host + "actions/runs/24588118104":                                 with(func(r *Ref) { r.Run = 24588118104 }),
		host + "actions/runs/7/attempts/2":                                with(func(r *Ref) { r.Run, r.Attempt = 7, 2 }),
		host + "actions/runs/7/attempts/2/job/9#step:5:120":               with(func(r *Ref) { r.Run, r.Attempt, r.Job = 7, 2, 9 }),
		host + "actions/runs/7/jobs/9":                                    with(func(r *Ref) { r.Run, r.Job = 7, 9 }),
		host + "runs/9":                                                   with(func(r *Ref) { r.Job = 9 }),
		host + "pull/12":                                                  with(func(r *Ref) { r.PullRequest = 12 }),
		host + "pull/12/checks?check_run_id=9":                            with(func(r *Ref) { r.PullRequest, r.Job = 12, 9 }),
		host + "commit/db765415220000000000000000000000000000ab/checks/9": with(func(r *Ref) { r.Commit, r.Job = "db765415220000000000000000000000000000ab", 9 }),
		"https://GHES.example.com/o/r.x/actions/runs/7":                   {Host: "ghes.example.com", Repository: "o/r.x", Run: 7},
		"o/r#7": {Repository: "o/r", Run: 7},
	} {
		if got, err := Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", s, got, err, want)
		}
		if !IsRef(s) {
			t.Errorf("IsRef(%q) is false", s)
		}
	}
	for _, s := range []string{host, host + "issues/3", host + "actions/runs/x", host + "actions/runs/7/attempts/0", host + "pull/", "https://a:b@github.com/o/r/runs/9",
		"https://github.com/../r/runs/9", "https://github.com/o/r%2f..%2fx/runs/9", "https://github.com/o/r/commit/master/checks/9", "o/r#", "https:///o/r/runs/1"} {
		if got, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, got)
		}
	}
	for _, s := range []string{"job.log", "o/r", "./o/r#x", "a/b/c#1", "-"} {
		if IsRef(s) {
			t.Errorf("IsRef(%q) is true", s)
		}
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := JUnit(&b, strings.NewReader(`<?xml version="1.0"?><testsuites><testsuite name="example.com/m/p" tests="3">
<testcase classname="p" name="TestA" time="0.5"></testcase>
<testcase classname="p" name="TestB/x" time="0.1"><failure message="Failed">=== RUN   TestB/x
    p_test.go:3: no &lt;good&gt;</failure></testcase>
<testcase classname="p" name="TestC"><skipped message="no"/></testcase>
</testsuite></testsuites>`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Action":"start","Package":"example.com/m/p"}
{"Action":"run","Package":"example.com/m/p","Test":"TestA"}
{"Action":"pass","Package":"example.com/m/p","Test":"TestA","Elapsed":0.5}
{"Action":"run","Package":"example.com/m/p","Test":"TestB/x"}
{"Action":"output","Package":"example.com/m/p","Test":"TestB/x","Output":"=== RUN   TestB/x\n"}
{"Action":"output","Package":"example.com/m/p","Test":"TestB/x","Output":"    p_test.go:3: no \u003cgood\u003e\n"}
{"Action":"fail","Package":"example.com/m/p","Test":"TestB/x","Elapsed":0.1}
{"Action":"run","Package":"example.com/m/p","Test":"TestC"}
{"Action":"skip","Package":"example.com/m/p","Test":"TestC"}
{"Action":"fail","Package":"example.com/m/p"}
`
	if b.String() != want {
		t.Errorf("got:\n%s", b.String())
	}
	if err := JUnit(&b, strings.NewReader(`<testsuite><testcase`)); err == nil {
		t.Error("half a file is no error")
	}
}

// FuzzParse: whatever the address, what is read of it is a repository's name and
// numbers, and nothing else of it goes on.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"owner/repo#12", "https://github.com/o/r/actions/runs/12/attempts/2/job/13?pr=4", "https://ghe.example:8443/o/r/pull/7/checks?check_run_id=9",
		"https://github.com/o/r/commit/0123456789abcdef/checks/5", "https://user:pw@github.com/o/r/runs/1", "https://github.com/../x/runs/1", "HTTP://[::1]/a/b/runs/-1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := Parse(s)
		if err != nil {
			return
		}
		if !IsRef(s) && !strings.Contains(s, "://") {
			t.Errorf("%q is read and is no address", s)
		}
		if owner, name, ok := strings.Cut(ref.Repository, "/"); !ok || owner == "" || name == "" || strings.ContainsAny(ref.Repository, " \\@?#%\x00") || strings.Count(ref.Repository, "/") != 1 {
			t.Errorf("%q: repository %q", s, ref.Repository)
		}
		if strings.ContainsAny(ref.Host, "/@ \n") || ref.Run < 0 || ref.Job < 0 || ref.Attempt < 0 || ref.PullRequest < 0 || strings.Trim(ref.Commit, "0123456789abcdef") != "" {
			t.Errorf("%q: %+v", s, ref)
		}
	})
}
