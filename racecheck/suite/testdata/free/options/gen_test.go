// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package options

import (
	"iter"
	"sync"
	"testing"
)

type opt func(*cfg)
type cfg struct {
	n    int
	tags []string
}

func with(n int) opt { return func(c *cfg) { c.n = n } }

func build(opts ...opt) *cfg {
	c := &cfg{}
	for _, o := range opts {
		o(c)
	}
	return c
}

func TestOptions(t *testing.T) {
	shared := with(3)
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			c := build(shared)
			c.tags = append(c.tags, "x")
			if c.n != 3 {
				t.Error(c)
			}
		})
	}
}

type tree[K any] struct {
	l, r *tree[K]
	k    K
}

func (t *tree[K]) walk(c chan<- K) {
	if t != nil {
		t.l.walk(c)
		c <- t.k
		t.r.walk(c)
	}
}

func (t *tree[K]) all() iter.Seq[K] {
	return func(yield func(K) bool) {
		c := make(chan K)
		go func() { t.walk(c); close(c) }()
		for k := range c {
			if !yield(k) {
				for range c {
				}
				return
			}
		}
	}
}

func TestTree(t *testing.T) {
	tr := &tree[int]{k: 2, l: &tree[int]{k: 1}, r: &tree[int]{k: 3}}
	sum := 0
	for k := range tr.all() {
		sum += k
		if k == 3 {
			break
		}
	}
	if sum != 6 {
		t.Fatal(sum)
	}
	tr.k = 9
}

type Result[T any] struct {
	Val T
	Err error
}

func Gather[T any](fs []func() (T, error)) []Result[T] {
	out := make([]Result[T], len(fs))
	var wg sync.WaitGroup
	wg.Add(len(fs))
	for i, f := range fs {
		go func(r *Result[T]) {
			defer wg.Done()
			r.Val, r.Err = f()
		}(&out[i])
	}
	wg.Wait()
	return out
}

func TestGather(t *testing.T) {
	x := 0
	rs := Gather([]func() (int, error){func() (int, error) { x = 5; return 1, nil }, func() (int, error) { return 2, nil }})
	if rs[0].Val+rs[1].Val != 3 || x != 5 {
		t.Fatal(rs)
	}
}
