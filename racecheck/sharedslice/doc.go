// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sharedslice defines an analyzer that finds slices whose elements
// concurrent functions write in one place.
//
// # Analyzer sharedslice
//
// sharedslice: report elements of one slice that concurrent functions write, by append or by a fixed index
//
// Goroutines that write one element each do not race. But append writes into the
// room behind the slice where there is some, and there is only one such room:
//
//	common := append([]Option{}, defaults...)
//	for _, tc := range cases {
//		t.Run(tc.name, func(t *testing.T) {
//			t.Parallel()
//			opts := append(common, tc.options...) // all write behind common
//			run(t, opts)
//		})
//	}
//
// A slice without room is copied by append:
//
//	common := append([]Option{}, defaults...)
//	for _, tc := range cases {
//		t.Run(tc.name, func(t *testing.T) {
//			t.Parallel()
//			opts := append(common[:len(common):len(common)], tc.options...)
//			run(t, opts)
//		})
//	}
//
// The same is true of an element with a constant index that several goroutines
// write, and of code that reads all elements while a goroutine writes one.
//
// # When not to worry
//
// An append is reported where the slice may have room: it was made by append, by a
// make with a capacity, or by slicing. Nothing is reported where a lock, a
// channel, a wait or a serial t.Run can order the accesses. If it has no room, say
// so in a directive:
//
//	//culprit:ignore sharedslice the capacity is the length
package sharedslice
