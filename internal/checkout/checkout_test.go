// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/culprit-ci/culprit/internal/gitx"
)

// origin makes a repository of two commits, with a hook, a filter and a large file.
func origin(t *testing.T) (dir string, first, second string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir = t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet", "-b", "main", ".")
	git("config", "uploadpack.allowFilter", "true")
	git("config", "uploadpack.allowAnySHA1InWant", "true")
	write("a.go", "package a\n")
	write("large.txt", strings.Repeat("0123456789abcdef\n", 1<<17))
	write(".gitattributes", "*.go filter=evil\n")
	git("add", ".")
	git("commit", "--quiet", "-m", "first")
	first = git("rev-parse", "HEAD")
	write("a.go", "package a // changed\n")
	write("large.txt", strings.Repeat("fedcba9876543210\n", 1<<17))
	git("commit", "--quiet", "-am", "second")
	second = git("rev-parse", "HEAD")
	return dir, first, second
}

func TestTree(t *testing.T) {
	dir, first, second := origin(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	c := &Cache{Dir: t.TempDir()}
	src := Source{Host: "github.com", Name: "o/r", Remote: gitx.Remote{URL: "file://" + dir}}
	for _, at := range []struct{ commit, want string }{{first, "package a\n"}, {second, "package a // changed\n"}, {first, "package a\n"}} {
		tree, why, err := c.Tree(t.Context(), src, at.commit)
		if tree == nil {
			t.Fatal(why, err)
		}
		got, err := os.ReadFile(filepath.Join(tree.Dir, "a.go"))
		if err != nil || string(got) != at.want {
			t.Errorf("a.go at %s: %q, %v", at.commit, got, err)
		}
		if st, err := os.Stat(filepath.Join(tree.Dir, "large.txt")); err != nil || st.Size() != 17<<17 {
			t.Errorf("the large file of the commit itself is not whole: %v", err)
		}
		repo, why, err := gitx.Open(t.Context(), tree.Dir)
		if repo == nil {
			t.Fatal(why, err)
		}
		if hash, _, _ := repo.Resolve(t.Context(), ""); hash != at.commit {
			t.Errorf("HEAD is %s", hash)
		}
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// The history is there, without the network.
	clone := filepath.Join(c.Dir, "github.com", "o", "r.git")
	out, err := gitx.Run(t.Context(), clone, gitx.Options{}, "log", "--format=%s", second)
	if err != nil || string(out) != "second\nfirst\n" {
		t.Errorf("history: %q, %v", out, err)
	}
}

func TestTreeRefuses(t *testing.T) {
	t.Parallel()
	dir, first, _ := origin(t)
	c := &Cache{Dir: t.TempDir()}
	src := Source{Host: "github.com", Name: "o/r", Remote: gitx.Remote{URL: "file://" + dir}}
	for _, bad := range []struct {
		src    Source
		commit string
		want   string
	}{
		{src, "main", "not the full hash"},
		{src, "--upload-pack=touch /tmp/x", "not the full hash"},
		{src, strings.Repeat("0", 39) + "1", "not there any more"},
		{Source{Host: "github.com", Name: "../../etc", Remote: src.Remote}, first, "no repository"},
		{Source{Host: "../x", Name: "o/r", Remote: src.Remote}, first, "no repository"},
		{Source{Host: "github.com", Name: "o/gone", Remote: gitx.Remote{URL: "file://" + dir + "-gone"}}, first, "cannot be fetched"},
	} {
		tree, why, err := c.Tree(t.Context(), bad.src, bad.commit)
		if tree != nil || err != nil || !strings.Contains(why, bad.want) {
			t.Errorf("%s %q: %v, %q, %v; want %q", bad.src.Name, bad.commit, tree, why, err, bad.want)
		}
	}
	for _, address := range []string{"ext::sh -c touch% /tmp/x", "ssh://github.com/o/r", "http://example.com/o/r", "https://u:p@github.com/o/r", "git@github.com:o/r"} {
		if _, err := (gitx.Remote{URL: address}).Git(t.Context(), c.Dir, gitx.Options{}, "ls-remote", address); err == nil {
			t.Errorf("%s was allowed", address)
		}
	}
}

// TestTreeTogether lets several cases of one repository start at once.
func TestTreeTogether(t *testing.T) {
	t.Parallel()
	dir, first, second := origin(t)
	c := &Cache{Dir: t.TempDir()}
	src := Source{Host: "github.com", Name: "o/r", Remote: gitx.Remote{URL: "file://" + dir}}
	warm, why, err := c.Tree(t.Context(), src, second)
	if warm == nil {
		t.Fatal(why, err)
	}
	defer warm.Close()
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			commit := []string{first, second}[i%2]
			tree, why, err := c.Tree(context.Background(), src, commit)
			if tree == nil {
				t.Error(why, err)
				return
			}
			if err := tree.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := os.Stat(filepath.Join(warm.Dir, "a.go")); err != nil {
		t.Error("another case deleted this one's work tree:", err)
	}
}
