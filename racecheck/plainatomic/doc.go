// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package plainatomic defines an analyzer that finds plain accesses of what is
// accessed with sync/atomic elsewhere.
//
// # Analyzer plainatomic
//
// plainatomic: report plain accesses of variables that are accessed atomically elsewhere
//
// An atomic operation orders nothing with a plain one; the two race:
//
//	func (s *Server) serve() { atomic.AddInt64(&s.requests, 1) }
//
//	func (s *Server) Requests() int64 { return s.requests }
//
// Every access is atomic instead:
//
//	func (s *Server) Requests() int64 { return atomic.LoadInt64(&s.requests) }
//
// A field of type atomic.Int64 makes the plain access impossible. Reported are
// accesses of fields and package variables. The fix makes the access atomic where
// the function makes only that one.
//
// # When not to worry
//
// Nothing is reported for an object that the function has just made, in a function
// that only makes objects, for accesses that a common lock keeps apart, and in
// tests that have started nothing or waited for something before. If something that the source
// does not show orders the accesses, say so in a directive:
//
//	//culprit:ignore plainatomic the workers have ended when Close is called
package plainatomic
