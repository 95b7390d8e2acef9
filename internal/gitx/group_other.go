// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package gitx

import "os/exec"

// killGroup leaves cmd as it is: the end of the context kills git alone.
func killGroup(*exec.Cmd) {}
