// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package generics

import "sync"

type Guarded[T any] struct {
	mu sync.Mutex
	v  T
}

func (g *Guarded[T]) With(f func(*T)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(&g.v)
}

func (g *Guarded[T]) Load() T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.v
}

func Map[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	var wg sync.WaitGroup
	for i, a := range in {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out[i] = f(a)
		}()
	}
	wg.Wait()
	return out
}

func ForEach[T any](in []T, n int, f func(int, T)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for i := range next {
				f(i, in[i])
			}
		})
	}
	for i := range in {
		next <- i
	}
	close(next)
	wg.Wait()
}
