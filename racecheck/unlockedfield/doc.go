// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package unlockedfield defines an analyzer that finds fields which a goroutine of
// the package writes and other code uses, with no lock on either side.
//
// # Analyzer unlockedfield
//
// unlockedfield: report fields that a goroutine writes and others use, without a lock
//
// What a goroutine writes and a method reads needs something that orders the two:
//
//	func (p *Poller) Start() { go p.run() }
//
//	func (p *Poller) run() {
//		for range p.ticks {
//			p.seen++
//		}
//	}
//
//	func (p *Poller) Seen() int { return p.seen } // races with run
//
// A lock on both sides does:
//
//	func (p *Poller) run() {
//		for range p.ticks {
//			p.mu.Lock()
//			p.seen++
//			p.mu.Unlock()
//		}
//	}
//
//	func (p *Poller) Seen() int {
//		p.mu.Lock()
//		defer p.mu.Unlock()
//		return p.seen
//	}
//
// Reported is a write by a method that the package starts with go, or by one that
// this calls on its receiver, when another method uses the same field, neither
// holds a lock, and no signal after the one or wait before the other is in sight.
//
// # When not to worry
//
// Whether the two methods have one object is not followed, nor what orders them
// further away: this analyzer runs only when it is named. Nothing is reported while
// the object is being made, and where the other function is the one that starts the
// goroutine afterwards. If something orders the accesses, say so in a directive:
//
//	//culprit:ignore unlockedfield Stop waits for run, and Seen is called after it
package unlockedfield
