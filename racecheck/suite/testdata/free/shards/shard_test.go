// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package shards

import (
	"fmt"
	"sync"
	"testing"
)

func TestMap(t *testing.T) {
	m := New()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Add(1)
		go func(k string) {
			defer wg.Done()
			m.Add(k, 1)
			m.Get(k)
			m.Total()
		}(fmt.Sprint(i % 4))
	}
	wg.Wait()
	if m.Total() != 16 {
		t.Fatal(m.Total())
	}
	m.Reset()
	if len(m.shards[0].m) != 0 {
		t.Fatal()
	}
}
