// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// killMarked kills every process whose environment names the sandbox: those
// that left their group, and those of a sandbox whose owner was killed. It looks
// again until a pass finds none, as a process may start another one meanwhile. It
// returns whether there was any.
func killMarked(root string) (found bool) {
	want := []byte(marker + "=" + root)
	for range 20 {
		if !killPass(want) {
			return found
		}
		found = true
	}
	return found
}

func killPass(want []byte) (found bool) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err != nil {
			continue // another user's, or gone
		}
		for entry := range bytes.SplitSeq(env, []byte{0}) {
			if bytes.Equal(entry, want) && syscall.Kill(pid, syscall.SIGKILL) == nil {
				found = true
			}
		}
	}
	return found
}
