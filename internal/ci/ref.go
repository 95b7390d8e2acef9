// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// Ref names runs and jobs. The most precise field that is set counts: a job,
// then a run, then a pull request, then a commit, then the last failed run.
type Ref struct {
	// Host is that of the address, "" when only a repository was named.
	Host string
	// Repository is owner/name.
	Repository string
	Run, Job   int64
	// Attempt counts from 1; 0 is the latest.
	Attempt     int
	PullRequest int
	Commit      string
	// LastFailed asks for the last run that failed, on Branch if that is set.
	LastFailed bool
	Branch     string
}

var short = lazyre.New(`^([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)#([0-9]{1,19})$`)

// IsRef reports whether an argument is meant as an address or as owner/repo#run
// rather than as the name of a file.
func IsRef(s string) bool {
	lower := strings.ToLower(s)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") || short.MatchString(s)
}

// Parse reads an address as the browser shows it, or owner/repo#run:
//
//	https://HOST/OWNER/REPO/actions/runs/RUN[/attempts/N][/job/JOB][?pr=PR]
//	https://HOST/OWNER/REPO/runs/JOB
//	https://HOST/OWNER/REPO/pull/PR[/checks[?check_run_id=JOB]]
//	https://HOST/OWNER/REPO/commit/SHA[/checks[/JOB]]
func Parse(s string) (Ref, error) {
	if m := short.FindStringSubmatch(s); m != nil {
		run, err := strconv.ParseInt(m[2], 10, 64)
		return Ref{Repository: m[1], Run: run}, err
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return Ref{}, fmt.Errorf("%q is no address", s)
	}
	if u.User != nil {
		return Ref{}, fmt.Errorf("the address of a job holds no user name or password")
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 4 {
		return Ref{}, fmt.Errorf("%s names no run, job, pull request or commit", u.Redacted())
	}
	ref := Ref{Host: strings.ToLower(u.Host), Repository: parts[0] + "/" + parts[1]}
	if !short.MatchString(ref.Repository + "#1") {
		return Ref{}, fmt.Errorf("%q is no repository", ref.Repository)
	}
	if n, err := strconv.Atoi(u.Query().Get("pr")); err == nil && n > 0 {
		ref.PullRequest = n
	}
	if !ref.path(parts[2:]) {
		return Ref{}, fmt.Errorf("%s names no run, job, pull request or commit", u.Redacted())
	}
	if id, err := strconv.ParseInt(u.Query().Get("check_run_id"), 10, 64); err == nil && id > 0 {
		ref.Job = id
	}
	return ref, nil
}

// path reads what follows the repository.
func (r *Ref) path(p []string) bool {
	number := func(i int) (int64, bool) {
		if i >= len(p) {
			return 0, false
		}
		n, err := strconv.ParseInt(p[i], 10, 64)
		return n, err == nil && n > 0
	}
	var ok bool
	switch {
	case p[0] == "actions" && len(p) > 2 && p[1] == "runs":
		if r.Run, ok = number(2); !ok {
			return false
		}
		p = p[3:]
		if len(p) >= 2 && p[0] == "attempts" {
			n, ok := number(1)
			if !ok {
				return false
			}
			r.Attempt, p = int(n), p[2:]
		}
		if len(p) >= 2 && (p[0] == "job" || p[0] == "jobs") {
			r.Job, ok = number(1)
		}
	case p[0] == "runs":
		r.Job, ok = number(1)
	case p[0] == "pull":
		var n int64
		n, ok = number(1)
		r.PullRequest = int(n)
	case p[0] == "commit" && len(p) > 1:
		r.Commit, ok = p[1], isHash(p[1])
		if ok && len(p) > 3 && p[2] == "checks" {
			r.Job, ok = number(3)
		}
	}
	return ok
}

func isHash(s string) bool {
	return len(s) >= 7 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}
