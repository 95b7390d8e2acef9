// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package starts

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// 18 unbuffered stop send
func TestStopSend(t *testing.T) {
	s := newState()
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.inc()
			}
		}
	}()
	stop <- struct{}{}
	if s.n < 0 {
		t.Fatal()
	}
}

// 19 chan of chan
func TestReqResp(t *testing.T) {
	type req struct {
		k    string
		resp chan int
	}
	reqs := make(chan req)
	s := newState()
	go func() {
		for r := range reqs {
			s.put(r.k)
			r.resp <- s.m[r.k]
		}
	}()
	for range 3 {
		r := req{"a", make(chan int)}
		reqs <- r
		<-r.resp
		_ = s.m["a"]
	}
	close(reqs)
}

// 20 nested goroutines joined by outer
func TestNested(t *testing.T) {
	s, u := newState(), newState()
	done := make(chan struct{})
	go func() {
		var wg sync.WaitGroup
		wg.Go(func() { s.inc() })
		wg.Go(func() { u.inc() })
		wg.Wait()
		s.inc()
		close(done)
	}()
	<-done
	if s.n+u.n != 3 {
		t.Fatal()
	}
}

// 21 defer close order
func TestDeferred(t *testing.T) {
	s := newState()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { s.inc() }()
		s.inc()
	}()
	<-done
	_ = s.n
}

// 22 panic recover
func TestRecover(t *testing.T) {
	s := newState()
	errc := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.err = fmt.Errorf("%v", r)
			}
			errc <- s.err
		}()
		panic("x")
	}()
	if err := <-errc; err == nil || s.err == nil {
		t.Fatal()
	}
}

// 23 struct of channels
type svc struct {
	ready chan struct{}
	done  chan struct{}
	s     *state
	addr  string
}

func (v *svc) Serve() {
	v.addr = "x"
	close(v.ready)
	<-v.done
}
func TestSvc(t *testing.T) {
	v := &svc{ready: make(chan struct{}), done: make(chan struct{}), s: newState()}
	exited := make(chan struct{})
	go func() { defer close(exited); v.Serve() }()
	<-v.ready
	if v.addr != "x" {
		t.Fatal()
	}
	v.s.inc()
	close(v.done)
	<-exited
	v.addr = ""
}
func TestSvcGo(t *testing.T) {
	v := &svc{ready: make(chan struct{}), done: make(chan struct{}), s: newState()}
	go v.Serve()
	<-v.ready
	if v.addr != "x" {
		t.Fatal()
	}
	v.addr = "y"
	close(v.done)
}

// 24 select with results and timeouts that fail the test
func TestSelectLoop(t *testing.T) {
	s := newState()
	ch := make(chan int)
	go func() {
		for i := range 3 {
			s.inc()
			ch <- i
		}
		s.inc()
		close(ch)
	}()
	timeout := time.After(5 * time.Second)
loop:
	for {
		select {
		case _, ok := <-ch:
			if !ok {
				break loop
			}
		case <-timeout:
			t.Fatal("late")
		}
	}
	if s.n != 4 {
		t.Fatal()
	}
}

// 25 counted via atomic then done
func TestLastOneCloses(t *testing.T) {
	var left atomic.Int32
	left.Store(3)
	done := make(chan struct{})
	ss := []*state{newState(), newState(), newState()}
	for _, s := range ss {
		go func() {
			s.inc()
			if left.Add(-1) == 0 {
				close(done)
			}
		}()
	}
	<-done
	for _, s := range ss {
		s.inc()
	}
}

// 26 struct embedding WaitGroup
type tracker struct {
	sync.WaitGroup
	sync.Mutex
	seen map[string]bool
}

func TestTracker(t *testing.T) {
	tr := &tracker{seen: map[string]bool{}}
	for i := range 3 {
		tr.Add(1)
		go func() {
			defer tr.Done()
			tr.Lock()
			tr.seen[fmt.Sprint(i)] = true
			tr.Unlock()
		}()
	}
	tr.Wait()
	if len(tr.seen) != 3 {
		t.Fatal()
	}
}

// 27 helper that starts and returns wait
func start(f func()) (wait func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	return func() { <-done }
}
func TestStartWait(t *testing.T) {
	s := newState()
	wait := start(func() { s.inc() })
	wait()
	s.inc()
}
func TestStartDefer(t *testing.T) {
	s := newState()
	func() {
		defer start(func() { s.inc() })()
	}()
	s.inc()
}

// 28 runs helper that returns a done channel
func startC(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	return done
}
func TestStartC(t *testing.T) {
	s := newState()
	<-startC(func() { s.inc() })
	s.inc()
	c1, c2 := startC(func() { s.inc() }), make(chan int, 1)
	<-c1
	s.inc()
	close(c2)
}
func TestStartAll(t *testing.T) {
	ss := []*state{newState(), newState()}
	var dones []<-chan struct{}
	for _, s := range ss {
		dones = append(dones, startC(func() { s.inc() }))
	}
	for _, d := range dones {
		<-d
	}
	u := newState()
	dones = nil
	dones = append(dones, startC(func() { u.inc() }))
	for _, d := range dones {
		<-d
	}
	u.inc()
}

// 29 context tree: cancel waits through AfterFunc
func TestCtxAfter(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newState()
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { s.inc(); close(done) })
	defer stop()
	cancel()
	<-done
	s.inc()
}

// 30 ctx done in goroutine writes after, signalled
func TestCtxWrite(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newState()
	s.n = 3
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		<-ctx.Done()
		s.err = ctx.Err()
	}()
	s.err = nil
	cancel()
	wg.Wait()
	if s.err == nil {
		t.Fatal()
	}
}

// 31 strings.Builder owned by a writer goroutine
func TestBuilder(t *testing.T) {
	var sb strings.Builder
	ch := make(chan string)
	fin := startC(func() {
		for s := range ch {
			sb.WriteString(s)
		}
	})
	ch <- "a"
	ch <- "b"
	close(ch)
	<-fin
	if sb.String() != "ab" {
		t.Fatal()
	}
}

// 32 fixture shared read only with parallel subtests, set up first
func TestFixture(t *testing.T) {
	s := newState()
	fillState(s)
	s.next = newState()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if s.get() != 1 || s.m["a"] != 1 {
				t.Fatal()
			}
			own := newState()
			fillState(own)
		})
	}
}

// 33 subtests: changed before t.Parallel
func TestBeforeParallel(t *testing.T) {
	s := newState()
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			s.inc()
			n := s.n
			t.Parallel()
			_ = n
		})
	}
}
