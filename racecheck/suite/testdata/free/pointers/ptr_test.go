// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package pointers

import (
	"sync"
	"testing"
)

type result struct {
	v   int
	err error
}

func work(wg *sync.WaitGroup, i int, out *result) {
	defer wg.Done()
	out.v = i * i
}

func TestPtr(t *testing.T) {
	outs := make([]result, 4)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Add(1)
		go work(&wg, i, &outs[i])
	}
	wg.Wait()
	for i := range outs {
		if outs[i].v != i*i || outs[i].err != nil {
			t.Error(outs)
		}
	}
}

func fill(m map[string]int, k string, done chan<- struct{}) {
	m[k] = len(k)
	done <- struct{}{}
}

func TestMaps(t *testing.T) {
	a, b := map[string]int{}, map[string]int{}
	done := make(chan struct{})
	go fill(a, "a", done)
	go fill(b, "bb", done)
	<-done
	<-done
	if a["a"]+b["bb"] != 3 {
		t.Fatal(a, b)
	}
}

func TestFor(t *testing.T) {
	done := make(chan int, 3)
	vals := map[int]*result{0: {}, 1: {}, 2: {}}
	for i := 0; i < 3; i++ {
		r := vals[i]
		go func() {
			r.v = i
			done <- i
		}()
	}
	for i := 0; i < 3; i++ {
		<-done
	}
	for k, r := range vals {
		if r.v != k {
			t.Error(k)
		}
	}
}

func TestChans(t *testing.T) {
	chans := map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	var x, y result
	go func() { x.v = 1; close(chans["a"]) }()
	go func() { y.v = 2; close(chans["b"]) }()
	<-chans["a"]
	<-chans["b"]
	if x.v+y.v != 3 {
		t.Fatal()
	}
}

func TestDones(t *testing.T) {
	var dones [3]chan struct{}
	var res [3]*result
	for i := range dones {
		dones[i] = make(chan struct{})
		res[i] = &result{}
		go func() {
			defer close(dones[i])
			res[i].v++
		}()
	}
	for i := range dones {
		<-dones[i]
	}
	for _, r := range res {
		if r.v != 1 {
			t.Fatal()
		}
	}
}
