// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/culprit-ci/culprit/internal/gitx"
)

// The test binary can stand in for a culprit that is killed: with this variable
// it opens a sandbox of that folder, starts a process in it and waits.
const actAs = "CULPRIT_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(actAs); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

func victim(dir string) {
	s, why, err := Open(context.Background(), dir, "", nil)
	if s == nil {
		println(why, err)
		os.Exit(2)
	}
	cmd := exec.Command("sleep", "600") // it leaves its parent's group
	cmd.Env = s.env()
	if err := cmd.Start(); err != nil {
		os.Exit(2)
	}
	os.Stdout.WriteString(s.Root + "\n")
	_ = cmd.Wait()
	runtime.KeepAlive(s) // its finalizer would give the lock back
}

// TestSweep kills a process outright that has a sandbox, and sweeps.
func TestSweep(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("killed sandboxes are swept with what the kernel of Linux tells")
	}
	dir := module(t, "m_test.go", "package m\n")
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), actAs+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(buf[:n]))
	if n := Sweep(); n != 0 {
		t.Errorf("%d sandboxes in use were swept", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if n := Sweep(); n != 1 {
		t.Errorf("%d sandboxes were swept, want 1", n)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", root, err)
	}
	if killMarked(root) {
		t.Error("a process of the sandbox was still there")
	}
}

// TestOpenCopies checks that uncommitted files are part of the copy, that a
// commit is had as committed, and that the checkout stays as it is.
func TestOpenCopies(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := module(t, "sub/p.go", "package p // committed\n", "big/x", "x")
	git := func(args ...string) {
		t.Helper()
		env := []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com"}
		if _, err := gitx.Run(ctx, dir, gitx.Options{Env: env}, args...); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	write(t, filepath.Join(dir, "sub/p.go"), "package p // changed\n")
	write(t, filepath.Join(dir, "new.go"), "package m\n")
	if err := os.Symlink("/etc", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("sub", filepath.Join(dir, "in")); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	s := sandbox(t, filepath.Join(dir, "sub"))
	if got := read(t, filepath.Join(s.Tree, "p.go")); got != "package p // changed\n" {
		t.Errorf("the copy has %q", got)
	}
	for name, want := range map[string]bool{"../new.go": true, "../in": true, "../out": false, "../.git": false, "../go.mod": true} {
		if _, err := os.Lstat(filepath.Join(s.Tree, name)); (err == nil) != want {
			t.Errorf("%s in the copy: %v", name, err)
		}
	}
	c, why, err := Open(ctx, dir, "HEAD", nil)
	if c == nil {
		t.Fatal(why, err)
	}
	if got := read(t, filepath.Join(c.Tree, "sub/p.go")); got != "package p // committed\n" {
		t.Errorf("the commit's copy has %q", got)
	}
	if _, err := os.Lstat(filepath.Join(c.Tree, "new.go")); err == nil {
		t.Error("the commit's copy has a file that is in no commit")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the sandbox is still there: %v", err)
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the checkout changed:\n%s\nwas\n%s", after, before)
	}
	if c, why, err := Open(ctx, dir, "nonsense", nil); c != nil || why == "" || err != nil {
		t.Errorf("a commit that does not exist: %v, %q, %v", c, why, err)
	}
}

func TestEnvIsScrubbed(t *testing.T) {
	dir := module(t, "m.go", "package m\n")
	t.Setenv("GITHUB_TOKEN", "x")
	t.Setenv("SOMETHING_ELSE", "x")
	t.Setenv("GOFLAGS", "-run=nothing")
	s, why, err := Open(context.Background(), dir, "", []string{"DSN=given"})
	if s == nil {
		t.Fatal(why, err)
	}
	defer s.Close()
	env := "\n" + strings.Join(s.env(), "\n") + "\n"
	for entry, want := range map[string]bool{
		"\nGITHUB_TOKEN=": false, "\nSOMETHING_ELSE=": false, "-run=nothing": false, "\nHOME=" + s.Root: true,
		"\nDSN=given\n": true, "\nGOTOOLCHAIN=local\n": true, "\nPATH=": true,
	} {
		if strings.Contains(env, entry) != want {
			t.Errorf("%q in the environment: %v", entry, !want)
		}
	}
}

// listing has the names, modes, sizes and times of all that is below dir.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err != nil {
			return err
		}
		b.WriteString(p + " " + st.Mode().String() + " " + st.ModTime().String() + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
