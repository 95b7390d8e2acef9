// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package iterators

import (
	"iter"
	"slices"
	"sync"
	"testing"
)

func TestSet(t *testing.T) {
	var s Set[int]
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() { s.Add(i) })
	}
	wg.Wait()
	got := slices.Sorted(s.All())
	sum := 0
	for k := range s.All() {
		sum += k
	}
	if len(got) != 5 || sum != 10 {
		t.Fatal(got)
	}
}

func TestFromChan(t *testing.T) {
	c := make(chan string)
	go func() {
		defer close(c)
		for _, s := range []string{"a", "b"} {
			c <- s
		}
	}()
	var got []string
	last := -1
	for i, s := range FromChan(c) {
		got = append(got, s)
		last = i
	}
	if len(got) != 2 || last != 1 {
		t.Fatal(got)
	}
}

func TestPull(t *testing.T) {
	count := 0
	next, stop := iter.Pull(func(yield func(int) bool) {
		for count < 3 {
			count++
			if !yield(count) {
				return
			}
		}
	})
	defer stop()
	for v, ok := next(); ok; v, ok = next() {
		if v != count {
			t.Fatal(v, count)
		}
	}
}
