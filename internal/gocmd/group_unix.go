// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package gocmd

import (
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"
)

// ownGroup gives cmd a process group of its own and makes the end of its
// context end the group: interrupted first, so that the go command can remove
// its temporary directory, killed after [interruptGrace]. The function returned
// must be called once cmd.Run has returned; it kills what is left of the group.
//
// A process that makes itself a new session escapes; neither the go command nor
// the tools and test binaries it starts do.
func ownGroup(cmd *exec.Cmd) (stop func()) {
	var later atomic.Pointer[time.Timer]
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = pipeGrace
	cmd.Cancel = func() error {
		group := -cmd.Process.Pid
		later.Store(time.AfterFunc(interruptGrace, func() { _ = syscall.Kill(group, syscall.SIGKILL) }))
		return syscall.Kill(group, syscall.SIGINT)
	}
	return func() {
		if timer := later.Load(); timer != nil {
			timer.Stop()
		}
		if cmd.Process != nil {
			// ESRCH, the usual answer, says that nothing was left.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	}
}

// killAtOnce makes the end of cmd's context kill the group without a warning: a
// test binary has nothing to put in order.
func killAtOnce(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
