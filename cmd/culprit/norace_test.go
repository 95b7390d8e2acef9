// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package main

// raceDetector says whether this test was built with -race.
const raceDetector = false
