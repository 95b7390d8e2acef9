// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package syncmap

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

type entry struct {
	hits atomic.Int64
	name string
}

func TestSyncMap(t *testing.T) {
	var m sync.Map
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			v, _ := m.LoadOrStore(fmt.Sprint(i%2), &entry{name: fmt.Sprint(i % 2)})
			v.(*entry).hits.Add(1)
		}()
	}
	wg.Wait()
	total := int64(0)
	names := map[string]bool{}
	m.Range(func(k, v any) bool {
		total += v.(*entry).hits.Load()
		names[k.(string)] = true
		return true
	})
	if total != 8 || len(names) != 2 {
		t.Fatal(total)
	}
}
