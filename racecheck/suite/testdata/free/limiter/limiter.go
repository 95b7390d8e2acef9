// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package limiter

import (
	"context"
	"sync"
	"time"
)

type Limiter struct {
	mu     sync.Mutex
	tokens int
	max    int
	last   time.Time
	now    func() time.Time
}

func New(max int, now func() time.Time) *Limiter { return &Limiter{tokens: max, max: max, now: now} }

func (l *Limiter) refill() {
	if t := l.now(); t.Sub(l.last) > time.Second {
		l.tokens, l.last = l.max, t
	}
}

func (l *Limiter) Allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill()
	if l.tokens == 0 {
		return false
	}
	l.tokens--
	return true
}

func (l *Limiter) Wait(ctx context.Context) error {
	for !l.Allow() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}
