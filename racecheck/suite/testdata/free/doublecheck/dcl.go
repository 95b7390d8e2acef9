// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package doublecheck

import (
	"sync"
	"sync/atomic"
)

type Lazy[T any] struct {
	done atomic.Bool
	mu   sync.Mutex
	v    T
	f    func() T
}

func (l *Lazy[T]) Get() T {
	if !l.done.Load() {
		l.slow()
	}
	return l.v
}

func (l *Lazy[T]) slow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.done.Load() {
		l.v = l.f()
		l.done.Store(true)
	}
}
