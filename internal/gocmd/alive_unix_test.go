// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package gocmd

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// alive says whether the process with that number still runs. A killed process
// that its new parent has not reaped yet is dead; the kernel needs a moment to
// get there, so the question is repeated for up to five seconds.
func alive(t *testing.T, text string) bool {
	t.Helper()
	pid, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("not a process number: %q", text)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return false
		}
		// "pid (name) Z …": a zombie. Only Linux has this file.
		if stat, err := os.ReadFile("/proc/" + text + "/stat"); err == nil && strings.Contains(string(stat), ") Z ") {
			return false
		}
	}
	return true
}
