// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
	"github.com/culprit-ci/culprit/internal/repro"
)

// TestProveKilled ends the real `culprit prove` at random moments, by SIGKILL and
// by SIGTERM in turns: the case file stays readable, the checkout as it was, no
// process and no folder is left, and the last run, which nobody ends, finishes.
// CULPRIT_KILLS is how often, 3 by default.
func TestProveKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what a killed process left is found with what the kernel of Linux tells")
	}
	ctx := t.Context()
	if ok, why, err := gocmd.RaceReady(ctx, ""); err != nil || !ok {
		t.Skipf("no race detector: %s %v", why, err)
	}
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("CULPRIT_KILLS")); err == nil {
		kills = n
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("CULPRIT_TEST_BE_CULPRIT", "yes")
	demo, file := filepath.Join(t.TempDir(), "demo"), filepath.Join(t.TempDir(), "case.json")
	run := func(ctx context.Context, sig os.Signal, args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, os.Args[0], args...)
		cmd.Cancel = func() error { return cmd.Process.Signal(sig) }
		return cmd.CombinedOutput()
	}
	if out, err := run(ctx, os.Kill, "demo", "--prove=false", "--keep", demo, "--format", "json", "-o", file); err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	before := tree(t, demo)
	repo := repoIn(t, demo)
	prove := []string{"prove", file, "--repo", repo, "--format", "json", "--budget", "5m"}
	fresh, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if out, err := run(ctx, os.Kill, prove...); err != nil {
		t.Fatalf("prove: %v\n%s", err, out)
	}
	took := time.Since(start)
	clean := func(i int, sig os.Signal) {
		t.Helper()
		if sig == os.Kill {
			repro.Sweep() // as the next run does first
		}
		for _, p := range []string{"culprit-prove-*", "culprit-fix-*"} {
			if left, _ := filepath.Glob(filepath.Join(tmp, p)); len(left) > 0 {
				t.Fatalf("kill %d (%v): %v is left", i, sig, left)
			}
		}
		if left := using(tmp); len(left) > 0 {
			t.Fatalf("kill %d (%v): still running: %v", i, sig, left)
		}
		if after := tree(t, demo); after != before {
			t.Fatalf("kill %d (%v): the checkout changed:\n%s\nwas\n%s", i, sig, after, before)
		}
		data, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(data, &culprit.Case{}) != nil {
			t.Fatalf("kill %d (%v): the case is no longer one: %v", i, sig, err)
		}
	}
	killed, runs := 0, 0
	for ; killed < kills && runs < 10*kills; runs++ {
		sig := []os.Signal{os.Kill, syscall.SIGTERM}[killed%2]
		dying, cancel := context.WithTimeout(ctx, rand.N(took*3/4))
		_, err := run(dying, sig, prove...)
		cancel()
		clean(runs, sig)
		if err != nil {
			killed++
			continue
		}
		// A finished proof has nothing left to end.
		if err := os.WriteFile(file, fresh, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := run(ctx, os.Kill, prove...)
	if err != nil {
		t.Fatalf("the last run: %v\n%s", err, out)
	}
	clean(runs, os.Interrupt)
	if !bytes.Contains(out, []byte(`"verified"`)) {
		t.Errorf("the last run did not finish:\n%s", out)
	}
	t.Logf("%d of %d runs ended before they were done; a whole run takes %v", killed, runs, took.Round(time.Second))
}

// repoIn is the git work tree below a folder.
func repoIn(t *testing.T, dir string) string {
	t.Helper()
	repo := ""
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, _ error) error {
		if d != nil && d.Name() == ".git" && repo == "" {
			repo = filepath.Dir(p)
		}
		return nil
	})
	if repo == "" {
		t.Fatal("the demo has no repository")
	}
	return repo
}

// tree describes the files below a folder, but for git's own.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(p)
		b.WriteString(p + " " + strconv.Itoa(len(data)) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// using lists the processes whose command line or environment names a folder, but
// for this one.
func using(dir string) []string {
	var list []string
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		if filepath.Base(p) == strconv.Itoa(os.Getpid()) {
			continue
		}
		cmd, _ := os.ReadFile(filepath.Join(p, "cmdline"))
		env, _ := os.ReadFile(filepath.Join(p, "environ"))
		if bytes.Contains(cmd, []byte(dir)) || bytes.Contains(env, []byte("CULPRIT_SANDBOX="+dir)) {
			list = append(list, strings.ReplaceAll(string(cmd), "\x00", " "))
		}
	}
	return list
}
