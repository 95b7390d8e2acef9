// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"context"
	"testing"
)

func TestGet(t *testing.T) {
	calls := 0
	f := Async(func() (int, error) { calls++; return 7, nil })
	v, err := f.Get()
	if v != 7 || err != nil || calls != 1 {
		t.Fatal(v)
	}
	if f.val != 7 {
		t.Fatal()
	}
}

func TestAll(t *testing.T) {
	var a, b string
	fa := Async(func() (bool, error) { a = "a"; return true, nil })
	fb := Async(func() (bool, error) { b = "b"; return true, nil })
	if err := All(fa, fb); err != nil {
		t.Fatal(err)
	}
	if a+b != "ab" {
		t.Fatal(a, b)
	}
}

func TestMany(t *testing.T) {
	out := make([]int, 3)
	var fs []*Future[int]
	for i := range out {
		fs = append(fs, Async(func() (int, error) { out[i] = i; return i, nil }))
	}
	for _, f := range fs {
		f.Get()
	}
	if out[2] != 2 {
		t.Fatal(out)
	}
}

func TestContext(t *testing.T) {
	ran := false
	f := Async(func() (int, error) { ran = true; return 1, nil })
	if _, err := f.GetContext(context.Background()); err != nil || !ran {
		t.Fatal(err)
	}
}

func TestThen(t *testing.T) {
	p := &Promise{}
	got := 0
	p.Then(func(v int) { got += v })
	p.Resolve(3)
	p.Then(func(v int) { got += v })
	if got != 6 {
		t.Fatal(got)
	}
	done := make(chan int)
	q := &Promise{}
	sum := 0
	q.Then(func(v int) { sum = v; close(done) })
	go q.Resolve(4)
	<-done
	if sum != 4 {
		t.Fatal(sum)
	}
}
