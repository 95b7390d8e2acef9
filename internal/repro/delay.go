// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	_ "embed"
	"fmt"
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
	// The goroutine of the first, or second, access starts late: what it finds when
	// it gets there decides whether it gets there at all.
	ModeFirstStart  Mode = "first-start"
	ModeSecondStart Mode = "second-start"
)

// startSide is added to the side of a point that is the start of a goroutine.
// From oneSide on each point is late by itself; the helper knows maxOnes of them.
const (
	startSide = 2
	oneSide   = 4
	maxOnes   = 4
)

// modeOne is the mode in which the points of a side from oneSide on are late.
func modeOne(side int) Mode { return Mode(fmt.Sprintf("late%d", side)) }

// Point is a statement to be delayed.
type Point struct {
	// File is relative to the tree's root.
	File string
	Line int
	// Func is the symbol of the frame, which tells a function literal from the
	// statement around it; "" when not known.
	Func string
	// Side is 0 or 1: the access of the report; with [startSide] added, the start of
	// the function that its goroutine runs, which holds the line; from [oneSide] on
	// any statement.
	Side int
	// What describes such a statement.
	What string
}

// Same reports whether two points are one line.
func (p Point) Same(q Point) bool { return p.File == q.File && p.Line == q.Line }

// self reports whether both accesses are one line.
func (t *Target) self() bool {
	var list []Point
	for _, p := range t.Points {
		if p.Side < startSide {
			list = append(list, p)
		}
	}
	return len(list) == 2 && list[0].Same(list[1])
}

// helperImport is the import path of the helper in a module.
func helperImport(modulePath string) string { return path.Join(modulePath, helperDir) }
