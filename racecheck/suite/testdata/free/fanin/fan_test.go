// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fanin

import (
	"sync"
	"testing"
)

func merge[T any](cs ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	wg.Add(len(cs))
	for _, c := range cs {
		go func(c <-chan T) {
			defer wg.Done()
			for v := range c {
				out <- v
			}
		}(c)
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

type res struct {
	k string
	n int
}

func gen(k string, n int) <-chan *res {
	c := make(chan *res)
	go func() {
		defer close(c)
		r := &res{k: k}
		for range n {
			r = &res{k: k, n: r.n + 1}
			c <- r
		}
	}()
	return c
}

func TestMerge(t *testing.T) {
	counts := map[string]int{}
	for r := range merge(gen("a", 3), gen("b", 2)) {
		counts[r.k] += r.n
		r.k = ""
	}
	if counts["a"] != 6 || counts["b"] != 3 {
		t.Fatal(counts)
	}
}

func TestSelectBoth(t *testing.T) {
	a, b := gen("a", 2), gen("b", 2)
	var got []*res
	for a != nil || b != nil {
		select {
		case r, ok := <-a:
			if !ok {
				a = nil
				continue
			}
			got = append(got, r)
		case r, ok := <-b:
			if !ok {
				b = nil
				continue
			}
			got = append(got, r)
		}
	}
	if len(got) != 4 {
		t.Fatal(got)
	}
}
