// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package sleepwait defines an analyzer that finds variables which are read after
// a sleep that is meant to wait for whoever writes them.
//
// # Analyzer sleepwait
//
// sleepwait: report variables read after a sleep that is meant to wait for their writer
//
// A sleep gives another goroutine time to write a variable, and orders nothing:
//
//	evicted := 0
//	cache := New(Options{OnEvict: func() { evicted++ }})
//	fill(cache)
//	time.Sleep(10 * time.Millisecond)
//	if evicted != 3 {
//		t.Errorf("evicted %d", evicted)
//	}
//
// The variable becomes an atomic one, or the function says when it is done:
//
//	var evicted atomic.Int64
//	cache := New(Options{OnEvict: func() { evicted.Add(1) }})
//	fill(cache)
//	for evicted.Load() != 3 {
//		time.Sleep(time.Millisecond)
//	}
//
// Reported is a read that directly follows a sleep, with nothing but checks in
// between, or that a helper like require.Eventually polls; when a function that was
// given to somebody before writes the variable. The same holds for a bytes.Buffer
// or strings.Builder that was given to somebody, and for a struct whose methods
// write the field that is read. Why else would one sleep there?
//
// # When not to worry
//
// Nothing is reported where the read holds a lock, is atomic, or anything is called
// or received between the sleep and the read. Nor where the sleep is to see that
// nothing more comes: the writer was waited for or ended before it, or the check fails
// when anybody has written the variable; nor where nothing that the test calls starts
// a goroutine. If the writer runs on the goroutine that sleeps, say so in a directive:
//
//	//culprit:ignore sleepwait the hook runs inside fill, the sleep is for the clock
package sleepwait
