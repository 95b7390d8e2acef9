// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package gocmd_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/culprit-ci/culprit/internal/gocmd"
)

// TestPauses: what works for a while takes many times as long when it is stopped
// again and again, and ends all the same; what is stopped can be ended.
func TestPauses(t *testing.T) {
	t.Parallel()
	const work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done"
	run := func(pause, work time.Duration, timeout time.Duration, script string) (gocmd.Ending, string) {
		t.Helper()
		var out bytes.Buffer
		end, err := gocmd.RunBinary(t.Context(), gocmd.Binary{
			Path: "/bin/sh", Args: []string{"-c", script}, Dir: t.TempDir(), Env: os.Environ(), Output: &out, Timeout: timeout, Pause: pause, Run: work,
		})
		if err != nil {
			t.Fatal(err)
		}
		return end, out.String()
	}
	plain, out := run(0, 0, time.Minute, work)
	if plain.Code != 0 || out != "done\n" {
		t.Fatalf("%+v, %q", plain, out)
	}
	paused, out := run(100*time.Millisecond, 5*time.Millisecond, time.Minute, work)
	if paused.Code != 0 || out != "done\n" || paused.Took < 200*time.Millisecond {
		t.Errorf("with pauses: %+v, %q; without: %+v", paused, out, plain)
	}
	if end, _ := run(time.Hour, time.Millisecond, 300*time.Millisecond, "while :; do :; done"); !end.TimedOut {
		t.Errorf("a stopped process is not ended: %+v", end)
	}
}
