// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package gitx

import (
	"os/exec"
	"syscall"
)

// killGroup gives cmd a process group of its own and kills all of it when the
// context ends.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
