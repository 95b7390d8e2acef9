// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package semaphores

import (
	"sync/atomic"
	"testing"
)

func TestSemaphore(t *testing.T) {
	sem := make(chan struct{}, 3)
	var active, peak atomic.Int32
	res := make([]int, 10)
	for i := range res {
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			n := active.Add(1)
			for p := peak.Load(); n > p && !peak.CompareAndSwap(p, n); p = peak.Load() {
			}
			res[i] = i + 1
			active.Add(-1)
		}()
	}
	for range cap(sem) {
		sem <- struct{}{}
	}
	for i, v := range res {
		if v != i+1 {
			t.Error(i, v)
		}
	}
	if peak.Load() > 3 {
		t.Error(peak.Load())
	}
}

func TestMutexByChan(t *testing.T) {
	lock := make(chan struct{}, 1)
	n := 0
	done := make(chan struct{})
	for range 5 {
		go func() {
			lock <- struct{}{}
			n++
			<-lock
			done <- struct{}{}
		}()
	}
	for range 5 {
		<-done
	}
	if n != 5 {
		t.Fatal(n)
	}
}

func TestTokens(t *testing.T) {
	tokens := make(chan int, 2)
	tokens <- 0
	tokens <- 1
	scratch := [2][]int{}
	done := make(chan struct{})
	for i := range 6 {
		go func() {
			slot := <-tokens
			scratch[slot] = append(scratch[slot], i)
			tokens <- slot
			done <- struct{}{}
		}()
	}
	for range 6 {
		<-done
	}
	if len(scratch[0])+len(scratch[1]) != 6 {
		t.Fatal(scratch)
	}
}
