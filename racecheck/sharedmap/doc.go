// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sharedmap defines an analyzer that finds maps which concurrent
// functions write.
//
// # Analyzer sharedmap
//
// sharedmap: report maps written by one of several concurrent functions
//
// A map is one object: writes of different keys race with each other, and the
// runtime ends the process when it notices ("fatal error: concurrent map writes"),
// with or without the race detector:
//
//	seen := map[string]bool{}
//	for _, name := range names {
//		go func() {
//			seen[name] = check(name)
//		}()
//	}
//
// A lock around every access keeps them apart:
//
//	var mu sync.Mutex
//	seen := map[string]bool{}
//	for _, name := range names {
//		go func() {
//			ok := check(name)
//			mu.Lock()
//			seen[name] = ok
//			mu.Unlock()
//		}()
//	}
//
// # When not to worry
//
// Nothing is reported where both sides hold a lock, or where a channel, a wait or
// a serial t.Run can order them. If something else does, say so in a directive:
//
//	//culprit:ignore sharedmap the workers take turns
package sharedmap
