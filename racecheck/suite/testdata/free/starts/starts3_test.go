// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package starts

import (
	"sync"
	"testing"
	"time"
)

// 34 RunParallel-free bench-like many
func TestMany(t *testing.T) {
	res := make([]*state, 4)
	var wg sync.WaitGroup
	for i := range res {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			res[i] = newState()
			res[i].inc()
		}(i)
	}
	wg.Wait()
	for _, r := range res {
		r.inc()
	}
}

// 35 double-buffer
func TestDouble(t *testing.T) {
	a, b := newState(), newState()
	full, empty := make(chan *state), make(chan *state, 2)
	empty <- a
	empty <- b
	go func() {
		for range 4 {
			s := <-empty
			s.inc()
			full <- s
		}
		close(full)
	}()
	for s := range full {
		s.inc()
		empty <- s
	}
	if a.n+b.n != 8 {
		t.Fatal(a.n, b.n)
	}
}

// 36 poll by locked getter then locked read
type guarded struct {
	mu sync.Mutex
	state
}

func (g *guarded) Inc()     { g.mu.Lock(); g.state.inc(); g.mu.Unlock() }
func (g *guarded) Val() int { g.mu.Lock(); defer g.mu.Unlock(); return g.n }
func TestGuarded(t *testing.T) {
	g := &guarded{}
	for range 3 {
		go g.Inc()
	}
	for g.Val() < 3 {
		time.Sleep(time.Microsecond)
	}
	if g.n != 3 {
		t.Fatal()
	}
}
func TestGuarded2(t *testing.T) {
	g := &guarded{}
	for range 3 {
		go func() { g.Inc() }()
	}
	for g.Val() < 3 {
		time.Sleep(time.Microsecond)
	}
	if g.n != 3 {
		t.Fatal()
	}
}
func TestGuarded3(t *testing.T) {
	g := &guarded{}
	go func() { g.Inc() }()
	deadline := time.Now().Add(time.Second)
	for {
		if g.Val() == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal()
		}
		time.Sleep(time.Microsecond)
	}
	if g.n != 1 {
		t.Fatal()
	}
}

// 37 init goroutine then ready
func TestInlineLockAll(t *testing.T) {
	var mu sync.RWMutex
	s := newState()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%2 == 0 {
				mu.Lock()
				defer mu.Unlock()
				s.put("a")
				return
			}
			mu.RLock()
			defer mu.RUnlock()
			_ = s.m["a"]
		}()
	}
	wg.Wait()
}

// 38 barrier phases
func TestPhases(t *testing.T) {
	s := newState()
	for range 3 {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() { defer wg.Done(); s.inc() }()
		wg.Wait()
		s.inc()
	}
}

// 39 chain of goroutines
func TestChain(t *testing.T) {
	s := newState()
	prev := make(chan struct{})
	close(prev)
	for range 3 {
		next := make(chan struct{})
		go func(prev, next chan struct{}) {
			<-prev
			s.inc()
			close(next)
		}(prev, next)
		prev = next
	}
	<-prev
	s.inc()
}

// 40 fan-in via WaitGroup in slice
func TestWGs(t *testing.T) {
	s, u := newState(), newState()
	wgs := make([]sync.WaitGroup, 2)
	for i, x := range []*state{s, u} {
		wgs[i].Add(1)
		go func() { defer wgs[i].Done(); x.inc() }()
	}
	for i := range wgs {
		wgs[i].Wait()
	}
	s.inc()
	u.inc()
}
