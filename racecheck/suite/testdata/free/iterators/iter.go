// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package iterators

import (
	"iter"
	"sync"
)

type Set[K comparable] struct {
	mu sync.RWMutex
	m  map[K]struct{}
}

func (s *Set[K]) Add(k K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = make(map[K]struct{})
	}
	s.m[k] = struct{}{}
}

func (s *Set[K]) All() iter.Seq[K] {
	return func(yield func(K) bool) {
		s.mu.RLock()
		defer s.mu.RUnlock()
		for k := range s.m {
			if !yield(k) {
				return
			}
		}
	}
}

func FromChan[T any](c <-chan T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for v := range c {
			if !yield(i, v) {
				return
			}
			i++
		}
	}
}
