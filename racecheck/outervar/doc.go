// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package outervar defines an analyzer that finds variables which are captured
// by function literals that run at the same time, and written by one of them.
//
// # Analyzer outervar
//
// outervar: report captured variables written by concurrent function literals
//
// A function literal shares the variables of the functions around it. When
// parallel subtests or goroutines assign such a variable with = instead of
// declaring their own with :=, they race:
//
//	ws, err := client.Workspace(ctx, id)
//	require.NoError(t, err)
//	t.Run("Send", func(t *testing.T) {
//		t.Parallel()
//		err = store.UpdateHealth(ctx, id) // the outer err
//		require.NoError(t, err)
//	})
//	t.Run("Logs", func(t *testing.T) {
//		t.Parallel()
//		err = store.UpdateHealth(ctx, id) // the outer err as well
//		require.NoError(t, err)
//	})
//
// The mend is a variable of their own: err := store.UpdateHealth(ctx, id).
//
// An instance needs a literal that runs concurrently (a subtest that calls
// t.Parallel among its own statements, a go statement, a method called Go,
// time.AfterFunc), that writes a variable declared outside of it, and a second
// such literal that uses the same variable, or a loop that starts the first one
// more than once. It is not reported when a lock, a channel operation or a Wait
// stands before the access, or between the starts of two goroutines: what those
// order is not followed.
//
// Named "captured-outer-variable" after section 4.1 of "A Study of Real-World
// Data Races in Golang" (PLDI 2022).
package outervar
