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
// process holds it. A child that this process has forked holds its locks, too, until
// it executes its program; see the lock of internal/checkout.
func tryLock(f *os.File) (free bool, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
