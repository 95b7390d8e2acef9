// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flags

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type service struct {
	ready atomic.Bool
	addr  string
	done  chan struct{}
}

func (s *service) start() {
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		s.addr = "localhost"
		s.ready.Store(true)
	}()
}

func TestReady(t *testing.T) {
	s := &service{}
	s.start()
	for !s.ready.Load() {
		runtime.Gosched()
	}
	if s.addr != "localhost" {
		t.Fatal()
	}
	<-s.done
	s.addr = ""
}

func waitUntil(t *testing.T, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatal("timeout")
		}
		time.Sleep(10 * time.Microsecond)
	}
}

func TestWaitUntil(t *testing.T) {
	s := &service{}
	s.start()
	waitUntil(t, s.ready.Load)
	if s.addr == "" {
		t.Fatal()
	}
	n := 0
	var flag atomic.Int32
	go func() {
		n = 4
		flag.Store(1)
	}()
	waitUntil(t, func() bool { return flag.Load() == 1 })
	if n != 4 {
		t.Fatal()
	}
}

func TestLocked(t *testing.T) {
	var mu sync.Mutex
	count := 0
	for range 3 {
		go func() {
			mu.Lock()
			count++
			mu.Unlock()
		}()
	}
	waitUntil(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return count == 3
	})
	if count != 3 {
		t.Fatal()
	}
}

func TestSpin(t *testing.T) {
	var state int32
	msg := ""
	go func() {
		msg = "hi"
		atomic.StoreInt32(&state, 1)
	}()
	for atomic.LoadInt32(&state) == 0 {
		runtime.Gosched()
	}
	if msg != "hi" {
		t.Fatal()
	}
}
