// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package parentend defines an analyzer that finds deferred calls of a test which
// end what its parallel subtests still use.
//
// # Analyzer parentend
//
// parentend: report deferred calls that end what parallel subtests still use
//
// A subtest that calls t.Parallel goes on when the function around it has
// returned, and so after its deferred calls:
//
//	func TestAPI(t *testing.T) {
//		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
//		defer cancel()
//		srv := httptest.NewServer(handler)
//		defer srv.Close()
//		t.Run("get", func(t *testing.T) {
//			t.Parallel()
//			get(t, ctx, srv.URL) // cancelled and closed by now
//		})
//	}
//
// A cleanup runs when the subtests are over:
//
//	func TestAPI(t *testing.T) {
//		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
//		t.Cleanup(cancel)
//		srv := httptest.NewServer(handler)
//		t.Cleanup(srv.Close)
//		t.Run("get", func(t *testing.T) {
//			t.Parallel()
//			get(t, ctx, srv.URL)
//		})
//	}
//
// Reported are calls of methods like Close, Stop and Shutdown on a variable that
// such a subtest uses, and of the cancel function of a context that it uses.
//
// # When not to worry
//
// Nothing is reported for subtests inside a serial t.Run: that waits for them. If
// the subtest has no need of what was ended, say so in a directive:
//
//	//culprit:ignore parentend the subtests want a closed server
package parentend
