// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	var cur atomic.Value
	cur.Store("a")
	var seen []string
	changed := make(chan string, 1)
	w := Watch(50*time.Microsecond, func() string { return cur.Load().(string) }, func(s string) {
		seen = append(seen, s)
		changed <- s
	})
	cur.Store("b")
	if got := <-changed; got != "b" {
		t.Fatal(got)
	}
	w.Stop()
	if len(seen) != 1 || w.last != "b" {
		t.Fatal(seen)
	}
}

func TestLocked(t *testing.T) {
	var mu sync.Mutex
	val, calls := "a", 0
	w := Watch(50*time.Microsecond, func() string {
		mu.Lock()
		defer mu.Unlock()
		calls++
		return val
	}, func(string) {})
	mu.Lock()
	val = "b"
	mu.Unlock()
	time.Sleep(time.Millisecond)
	w.Stop()
	if calls == 0 || w.last == "" {
		t.Fatal()
	}
}

func TestStopTwice(t *testing.T) {
	n := 0
	w := Watch(time.Millisecond, func() string { n++; return "" }, func(string) { t.Error("changed") })
	defer w.Stop()
	w.Stop()
	if n == 0 {
		t.Fatal()
	}
	t.Cleanup(func() { t.Log(n, w.last) })
}
