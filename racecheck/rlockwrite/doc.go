// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package rlockwrite defines an analyzer that finds writes to a shared object for
// which only the read lock of its RWMutex is held.
//
// # Analyzer rlockwrite
//
// rlockwrite: report writes under RLock
//
// Any number of goroutines hold the read lock of a sync.RWMutex at the same time,
// so it keeps no two writes apart:
//
//	func (c *Cache) Get(key string) string {
//		c.mu.RLock()
//		defer c.mu.RUnlock()
//		c.hits++ // two Gets at the same time race
//		return c.entries[key]
//	}
//
// The write needs the lock itself:
//
//	func (c *Cache) Get(key string) string {
//		c.mu.Lock()
//		defer c.mu.Unlock()
//		c.hits++
//		return c.entries[key]
//	}
//
// Reported is a write to a field, or to an entry of a map, of the object whose
// read lock the function holds, while it holds no other lock. A plain assignment is
// one only where another function holds the lock itself for the same field: some
// read locks only keep an object from being closed meanwhile. The fix takes the
// lock itself instead; it is offered where the function's calls of RLock and
// RUnlock are plain statements and nothing that it calls in the package takes the
// same lock.
//
// # When not to worry
//
// Nothing is reported in test files, whose doubles are as a rule called by one
// goroutine at a time, nor for a plain assignment when nobody else holds the read
// lock for what is written, nor for atomic operations, elements of slices, which
// goroutines often have one each, objects that the function has just made, and
// behind a send, a receive or a compare-and-swap, which may let one in at a time.
// If only one goroutine ever gets there, and every other access takes the lock
// itself, say so in a directive:
//
//	//culprit:ignore rlockwrite only the sweeper gets here, readers take Lock
package rlockwrite
