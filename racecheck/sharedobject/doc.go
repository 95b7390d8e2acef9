// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sharedobject defines an analyzer that finds objects which concurrent
// functions share and one of them changes.
//
// # Analyzer sharedobject
//
// sharedobject: report objects changed by one of several concurrent functions
//
// A variable that is only read can still lead to memory that races: a buffer, a
// map, a generator of random numbers, a struct behind a pointer. Parallel subtests
// that share a fixture do so easily:
//
//	opts := &Options{Retries: 3}
//	for _, tc := range cases {
//		t.Run(tc.name, func(t *testing.T) {
//			t.Parallel()
//			opts.Retries = tc.retries // the one opts of all subtests
//			run(t, opts)
//		})
//	}
//
// Each of them gets an object of its own:
//
//	for _, tc := range cases {
//		t.Run(tc.name, func(t *testing.T) {
//			t.Parallel()
//			opts := &Options{Retries: tc.retries}
//			run(t, opts)
//		})
//	}
//
// What functions and methods do with their receiver and arguments, and with what they
// were given before and keep, such as a test double behind an interface, is known across
// packages: a call of a method that writes a field without a lock counts as the
// write. So does a goroutine that a called function leaves running, when it writes a
// field under a lock that the test looks at without one.
//
// Some goroutines nobody can wait for, whatever else the test waits for: those that tell
// a listener of an event and then do nothing more, go l.OnEvent(e), and a handler that
// goes on after http.TimeoutHandler has answered for it, in a test that makes the time
// short and has the handler sleep. What a goroutine does at every tick counts where the
// test makes a time short.
//
// # When not to worry
//
// Nothing is reported where both sides hold a lock, or where a channel, a wait or
// a serial t.Run can order them. What a function does under a condition counts only
// where it holds a lock for it and the test does not; a goroutine that a function
// leaves running counts only when it does not wait for somebody first. Elements of
// slices are not looked at, since goroutines often have one each, and outside of
// tests only the entries of maps are; where libraryobject or sharedmap reports the
// place, that is enough. If the two functions never get the same
// object, or are ordered by something the source does not show, say so in a
// directive:
//
//	//culprit:ignore sharedobject the worker has ended when stats is called
package sharedobject
