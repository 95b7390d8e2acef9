// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
)

// garbageChild makes the test binary a process that prints how much garbage it lets
// come together, in percent, with little in use and with much.
const garbageChild = "CULPRIT_TEST_GARBAGE"

func TestCollectLess(t *testing.T) {
	if os.Getenv(garbageChild) != "" {
		collectLess()
		runtime.GC()
		println("little", percent())
		keep := make([]byte, 2*littleInUse)
		for range 1000 { // finalizers run on a goroutine of their own
			runtime.GC()
			if percent() == usualGarbage {
				break
			}
			runtime.Gosched()
		}
		println("much", percent())
		runtime.KeepAlive(keep)
		return
	}
	for gogc, want := range map[string]string{
		"":   "little 400\nmuch 100\n",
		"77": "little 77\nmuch 77\n",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCollectLess$")
		cmd.Env = append(os.Environ(), garbageChild+"=1", "GOGC="+gogc)
		var out strings.Builder
		cmd.Stderr = &out
		if err := cmd.Run(); err != nil || out.String() != want {
			t.Errorf("GOGC=%s: %v, %q, want %q", gogc, err, out.String(), want)
		}
	}
}

func percent() uint64 {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
