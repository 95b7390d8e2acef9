// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package gocmd

import (
	"os/exec"
	"strconv"
)

// ownGroup makes the end of cmd's context end the process tree where the system
// has a command for it (taskkill on Windows), and the go command alone
// otherwise. The function returned has nothing to do here: a tree cannot be
// found any more once its root has ended.
func ownGroup(cmd *exec.Cmd) (stop func()) {
	cmd.WaitDelay = pipeGrace
	cmd.Cancel = func() error {
		if err := exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run(); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	return func() {}
}

// killAtOnce has nothing to add to [ownGroup] here.
func killAtOnce(*exec.Cmd) {}
