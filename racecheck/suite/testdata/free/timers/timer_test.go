// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package timers

import (
	"sync"
	"testing"
	"time"
)

func TestStopped(t *testing.T) {
	fired := false
	tm := time.AfterFunc(time.Hour, func() { fired = true })
	if !tm.Stop() {
		t.Fatal("fired")
	}
	if fired {
		t.Fatal()
	}
}

func TestFired(t *testing.T) {
	var at time.Time
	done := make(chan struct{})
	time.AfterFunc(time.Microsecond, func() {
		at = time.Now()
		close(done)
	})
	<-done
	if at.IsZero() {
		t.Fatal()
	}
}

func TestWatchdog(t *testing.T) {
	var mu sync.Mutex
	expired := false
	tm := time.AfterFunc(time.Hour, func() {
		mu.Lock()
		defer mu.Unlock()
		expired = true
	})
	defer tm.Stop()
	tm.Reset(2 * time.Hour)
	mu.Lock()
	defer mu.Unlock()
	if expired {
		t.Fatal()
	}
}

func TestDebounce(t *testing.T) {
	var got []int
	flush := make(chan []int)
	in := make(chan int)
	go func() {
		var buf []int
		var c <-chan time.Time
		for {
			select {
			case v, ok := <-in:
				if !ok {
					flush <- buf
					close(flush)
					return
				}
				buf = append(buf, v)
				c = time.After(50 * time.Microsecond)
			case <-c:
				flush <- buf
				buf, c = nil, nil
			}
		}
	}()
	go func() {
		for i := range 5 {
			in <- i
		}
		close(in)
	}()
	for b := range flush {
		got = append(got, b...)
	}
	if len(got) != 5 {
		t.Fatal(got)
	}
}
