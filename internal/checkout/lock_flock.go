// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package checkout

import (
	"errors"
	"os"
	"syscall"
)

// canLock says that the system has locks which end with the process that holds them.
const canLock = true

// lock waits for a shared lock on a file. Closing the file gives it back.
func lock(f *os.File) error { return flock(f, syscall.LOCK_SH) }

// lockAlone waits for the lock alone, giving back a shared one first.
func lockAlone(f *os.File) error { return flock(f, syscall.LOCK_EX) }

// tryLock takes the lock alone, false when somebody holds it.
func tryLock(f *os.File) (bool, error) {
	err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
