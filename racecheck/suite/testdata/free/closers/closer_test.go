// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package closers

import (
	"sync"
	"testing"
)

func TestClose(t *testing.T) {
	w := New()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { w.Write(2) })
	}
	wg.Wait()
	if got := w.Close(); got != 10 || w.total != 10 {
		t.Fatal(got)
	}
	if w.Write(1) {
		t.Fatal()
	}
}

func TestCloseByLast(t *testing.T) {
	c := make(chan int)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c <- i
		}()
	}
	go func() {
		wg.Wait()
		close(c)
	}()
	n := 0
	for range c {
		n++
	}
	if n != 3 {
		t.Fatal(n)
	}
}

func TestErrc(t *testing.T) {
	errc := make(chan error, 3)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errc <- nil
		}()
	}
	wg.Wait()
	close(errc)
	for err := range errc {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDoneFirst(t *testing.T) {
	c, stop := make(chan int), make(chan struct{})
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		for i := 0; ; i++ {
			select {
			case c <- i:
			case <-stop:
				return
			}
		}
	}()
	<-c
	<-c
	close(stop)
	<-exited
	close(c)
}
