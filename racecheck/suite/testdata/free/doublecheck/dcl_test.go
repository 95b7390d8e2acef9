// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package doublecheck

import (
	"sync"
	"testing"
)

func TestLazy(t *testing.T) {
	calls := 0
	l := &Lazy[map[string]int]{f: func() map[string]int { calls++; return map[string]int{"a": 1} }}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if l.Get()["a"] != 1 {
				t.Error()
			}
		})
	}
	wg.Wait()
	if calls != 1 || l.v["a"] != 1 {
		t.Fatal(calls)
	}
}
