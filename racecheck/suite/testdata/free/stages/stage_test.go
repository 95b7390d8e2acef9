// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"context"
	"sync"
	"testing"
)

type batch struct {
	items []int
	err   error
	wg    sync.WaitGroup
}

func (b *batch) run(ctx context.Context, f func(int) (int, error)) {
	for i := range b.items {
		b.wg.Add(1)
		go func() {
			defer b.wg.Done()
			v, err := f(b.items[i])
			if err == nil {
				b.items[i] = v
			}
		}()
	}
	b.wg.Wait()
}

func TestBatch(t *testing.T) {
	b := &batch{items: []int{1, 2, 3}}
	b.run(context.Background(), func(i int) (int, error) { return i * 10, nil })
	if b.items[2] != 30 || b.err != nil {
		t.Fatal(b.items)
	}
}

func TestRounds(t *testing.T) {
	state := make([]int, 4)
	next := make([]int, 4)
	for range 3 {
		var wg sync.WaitGroup
		for i := range state {
			wg.Add(1)
			go func() {
				defer wg.Done()
				next[i] = state[i] + state[(i+1)%4] + 1
			}()
		}
		wg.Wait()
		state, next = next, state
	}
	if state[0] != 7 {
		t.Fatal(state)
	}
}

func TestPhases(t *testing.T) {
	var wg sync.WaitGroup
	m := map[int]int{}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := range 3 {
			m[i] = i
		}
	}()
	wg.Wait()
	sum := make([]int, 3)
	for i := range 3 {
		wg.Add(1)
		go func() { defer wg.Done(); sum[i] = m[i] + len(m) }()
	}
	wg.Wait()
	m[9] = 1
	if sum[2] != 5 {
		t.Fatal(sum)
	}
}

func TestChain(t *testing.T) {
	n := 0
	a, b := make(chan struct{}), make(chan struct{})
	go func() { n = 1; close(a) }()
	go func() { <-a; n++; close(b) }()
	<-b
	n++
	if n != 3 {
		t.Fatal(n)
	}
}

func TestToken(t *testing.T) {
	n := 0
	tok := make(chan struct{}, 1)
	done := make(chan struct{})
	tok <- struct{}{}
	for range 3 {
		go func() {
			<-tok
			n++
			tok <- struct{}{}
			done <- struct{}{}
		}()
	}
	for range 3 {
		<-done
	}
	if n != 3 {
		t.Fatal(n)
	}
}
