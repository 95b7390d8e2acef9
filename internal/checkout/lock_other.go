// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package checkout

import "os"

// canLock is false: without a lock nobody knows whether a clone is in use, and none is deleted.
const canLock = false

func lock(*os.File) error { return nil }

func lockAlone(*os.File) error { return nil }

func tryLock(*os.File) (bool, error) { return false, nil }
