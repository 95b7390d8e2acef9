// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package partlock defines an analyzer that finds accesses without the lock under
// which most others are made.
//
// # Analyzer partlock
//
// partlock: report accesses of a field without the lock that guards the others
//
// A lock keeps apart only those who take it:
//
//	func (m *Meter) Add(n int) {
//		m.mu.Lock()
//		defer m.mu.Unlock()
//		m.total += n
//	}
//
//	func (m *Meter) Total() int { return m.total } // races with Add
//
// The other access takes it too:
//
//	func (m *Meter) Total() int {
//		m.mu.Lock()
//		defer m.mu.Unlock()
//		return m.total
//	}
//
// Reported is an access of a field without a lock, when most other accesses of the
// field in the package hold one and the same, at least two, and one of the two
// accesses writes.
//
// # When not to worry
//
// Nothing is reported while the object is being made, in a function whose name or
// comment says that its caller holds the lock, and in one whose callers in the
// package all do. Often the object is not shared yet, or not any more: this
// analyzer runs only when it is named. If something else orders the accesses, say
// so in a directive:
//
//	//culprit:ignore partlock the workers have ended when Close reads it
package partlock
