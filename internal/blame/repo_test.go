// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gitx"
)

// repo is a real git repository in a temporary folder. Its clock advances one
// day per commit from 2020-01-01.
type repo struct {
	t   *testing.T
	dir string
	day int
}

func newRepo(t *testing.T, initArgs ...string) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	return r.as("Ann", "ann@example.com", args...)
}

func (r *repo) as(name, email string, args ...string) string {
	r.t.Helper()
	date := time.Date(2020, 1, 1+r.day, 12, 0, 0, 0, time.UTC).Format(time.RFC3339)
	env := []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=file", "GIT_AUTHOR_NAME=" + name, "GIT_AUTHOR_EMAIL=" + email,
		"GIT_COMMITTER_NAME=CI", "GIT_COMMITTER_EMAIL=ci@example.com", "GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date,
	}
	out, err := gitx.Run(context.Background(), r.dir, gitx.Options{Env: env}, args...)
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) write(file, text string) {
	r.t.Helper()
	name := filepath.Join(r.dir, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit writes pairs of file and text and commits everything.
func (r *repo) commit(author, subject string, pairs ...string) string {
	r.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		r.write(pairs[i], pairs[i+1])
	}
	r.day++
	r.git("add", "-A")
	r.as(author, strings.ToLower(author)+"@example.com", "commit", "-q", "--allow-empty", "-m", subject)
	return r.git("rev-parse", "HEAD")
}

func access(file string, line int) Target { return Target{culprit.BlameAccess, file, line} }

// find blames and fails the test on an error.
func find(t *testing.T, dir, rev string, targets ...Target) ([]culprit.Blamed, string) {
	t.Helper()
	h, why := open(t, dir, rev)
	if h == nil {
		return nil, why
	}
	blamed, why, err := h.Find(context.Background(), targets)
	if err != nil {
		t.Fatal(err)
	}
	return blamed, why
}

// one is the blame of a single line that must have one.
func one(t *testing.T, dir, rev string, target Target) culprit.Blamed {
	t.Helper()
	blamed, why := find(t, dir, rev, target)
	if len(blamed) != 1 {
		t.Fatalf("blamed %v, why %q; want one line", blamed, why)
	}
	return blamed[0]
}

// none checks that nobody is accused, for a reason that contains want.
func none(t *testing.T, dir, rev string, target Target, want string) {
	t.Helper()
	blamed, why := find(t, dir, rev, target)
	if len(blamed) != 0 || !strings.Contains(why, want) {
		t.Errorf("blamed %v, why %q; want nobody, because of %q", blamed, why, want)
	}
}

func open(t *testing.T, dir, rev string) (*History, string) {
	t.Helper()
	h, why, err := Open(context.Background(), dir, rev)
	if err != nil {
		t.Fatal(err)
	}
	if h != nil {
		t.Cleanup(h.Close)
	}
	return h, why
}

func owners(t *testing.T, dir, rev string, blamed []culprit.Blamed, files ...string) ([]culprit.Owner, string) {
	t.Helper()
	h, why := open(t, dir, rev)
	if h == nil {
		return nil, why
	}
	recent, err := h.Recent(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	return h.Owners(blamed, recent)
}
