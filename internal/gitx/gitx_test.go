// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package gitx

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	env := []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@x", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@x"}
	out, err := Run(context.Background(), dir, Options{Env: env}, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func repoWith(t *testing.T, file, text string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "one")
	return dir
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), repoWith(t, "f", strings.Repeat("x", 1000))
	_, err := Run(ctx, dir, Options{}, "-c", "a.b=c", "cat-file", "blob", "nothing")
	var ge *Error
	if !errors.As(err, &ge) || ge.Code != 128 || !strings.Contains(err.Error(), "git cat-file: exit code 128: Not a valid object name") {
		t.Errorf("failing git: %v", err)
	}
	if out, err := Run(ctx, dir, Options{MaxOutput: 999}, "cat-file", "blob", "HEAD:f"); !errors.Is(err, ErrTooLong) || out != nil {
		t.Errorf("999 of 1000 bytes: %d bytes, %v", len(out), err)
	}
	if out, err := Run(ctx, dir, Options{MaxOutput: 1000}, "cat-file", "blob", "HEAD:f"); err != nil || len(out) != 1000 {
		t.Errorf("1000 of 1000 bytes: %d bytes, %v", len(out), err)
	}
	if out, err := Run(ctx, dir, Options{Stdin: strings.NewReader("hi\n")}, "hash-object", "--stdin"); err != nil || !strings.HasPrefix(string(out), "45b983b") {
		t.Errorf("stdin: %q, %v", out, err)
	}
}

func TestGitIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Run(context.Background(), "", Options{}, "version"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Run: %v", err)
	}
	if r, why, err := Open(context.Background(), "."); r != nil || err != nil || !strings.Contains(why, "install") {
		t.Errorf("Open: %v, %q, %v", r, why, err)
	}
}

// The end of the context also ends what git has started.
func TestCancelKillsTheGroup(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := repoWith(t, "f", "x")
	started := filepath.Join(dir, "started")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := Run(ctx, dir, Options{}, "-c", "alias.hang=!echo $$ > started; exec sleep 600", "hang")
		done <- err
	}()
	var pid string
	for pid == "" {
		select {
		case err := <-done:
			t.Fatalf("ended early: %v", err)
		default:
		}
		text, _ := os.ReadFile(started)
		pid = strings.TrimSpace(string(text))
		runtime.Gosched()
	}
	start := time.Now()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	// With git alone killed, sleep would hold the pipe until WaitDelay.
	if took := time.Since(start); took >= 2*time.Second {
		t.Errorf("took %v: the child of git outlived it", took)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), repoWith(t, "f", "x")
	sub := filepath.Join(dir, "a", "b c")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	bare, elsewhere := t.TempDir(), repoWith(t, "f", "x")
	git(t, bare, "init", "-q", "--bare")
	git(t, elsewhere, "config", "core.worktree", t.TempDir())
	for name, c := range map[string]struct{ dir, why, path string }{
		"top level":  {dir, "", "x.go"},
		"subfolder":  {sub, "", "a/b c/x.go"},
		"bare":       {bare, "without a work tree", ""},
		"no folder":  {filepath.Join(dir, "f"), "is no folder", ""},
		"none":       {t.TempDir(), "in no git repository", ""},
		"elsewhere":  {elsewhere, "core.worktree", ""},
		"inside git": {filepath.Join(dir, ".git"), "without a work tree", ""},
	} {
		r, why, err := Open(ctx, c.dir)
		if err != nil || (r == nil) != (c.why != "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v, %q, %v", name, r, why, err)
		} else if r != nil && r.Path("x.go") != c.path {
			t.Errorf("%s: path %q", name, r.Path("x.go"))
		}
	}
}

func TestOpenOtherUsersRepository(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir := repoWith(t, "f", "x")
	for _, name := range []string{dir, filepath.Join(dir, ".git")} {
		if err := os.Chown(name, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	r, why, err := Open(context.Background(), dir)
	if r != nil || err != nil || !strings.Contains(why, "safe.directory") {
		t.Errorf("%v, %q, %v", r, why, err)
	}
}

// A repository the user trusts stays trusted when the user's configuration is
// left out.
func TestTrustedRepositoryOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	dir, home := repoWith(t, "f", "x"), t.TempDir()
	if err := errors.Join(os.Chown(dir, 65534, 65534), os.Chown(filepath.Join(dir, ".git"), 65534, 65534),
		os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[safe]\n\tdirectory = "+dir+"\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	r, why, err := Open(context.Background(), dir)
	if r == nil || err != nil {
		t.Fatalf("%q, %v", why, err)
	}
	if hash, why, err := r.Resolve(context.Background(), ""); hash == "" || err != nil {
		t.Errorf("HEAD: %q, %v", why, err)
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), repoWith(t, "-a[b] c", "text")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Skip("no symbolic links here")
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "two")
	r, why, err := Open(ctx, dir)
	if r == nil {
		t.Fatal(why, err)
	}
	hash, _, err := r.Resolve(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		limit int64
		want  string
	}{{"-a[b] c", 4, "text"}, {"-a[b] c", 3, ""}, {"link", 100, ""}, {"gone", 100, ""}} {
		got, err := r.ReadFile(ctx, hash, c.path, c.limit)
		if err != nil || string(got) != c.want || (got == nil) != (c.want == "") {
			t.Errorf("%s, limit %d: %q, %v", c.path, c.limit, got, err)
		}
	}
}
