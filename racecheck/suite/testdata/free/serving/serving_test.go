// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package serving has an object that starts goroutines which leave its fields alone.
package serving

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type listener interface{ Serve() }

type mock struct{ on atomic.Bool }

func (m *mock) Serve() { m.on.Store(true) }

type listeners struct {
	mu   sync.Mutex
	wg   sync.WaitGroup
	byID map[string]listener
}

func newListeners() *listeners { return &listeners{byID: map[string]listener{}} }

func (l *listeners) add(id string, x listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byID[id] = x
}

func (l *listeners) serve(id string) {
	l.mu.Lock()
	x := l.byID[id]
	l.mu.Unlock()
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		x.Serve()
	}()
}

func TestServe(t *testing.T) {
	l := newListeners()
	l.add("a", &mock{})
	l.serve("a")
	time.Sleep(5 * time.Millisecond)
	if !l.byID["a"].(*mock).on.Load() {
		t.Log("slow")
	}
	l.wg.Wait()
}
