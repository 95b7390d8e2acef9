// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package gocmd

import "os"

// CanPause says whether a process can be stopped for a while here.
const CanPause = false

var stopSignal, contSignal os.Signal = os.Kill, os.Kill // never sent
