// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package barriers

import "sync"

type Barrier struct {
	mu    sync.Mutex
	cond  *sync.Cond
	n     int
	count int
	round int
}

func NewBarrier(n int) *Barrier {
	b := &Barrier{n: n}
	b.cond = sync.NewCond(&b.mu)
	return b
}

func (b *Barrier) Await() {
	b.mu.Lock()
	defer b.mu.Unlock()
	round := b.round
	b.count++
	if b.count == b.n {
		b.count = 0
		b.round++
		b.cond.Broadcast()
		return
	}
	for round == b.round {
		b.cond.Wait()
	}
}

type Latch struct {
	mu sync.Mutex
	n  int
	c  chan struct{}
}

func NewLatch(n int) *Latch { return &Latch{n: n, c: make(chan struct{})} }

func (l *Latch) Down() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n--
	if l.n == 0 {
		close(l.c)
	}
}

func (l *Latch) Await() { <-l.c }
