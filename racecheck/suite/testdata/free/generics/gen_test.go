// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package generics

import (
	"sync"
	"testing"
)

type acc struct {
	sum  int
	list []int
}

func TestGuarded(t *testing.T) {
	var g Guarded[acc]
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			g.With(func(a *acc) {
				a.sum += i
				a.list = append(a.list, i)
			})
		})
	}
	wg.Wait()
	if g.Load().sum != 10 || len(g.v.list) != 5 {
		t.Fatal(g.v)
	}
}

func TestWithOuter(t *testing.T) {
	var g Guarded[int]
	n := 0
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			g.With(func(v *int) {
				*v++
				n++
			})
		})
	}
	wg.Wait()
	if n != g.v {
		t.Fatal(n)
	}
}

func TestMap(t *testing.T) {
	got := Map([]int{1, 2, 3}, func(i int) *acc { return &acc{sum: i} })
	for _, a := range got {
		a.sum++
	}
	if got[2].sum != 4 {
		t.Fatal(got)
	}
}

func TestForEach(t *testing.T) {
	in := []int{1, 2, 3, 4}
	out := make([]int, len(in))
	ForEach(in, 2, func(i, v int) { out[i] = v * v })
	if out[3] != 16 {
		t.Fatal(out)
	}
	var mu sync.Mutex
	seen := map[int]bool{}
	ForEach(in, 2, func(_, v int) {
		mu.Lock()
		seen[v] = true
		mu.Unlock()
	})
	if len(seen) != 4 {
		t.Fatal(seen)
	}
}
