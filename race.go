// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package culprit

// Race is what a report of the Go race detector says.
//
// Source: the report format is printed by ThreadSanitizer's Go runtime,
// compiler-rt/lib/tsan/rtl/tsan_report.cpp (PrintReport under SANITIZER_GO).
type Race struct {
	// Accesses are the two accesses of the report, the later one first, as printed.
	Accesses List[Access] `json:"accesses"`
}

// Op is what an access did to memory.
type Op string

// The operations.
const (
	OpRead  Op = "read"
	OpWrite Op = "write"
)

// MainGoroutine is the goroutine number used for "main goroutine", which the
// detector prints without one.
const MainGoroutine = 0

// Access is one of the two memory accesses of a race report.
type Access struct {
	Op Op `json:"op"`
	// Atomic is true when the detector called the access atomic.
	Atomic bool `json:"atomic"`
	// Address is as printed, "0x00c0000a01e0". It has no meaning beyond one run.
	Address string `json:"address,omitempty"`
	// File, Line and Func are the position of the access: the topmost frame of
	// Stack that is not in the Go runtime. File is relative to the repository
	// when the frame was found there, as printed otherwise. Empty and 0 when
	// the stack was lost.
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func"`
	// Goroutine is the detector's number of the goroutine, [MainGoroutine] for
	// the main one. It is not the runtime's goroutine id.
	Goroutine int `json:"goroutine"`
	// Finished is true when the goroutine had ended before the report.
	Finished bool `json:"finished,omitempty"`
	// Test is the test that owns the goroutine: the innermost test whose
	// function is in its chain of creation. "" when that cannot be told.
	Test string `json:"test"`
	// Stack is the access stack as printed, innermost frame first.
	Stack List[Frame] `json:"stack"`
	// StackLost is true where the detector printed "[failed to restore the stack]".
	StackLost bool `json:"stack_lost,omitempty"`
	// Created is the stack that created the goroutine, innermost frame first.
	// Empty for the main goroutine.
	Created List[Frame] `json:"created"`
}

// Frame is one frame of a stack.
type Frame struct {
	// Func is the symbol as printed, without the trailing "()":
	// "example.com/m/p.(*T).Method.func1".
	Func string `json:"func"`
	// File is relative to the repository when it was found there, as printed
	// otherwise; Line is 1-based.
	File string `json:"file"`
	Line int    `json:"line"`
	// Trust is empty on creation stacks and on stacks that were not checked.
	Trust Trust `json:"trust,omitempty"`
	// Why is the reason of a [TrustPhantom] or [TrustUnknown] frame.
	Why string `json:"why,omitempty"`
}

// Trust says whether a frame can be true.
type Trust string

// The levels of trust.
const (
	// TrustOK: the statement at the frame's line can have called the frame above it.
	TrustOK Trust = "ok"
	// TrustPhantom: it cannot; the frame is left over from an earlier call
	// (golang/go#46095).
	TrustPhantom Trust = "phantom"
	// TrustUnknown: the source needed to tell is not at hand.
	TrustUnknown Trust = "unknown"
)
