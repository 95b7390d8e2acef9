// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ring

import "sync/atomic"

// Ring has one producer and one consumer.
type Ring[T any] struct {
	buf        []T
	head, tail atomic.Uint64
}

func NewRing[T any](n int) *Ring[T] { return &Ring[T]{buf: make([]T, n)} }

func (r *Ring[T]) Push(v T) bool {
	t := r.tail.Load()
	if t-r.head.Load() == uint64(len(r.buf)) {
		return false
	}
	r.buf[t%uint64(len(r.buf))] = v
	r.tail.Store(t + 1)
	return true
}

func (r *Ring[T]) Pop() (v T, ok bool) {
	h := r.head.Load()
	if h == r.tail.Load() {
		return v, false
	}
	v = r.buf[h%uint64(len(r.buf))]
	r.head.Store(h + 1)
	return v, true
}
