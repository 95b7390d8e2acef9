// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package repro

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of a file for as long as the file is open; the kernel
// gives it up when the process dies, however it dies. free is false when another
// process holds it.
func tryLock(f *os.File) (free bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
