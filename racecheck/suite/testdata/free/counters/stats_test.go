// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package counters

import (
	"sync"
	"testing"
)

func TestRegistry(t *testing.T) {
	r := &Registry{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 10 {
				r.Counter("a").Inc()
			}
			_ = r.String()
		}()
	}
	wg.Wait()
	total := int64(0)
	r.each(func(_ string, v int64) { total += v })
	if total != 40 || len(r.counters) != 1 {
		t.Fatal(total)
	}
}

func TestParallel(t *testing.T) {
	r := &Registry{}
	t.Run("inc", func(t *testing.T) {
		for range 3 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				r.Counter("x").Inc()
			})
		}
	})
	if r.counters["x"].v.Load() != 3 {
		t.Fatal()
	}
}

func BenchmarkInc(b *testing.B) {
	r := &Registry{}
	b.RunParallel(func(pb *testing.PB) {
		n := 0
		for pb.Next() {
			r.Counter("b").Inc()
			n++
		}
		_ = n
	})
	if len(r.counters) > 1 {
		b.Fatal()
	}
}
