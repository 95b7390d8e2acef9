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
// Each subtest gets a variable of its own instead:
//
//	t.Run("Send", func(t *testing.T) {
//		t.Parallel()
//		err := store.UpdateHealth(ctx, id)
//		require.NoError(t, err)
//	})
//
// Reported is a write for which another access can happen at the same time: by a
// second literal, by the same literal started again in a loop, or by the code
// that started the literal, before it waits for it. Literals that run at the same
// time are parallel subtests, go statements, arguments of methods called Go, of
// time.AfterFunc, and of functions that are known to start a goroutine with them. So
// are functions that were put into a field, a list, or an option, once a function is
// called that is known to leave a goroutine running which calls what is there, and
// handlers of a test server that goroutines send requests to at the same time.
//
// # When not to worry
//
// Nothing is reported where both accesses hold a lock, are atomic, or where a
// wait, a channel or a serial t.Run can order them: a channel counts as soon as
// the literal signals it after its access. Bytes count as well: a goroutine that
// writes to a connection after its access, and a read before the other one. If the
// accesses are ordered by something that the source does not show, say so in a
// directive:
//
//	//culprit:ignore outervar the server calls this handler once
//
// Named "captured-outer-variable" after section 4.1 of "A Study of Real-World
// Data Races in Golang" (PLDI 2022).
package outervar
