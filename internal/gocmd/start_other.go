// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package gocmd

import (
	"os/exec"
	"time"
)

// startWait starts cmd, calls started, and waits.
func startWait(cmd *exec.Cmd, started func()) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started()
	}
	return cmd.Wait()
}

// resident cannot be told here.
func resident(int) (int64, bool) { return 0, false }

// worked cannot be told here.
func worked(int) (time.Duration, bool) { return 0, false }
