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

// tryLock takes the lock alone, false when somebody holds it. A child that this
// process has forked holds every lock of it until it executes its program, also one
// that was given back meanwhile, so that it waits for that moment: Linux forks with
// CLONE_VFORK and syscall keeps ForkLock over it. Elsewhere the child may still be
// there, and the answer false.
func tryLock(f *os.File) (bool, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
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
