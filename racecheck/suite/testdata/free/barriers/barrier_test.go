// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package barriers

import "testing"

func TestBarrier(t *testing.T) {
	const n = 3
	b := NewBarrier(n)
	vals := make([]int, n)
	sums := make([]int, n)
	done := make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			vals[i] = i + 1
			b.Await()
			for _, v := range vals {
				sums[i] += v
			}
			b.Await()
			vals[i] = 0
		}()
	}
	for range n {
		<-done
	}
	if sums[0] != 6 || vals[2] != 0 {
		t.Fatal(sums)
	}
}

func TestLatch(t *testing.T) {
	l := NewLatch(3)
	res := map[string]int{}
	go func() { res["a"] = 1; l.Down() }()
	go func() { l.Down() }()
	go func() { l.Down() }()
	l.Await()
	if res["a"] != 1 {
		t.Fatal(res)
	}
	var n int
	l = NewLatch(1)
	go func() {
		n = 5
		l.Down()
	}()
	l.Await()
	if n != 5 {
		t.Fatal(n)
	}
}
