// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package copiedlock defines an analyzer that finds locks which are taken of a
// copy, and so keep nobody away from what the copy shares with the original.
//
// # Analyzer copiedlock
//
// copiedlock: report locking of a mutex that belongs to a copy
//
// A method with a value receiver locks the mutex of its own copy, while the map is
// the same for all:
//
//	func (t Tally) Inc(key string) {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		t.counts[key]++
//	}
//
// With a pointer there is one mutex:
//
//	func (t *Tally) Inc(key string) {
//		t.mu.Lock()
//		defer t.mu.Unlock()
//		t.counts[key]++
//	}
//
// Reported is a call of Lock or RLock on a mutex inside a receiver, a parameter or
// a variable that holds a copy, when something is accessed under it that is no
// part of the copy. go vet's copylocks reports the copies themselves, more of them
// and earlier: this analyzer is there to explain a race that has been seen.
//
// # When not to worry
//
// Nothing is reported when all that is accessed under the lock belongs to the
// copy. If nobody else uses the original, say so in a directive:
//
//	//culprit:ignore copiedlock the original is thrown away
package copiedlock
