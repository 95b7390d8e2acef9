// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	_ "embed"
	"path"
)

// helperSource is the package that is added, by overlay, to the module of the
// tests. All instrumented packages import it, so that they share its state: a
// package of the main module can be imported by any package of the build.
//
//go:embed helper.go.txt
var helperSource []byte

// helperDir is the folder of the helper in its module.
const helperDir = "culprit_delay"

// The environment that steers the helper, see helper.go.txt.
const (
	envMode = "CULPRIT_DELAY"
	envWait = "CULPRIT_DELAY_MS"
)

// Mode says which delays are on. One binary serves all modes.
type Mode string

// The modes.
const (
	ModeOff    Mode = ""
	ModeMeet   Mode = "meet"   // each access waits for the other one
	ModeFirst  Mode = "first"  // the first site waits, the second does not
	ModeSecond Mode = "second" // the other way round
)

// Point is a statement to be delayed.
type Point struct {
	// File is relative to the tree's root.
	File string
	Line int
	// Func is the symbol of the frame, which tells a function literal from the
	// statement around it; "" when not known.
	Func string
	// Side is 0 or 1: the access of the report.
	Side int
}

// Same reports whether two points are one line.
func (p Point) Same(q Point) bool { return p.File == q.File && p.Line == q.Line }

// helperImport is the import path of the helper in a module.
func helperImport(modulePath string) string { return path.Join(modulePath, helperDir) }
