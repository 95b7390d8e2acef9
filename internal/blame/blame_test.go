// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package blame_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/blame"
	"github.com/culprit-ci/culprit/internal/gitx"
)

type repo struct {
	t   *testing.T
	dir string
	day int
}

func newRepo(t *testing.T) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir()}
	r.git("init", "-q", "--initial-branch=main")
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	r.day++
	date := "2026-03-" + string(rune('0'+r.day/10)) + string(rune('0'+r.day%10)) + "T10:00:00Z"
	out, err := gitx.Run(context.Background(), r.dir, gitx.Options{Env: []string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date,
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.com",
	}}, append([]string{"-c", "user.name=c", "-c", "user.email=c@example.com", "-c", "protocol.file.allow=always"}, args...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) commit(author, subject string, files map[string]string) string {
	r.t.Helper()
	for name, text := range files {
		p := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("add", "-A")
	r.git("commit", "-q", "--author", author, "-m", subject)
	return r.git("rev-parse", "HEAD")
}

func (r *repo) find(dir, rev string, targets ...blame.Target) ([]culprit.Blamed, string) {
	r.t.Helper()
	h, why := r.open(dir, rev)
	if h == nil {
		return nil, why
	}
	got, why, err := h.Find(context.Background(), targets)
	if err != nil {
		r.t.Fatal(err)
	}
	return got, why
}

func (r *repo) open(dir, rev string) (*blame.History, string) {
	r.t.Helper()
	h, why, err := blame.Open(context.Background(), dir, rev)
	if err != nil {
		r.t.Fatal(err)
	}
	if h != nil {
		r.t.Cleanup(h.Close)
	}
	return h, why
}

const (
	ann = "Ann Author <ann@example.com>"
	bob = "Bob Builder <bob@example.com>"
	bot = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
)

func target(role string, line int) blame.Target {
	return blame.Target{Role: role, File: "p/a_test.go", Line: line}
}

// TestSeedStory has the shape of the first user's case: one commit brought in
// both bad writes, and was itself the fix of a flaky test.
func TestSeedStory(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(ann, "toolsdk: tests (#7)", map[string]string{"p/a_test.go": "one\ndeclare\ntwo\nthree\n", "CODEOWNERS": "/p/ @org/agents\n"})
	bad := r.commit(bob, "test: fix task status flake (#20682)", map[string]string{"p/a_test.go": "one\ndeclare\ntwo\nwrite 1\nthree\nwrite 2\n"})
	r.commit(bot, "bump a dependency", map[string]string{"p/a_test.go": "zero\none\ndeclare\ntwo\nwrite 1\nthree\nwrite 2\n"})

	targets := []blame.Target{target(culprit.BlameAccess, 5), target(culprit.BlameAccess, 7), target(culprit.BlameDeclaration, 3)}
	got, why := r.find(r.dir, "", targets...)
	if len(got) != 3 || why != "" {
		t.Fatalf("got %+v, %q", got, why)
	}
	for _, b := range got[:2] {
		if b.Commit != bad || b.PullRequest != 20682 || b.FlakeFix == "" || b.Author != "Bob Builder" {
			t.Errorf("access: %+v", b)
		}
	}
	if d := got[2]; d.PullRequest != 7 || d.FlakeFix != "" || d.Author != "Ann Author" || d.Date != "2026-03-03T10:00:00Z" {
		t.Errorf("declaration: %+v", d)
	}
	h, _ := r.open(r.dir, "")
	recent, err := h.Recent(context.Background(), []string{"p/a_test.go"})
	if err != nil {
		t.Fatal(err)
	}
	owners, why := h.Owners(got, recent)
	if why != "" {
		t.Fatal(why)
	}
	var who []string
	for _, o := range owners {
		who = append(who, o.Who)
	}
	want := "Bob Builder <bob@example.com>, Ann Author <ann@example.com>, @org/agents, " + bot
	if got := strings.Join(who, ", "); got != want {
		t.Errorf("owners\n got %s\nwant %s", got, want)
	}
	if !strings.HasPrefix(owners[0].Reasons[0], "introduced both accesses") {
		t.Errorf("first owner's reasons: %q", owners[0].Reasons)
	}
}

func TestWhiteSpaceMailmapAndIgnoredRevisions(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("A <old@example.com>", "first", map[string]string{"p/a_test.go": "x := 1\n"})
	r.commit(bob, "indent", map[string]string{"p/a_test.go": "\tx := 1\n"})
	mass := r.commit(bob, "rename everything", map[string]string{"p/a_test.go": "\tx := 1 // same\n"})
	r.commit(ann, "settings", map[string]string{".mailmap": "Ann Author <ann@example.com> <old@example.com>\n", ".git-blame-ignore-revs": mass + "\n"})
	got, _ := r.find(r.dir, "", target(culprit.BlameAccess, 1))
	if len(got) != 1 || got[0].Commit != first || got[0].Author != "Ann Author" || got[0].Email != "ann@example.com" {
		t.Errorf("got %+v, want the first commit, mapped", got)
	}
	r.commit(ann, "break the settings", map[string]string{".git-blame-ignore-revs": "not a hash\n"})
	if got, why := r.find(r.dir, "", target(culprit.BlameAccess, 1)); len(got) != 1 || got[0].Commit != mass {
		t.Errorf("a broken ignore file hides the history: %+v %q", got, why)
	}
}

func TestMergeCommitTellsThePullRequest(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(ann, "base", map[string]string{"p/a_test.go": "one\n"})
	r.git("checkout", "-q", "-b", "topic")
	r.commit(bob, "add a line", map[string]string{"p/a_test.go": "one\ntwo\n"})
	r.git("checkout", "-q", "main")
	r.commit(ann, "elsewhere", map[string]string{"b": "b"})
	r.git("merge", "-q", "--no-ff", "-m", "Merge pull request #42 from bob/topic", "topic")
	got, _ := r.find(r.dir, "", target(culprit.BlameAccess, 2), target(culprit.BlameAccess, 1))
	if len(got) != 2 || got[0].PullRequest != 42 || got[1].PullRequest != 0 {
		t.Errorf("got %+v, want pull request 42 for the merged line only", got)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	empty := newRepo(t)
	if _, why := empty.find(empty.dir, "", target(culprit.BlameAccess, 1)); !strings.Contains(why, "no commit") {
		t.Errorf("empty repository: %q", why)
	}
	r := newRepo(t)
	r.commit(ann, "base", map[string]string{"p/a_test.go": "one\n"})
	for name, c := range map[string]struct {
		dir, rev string
		target   blame.Target
		want     string
	}{
		"no repository":  {t.TempDir(), "", target("access", 1), "no git repository"},
		"unknown commit": {r.dir, "deadbeef", target("access", 1), "does not hold commit deadbeef"},
		"option":         {r.dir, "--output=x", target("access", 1), "does not hold commit"},
		"past the end":   {r.dir, "", target("access", 9), "cannot be blamed"},
		"no such file":   {r.dir, "", blame.Target{Role: "access", File: "-x.go", Line: 1}, "cannot be blamed"},
	} {
		if got, why := r.find(c.dir, c.rev, c.target); len(got) != 0 || !strings.Contains(why, c.want) {
			t.Errorf("%s: got %+v, %q; want %q", name, got, why, c.want)
		}
	}
	if err := os.WriteFile(filepath.Join(r.dir, "p/a_test.go"), []byte("changed\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, why := r.find(r.dir, "", target("access", 1)); len(got) != 0 || !strings.Contains(why, "not committed") {
		t.Errorf("dirty work tree: %+v, %q", got, why)
	}
	if got, _ := r.find(filepath.Join(r.dir, "p"), "HEAD", blame.Target{Role: "access", File: "a_test.go", Line: 1}); len(got) != 1 {
		t.Errorf("a folder inside the repository: %+v", got)
	}
}

// TestShallowClone must not accuse whoever made the boundary commit.
func TestShallowClone(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit(ann, "base", map[string]string{"p/a_test.go": "one\n"})
	r.commit(bob, "elsewhere", map[string]string{"b": "b"})
	clone := &repo{t: t, dir: t.TempDir()}
	clone.git("-c", "protocol.allow=always", "clone", "-q", "--depth=1", "file://"+r.dir, "c")
	got, why := clone.find(filepath.Join(clone.dir, "c"), "", target(culprit.BlameAccess, 1))
	if len(got) != 0 || !strings.Contains(why, "shallow") {
		t.Errorf("got %+v, %q", got, why)
	}
}

func TestHostileAuthor(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("Eve \x1b[31m @everyone <eve@example.com>", "x (#99999999999999999999999)", map[string]string{"p/a_test.go": "one\n"})
	got, _ := r.find(r.dir, "", target(culprit.BlameAccess, 1))
	if len(got) != 1 || strings.ContainsRune(got[0].Author, 0x1b) || got[0].PullRequest != 0 {
		t.Errorf("got %+v", got)
	}
}
