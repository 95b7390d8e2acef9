// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package loopvar defines an analyzer that finds loop variables which goroutines
// use while the loop goes on, in modules below Go 1.22.
//
// # Analyzer loopvar
//
// loopvar: report loop variables used by goroutines before Go 1.22
//
// Before Go 1.22 a loop has one variable for all iterations. A goroutine started
// in the loop reads it while the loop assigns the next value:
//
//	for _, res := range resources {
//		go func() {
//			res.Release() // whichever res is by then
//		}()
//	}
//
// Each iteration gets a variable of its own:
//
//	for _, res := range resources {
//		res := res
//		go func() {
//			res.Release()
//		}()
//	}
//
// What decides is the version in the go directive of go.mod, or the build
// constraint of the file. With 1.22 or later nothing is reported.
//
// # When not to worry
//
// Nothing is reported where the loop waits for the goroutine before its next
// iteration. A loop variable used by a parallel subtest does not race, as
// subtests go on after the loop: that all of them see the last value is a bug that
// go vet's loopclosure reports. Otherwise say in a directive what keeps the loop
// from going on:
//
//	//culprit:ignore loopvar the loop returns after the first match
//
// Named after section 4.1.1 of "A Study of Real-World Data Races in Golang"
// (PLDI 2022).
package loopvar
