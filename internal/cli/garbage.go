// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage may come together, in percent of what is in use, as long as that is
// little; above that what the runtime does by itself.
const (
	muchGarbage  = 400
	littleInUse  = 96 << 20
	usualGarbage = 100
)

// collectLess is for commands that are over in a moment, of which collecting garbage
// takes a tenth. What GOGC says holds.
func collectLess() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(muchGarbage)
	watchGarbage()
}

// watchGarbage looks at what is in use each time that garbage was collected, when the
// finalizer of what is garbage by then runs.
func watchGarbage() {
	runtime.SetFinalizer(&struct{ _ *int }{}, func(any) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() < littleInUse {
			watchGarbage()
			return
		}
		debug.SetGCPercent(usualGarbage)
	})
}
