// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package recorders

import (
	"sync"
	"testing"
	"time"
)

type recorder struct {
	mu     sync.Mutex
	events []string
	signal chan struct{}
}

func newRecorder() *recorder { return &recorder{signal: make(chan struct{}, 100)} }

func (r *recorder) On(e string) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
	r.signal <- struct{}{}
}

func (r *recorder) wait(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-r.signal:
		case <-time.After(5 * time.Second):
			t.Fatal("timeout")
		}
	}
}

type engine struct{ hooks []interface{ On(string) } }

func (e *engine) fire(names ...string) {
	for _, h := range e.hooks {
		go func() {
			for _, n := range names {
				h.On(n)
			}
		}()
	}
}

func TestRecorder(t *testing.T) {
	r := newRecorder()
	e := &engine{hooks: []interface{ On(string) }{r}}
	e.fire("a", "b")
	r.wait(t, 2)
	if len(r.events) != 2 {
		t.Fatal(r.events)
	}
}

func TestTwo(t *testing.T) {
	a, b := newRecorder(), newRecorder()
	e := &engine{hooks: []interface{ On(string) }{a, b}}
	e.fire("x")
	a.wait(t, 1)
	b.wait(t, 1)
	if a.events[0] != "x" || b.events[0] != "x" {
		t.Fatal()
	}
}

func TestDirect(t *testing.T) {
	r := newRecorder()
	go r.On("x")
	r.wait(t, 1)
	if len(r.events) != 1 {
		t.Fatal()
	}
	r.events = nil
	go func() { r.On("y") }()
	<-r.signal
	if r.events[0] != "y" {
		t.Fatal()
	}
}

type counter struct {
	n    int
	cond *sync.Cond
}

func newCounter() *counter { return &counter{cond: sync.NewCond(&sync.Mutex{})} }

func (c *counter) add() {
	c.cond.L.Lock()
	c.n++
	c.cond.L.Unlock()
	c.cond.Broadcast()
}

func (c *counter) reach(n int) {
	c.cond.L.Lock()
	defer c.cond.L.Unlock()
	for c.n < n {
		c.cond.Wait()
	}
}

func TestReach(t *testing.T) {
	c := newCounter()
	for range 3 {
		go c.add()
	}
	c.reach(3)
	if c.n != 3 {
		t.Fatal()
	}
}
