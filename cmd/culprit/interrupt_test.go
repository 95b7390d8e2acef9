// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestInterruptCleansUp sends what Ctrl-C sends while the demo works in its
// temporary folder.
func TestInterruptCleansUp(t *testing.T) {
	t.Parallel()
	if ready, _ := condition("race-ready"); !ready {
		t.Skip("git, go and a C compiler are needed")
	}
	tmp := t.TempDir()
	cmd := exec.Command("culprit", "demo") // testscript.Main has put it into PATH
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	var out strings.Builder
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(first, tmp) {
		t.Errorf("first line = %q, %v; want the folder", first, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 2 || out.Len() != 0 {
		t.Errorf("code = %d, stdout = %q; want 2 and nothing", code, out.String())
	}
	if !strings.HasSuffix(string(rest), "culprit: interrupted; nothing was reported\n") {
		t.Errorf("stderr = %q", rest)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "culprit*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSecondInterruptKills: when the work does not end on the first signal, the
// next one ends the process. Standard error is a pipe that nobody empties, so
// the last words of the first interrupt block.
func TestSecondInterruptKills(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fill(t, w)
	cmd := exec.Command("culprit", "triage")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	// What is read is being triaged: the signal handler is there.
	if _, err := in.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	// The first is caught, one of the next kills.
	for cmd.Process.Signal(os.Interrupt) == nil {
		runtime.Gosched()
	}
	<-done
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
		t.Errorf("ended with %v, want by a signal", cmd.ProcessState)
	}
}

// fill writes to a pipe until it is full.
func fill(t *testing.T, w *os.File) {
	t.Helper()
	fd := int(w.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := syscall.Write(fd, make([]byte, 4096)); err != nil {
			break
		}
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
}
