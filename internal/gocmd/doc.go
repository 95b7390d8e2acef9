// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package gocmd is the only runner of the go command.
//
// [Run] waits for one go command, bounds what is kept of its output and, when
// the context ends, ends the whole process group, so that no compiler and no
// test binary outlives the call. [LockedEnv] is the environment for a tree that
// others wrote: no network, no toolchain download, no cgo, no flags from
// outside, no secrets. [RaceReady] says whether `go test -race` can work here
// and, if not, what to install.
package gocmd
