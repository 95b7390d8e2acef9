// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Whatever digits an identifier happens to have, it says the same.
func TestSteadyIdentifiers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	ids := []string{"18eca12345678901-4711", "18ec1234567a-12"}
	for range 20000 {
		ids = append(ids, fmt.Sprintf("%016x-%d", r.Uint64()|1<<63, r.IntN(1<<22)), fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", r.Uint32()|1<<31, r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Uint64()>>16))
	}
	odd := 0
	for _, id := range ids {
		if got := steady("request " + id + " failed"); got != "request N failed" {
			if odd++; odd < 10 {
				t.Errorf("%s: %s", id, got)
			}
		}
	}
	if odd > 0 {
		t.Errorf("%d of %d", odd, len(ids))
	}
}
