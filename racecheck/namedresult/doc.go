// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package namedresult defines an analyzer that finds named results which
// goroutines use while their function goes on.
//
// # Analyzer namedresult
//
// namedresult: report named results used by concurrent function literals
//
// A named result is one variable that every return statement assigns, also one
// that seems to return something else. A goroutine that captures it races with
// them:
//
//	func fetch(ctx context.Context) (err error) {
//		go func() {
//			err = warm(ctx) // the result of fetch
//		}()
//		return load(ctx) // assigns err as well
//	}
//
// The goroutine gets a variable of its own, and hands over what it found:
//
//	func fetch(ctx context.Context) (err error) {
//		go func() {
//			if err := warm(ctx); err != nil {
//				log.Print(err)
//			}
//		}()
//		return load(ctx)
//	}
//
// # When not to worry
//
// Nothing is reported where the function waits for the goroutine before it uses
// the result or returns. If something else orders them, say so in a directive:
//
//	//culprit:ignore namedresult run returns only after the callback
//
// Named after section 4.1.3 of "A Study of Real-World Data Races in Golang"
// (PLDI 2022).
package namedresult
