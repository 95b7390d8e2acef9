// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"sync"
	"testing"
)

func TestQueue(t *testing.T) {
	q := NewQueue[int]()
	var wg sync.WaitGroup
	sums := make([]int, 4)
	for w := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				v, ok := q.Take()
				if !ok {
					return
				}
				sums[w] += v
			}
		}()
	}
	for i := range 100 {
		q.Put(i)
	}
	q.Close()
	wg.Wait()
	total := 0
	for _, s := range sums {
		total += s
	}
	if total != 4950 || len(q.items) != 0 {
		t.Fatal(total)
	}
}

func TestOrder(t *testing.T) {
	q := NewQueue[string]()
	var got []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s, ok := q.Take(); ok; s, ok = q.Take() {
			got = append(got, s)
		}
	}()
	q.Put("a")
	q.Put("b")
	q.Close()
	<-done
	if len(got) != 2 || got[1] != "b" {
		t.Fatal(got)
	}
}
