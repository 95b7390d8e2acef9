// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package limiter

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	c.t = c.t.Add(d)
	c.mu.Unlock()
}

func TestLimiter(t *testing.T) {
	c := &clock{t: time.Now()}
	l := New(3, c.Now)
	var ok atomic.Int32
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if l.Allow() {
				ok.Add(1)
			}
		})
	}
	wg.Wait()
	if ok.Load() != 3 || l.tokens != 0 {
		t.Fatal(ok.Load())
	}
	errc := make(chan error)
	go func() { errc <- l.Wait(context.Background()) }()
	c.Advance(time.Minute)
	if err := <-errc; err != nil || l.tokens != 2 {
		t.Fatal(err)
	}
}

func TestFakeNow(t *testing.T) {
	now := time.Now()
	l := New(1, func() time.Time { return now })
	l.Allow()
	now = now.Add(2 * time.Second)
	if !l.Allow() {
		t.Fatal()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
	defer cancel()
	if l.Wait(ctx) == nil {
		t.Fatal()
	}
	now = now.Add(time.Second)
}
