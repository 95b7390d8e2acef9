// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package otherlock defines an analyzer that finds accesses under another lock than
// the one under which what they access is written.
//
// # Analyzer otherlock
//
// otherlock: report accesses of a field under another lock than its own
//
// An object often has a lock of its own, and is a part of one with another lock:
//
//	func (s *Server) drop(id int) {
//		s.peers.mu.Lock()
//		defer s.peers.mu.Unlock()
//		delete(s.peers.byID, id)
//	}
//
//	func TestPeers(t *testing.T) {
//		…
//		s.mu.Lock() // not the lock of the peers
//		defer s.mu.Unlock()
//		for id, p := range s.peers.byID {
//
// Whoever takes a lock expects that somebody else uses what it is for. Take the one
// that the others take:
//
//	s.peers.mu.Lock()
//	defer s.peers.mu.Unlock()
//	for id, p := range s.peers.byID {
//
// # When not to worry
//
// Nothing is reported where a write of the field is made without the lock, or with
// both. If the other lock keeps every writer away as well, say so in a directive:
//
//	//culprit:ignore otherlock nobody drops a peer without s.mu
package otherlock
