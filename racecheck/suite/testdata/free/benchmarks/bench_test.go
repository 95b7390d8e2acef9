// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package benchmarks

import (
	"sync"
	"sync/atomic"
	"testing"
)

func BenchmarkX(b *testing.B) {
	var total atomic.Int64
	var mu sync.Mutex
	m := map[int]int{}
	b.RunParallel(func(pb *testing.PB) {
		local := 0
		for pb.Next() {
			local++
		}
		total.Add(int64(local))
		mu.Lock()
		m[local]++
		mu.Unlock()
	})
	if total.Load() == 0 {
		b.Fatal()
	}
	n := 0
	for b.Loop() {
		n++
	}
	_ = n
}

func FuzzX(f *testing.F) {
	seen := 0
	f.Add(1)
	f.Fuzz(func(t *testing.T, i int) { seen++ })
}

func TestX(t *testing.T) {
	r := testing.Benchmark(func(b *testing.B) {
		n := 0
		var wg sync.WaitGroup
		for range 3 {
			wg.Add(1)
			go func() { defer wg.Done() }()
		}
		wg.Wait()
		n++
		_ = n
	})
	if r.N == 0 {
		t.Skip()
	}
}
