// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package lazyinit defines an analyzer that finds values which are made on their
// first use, where two uses can be the first.
//
// # Analyzer lazyinit
//
// lazyinit: report values made on first use without a lock or a Once
//
// Two goroutines that both find the value missing both make it, and a third may
// see one that is not filled in yet:
//
//	func (s *Service) Client() *Client {
//		if s.client == nil {
//			s.client = dial(s.addr)
//		}
//		return s.client
//	}
//
// A sync.Once makes it once, and orders every look at it after that:
//
//	func (s *Service) Client() *Client {
//		s.once.Do(func() { s.client = dial(s.addr) })
//		return s.client
//	}
//
// Reported is an if that looks without a lock whether a field or package variable
// is set, and sets it: when a lock is taken only inside (the look is still without
// one), and when the function is known to run on several goroutines: one that the
// package starts gets there and other code does too, or it is an HTTP handler or
// transport.
//
// # When not to worry
//
// Nothing is reported while the object is being made, and where every caller in
// the package holds a lock. If the first use comes before all others, say so in a
// directive:
//
//	//culprit:ignore lazyinit Start is called before the workers are
package lazyinit
