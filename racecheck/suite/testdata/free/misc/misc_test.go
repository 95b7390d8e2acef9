// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package misc

import (
	"errors"
	"sync"
	"testing"
)

func TestTwoErrs(t *testing.T) {
	var err1, err2 error
	var wg sync.WaitGroup
	wg.Go(func() { err1 = errors.New("a") })
	wg.Go(func() { err2 = errors.New("b") })
	wg.Wait()
	if err := errors.Join(err1, err2); err == nil {
		t.Fatal()
	}
}

func TestFirstErr(t *testing.T) {
	var (
		once  sync.Once
		first error
		wg    sync.WaitGroup
	)
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := errors.New("x"); err != nil {
				once.Do(func() { first = err })
			}
		}()
	}
	wg.Wait()
	if first == nil {
		t.Fatal()
	}
}

func TestSwitch(t *testing.T) {
	v := 0
	c := make(chan string)
	go func() {
		v = 3
		c <- "done"
	}()
	switch s := <-c; s {
	case "done":
		if v != 3 {
			t.Fatal(v)
		}
	}
}

func TestIfRecv(t *testing.T) {
	var got []byte
	errc := make(chan error)
	go func() {
		got = append(got, 1)
		errc <- nil
	}()
	if err := <-errc; err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatal()
	}
}

func TestFuncField(t *testing.T) {
	type step struct {
		name string
		run  func() error
	}
	n := 0
	steps := []step{
		{"inc", func() error { n++; return nil }},
		{"dec", func() error { n--; return nil }},
	}
	for _, s := range steps {
		done := make(chan error)
		go func() { done <- s.run() }()
		if err := <-done; err != nil {
			t.Fatal(s.name, err)
		}
	}
	if n != 0 {
		t.Fatal(n)
	}
}

func TestLoopReuse(t *testing.T) {
	buf := make([]byte, 0, 8)
	for i := range 3 {
		buf = buf[:0]
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf = append(buf, byte(i))
		}()
		<-done
		if len(buf) != 1 {
			t.Fatal()
		}
	}
}

func TestWgLoop(t *testing.T) {
	total := 0
	for round := range 3 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				mu.Lock()
				defer mu.Unlock()
				total += round
			}()
		}
		wg.Wait()
		total++
	}
	if total != 15 {
		t.Fatal(total)
	}
}

func TestPingPong(t *testing.T) {
	ping, pong := make(chan int), make(chan int)
	log := []string{}
	go func() {
		for n := range ping {
			log = append(log, "ping")
			pong <- n + 1
		}
		close(pong)
	}()
	for i := range 3 {
		ping <- i
		<-pong
		log = append(log, "pong")
	}
	close(ping)
	<-pong
	if len(log) != 6 {
		t.Fatal(log)
	}
}

func TestRecursiveClosure(t *testing.T) {
	depth := 0
	var walk func(n int)
	walk = func(n int) {
		depth++
		if n > 0 {
			walk(n - 1)
		}
	}
	done := make(chan struct{})
	go func() { walk(3); close(done) }()
	<-done
	if depth != 4 {
		t.Fatal(depth)
	}
}
