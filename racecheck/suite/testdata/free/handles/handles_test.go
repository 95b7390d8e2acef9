// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package handles

import (
	"testing"
	"time"
)

type handle struct {
	stop chan struct{}
	out  chan int
}

func spawn(f func(stop <-chan struct{}) int) *handle {
	h := &handle{make(chan struct{}), make(chan int)}
	go func() { h.out <- f(h.stop) }()
	return h
}

func (h *handle) kill() int { close(h.stop); return <-h.out }

func TestKill(t *testing.T) {
	n := 0
	h := spawn(func(stop <-chan struct{}) int {
		for {
			select {
			case <-stop:
				return n
			case <-time.After(10 * time.Microsecond):
				n++
			}
		}
	})
	if got := h.kill(); got != n {
		t.Fatal(got, n)
	}
}

func start(f func()) (stop func(), done <-chan struct{}) {
	quit, d := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(d)
		for {
			select {
			case <-quit:
				return
			default:
				f()
				time.Sleep(time.Microsecond)
			}
		}
	}()
	return func() { close(quit) }, d
}

func TestStart(t *testing.T) {
	n := 0
	stop, done := start(func() { n++ })
	stop()
	<-done
	if n < 0 {
		t.Fatal()
	}
}

func every(d time.Duration, f func()) (cancel func()) {
	tick := time.NewTicker(d)
	quit := make(chan struct{})
	go func() {
		for {
			select {
			case <-tick.C:
				f()
			case <-quit:
				quit <- struct{}{}
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		quit <- struct{}{}
		<-quit
	}
}

func TestEvery(t *testing.T) {
	n := 0
	cancel := every(50*time.Microsecond, func() { n++ })
	time.Sleep(time.Millisecond)
	cancel()
	if n < 0 {
		t.Fatal(n)
	}
}

type group struct{ hs []*handle }

func (g *group) spawn(f func()) {
	g.hs = append(g.hs, spawn(func(<-chan struct{}) int { f(); return 0 }))
}

func (g *group) join() {
	for _, h := range g.hs {
		<-h.out
	}
}

func TestGroup(t *testing.T) {
	var g group
	a, b := 0, ""
	g.spawn(func() { a = 1 })
	g.spawn(func() { b = "x" })
	g.join()
	if a != 1 || b != "x" {
		t.Fatal()
	}
}

func parallel(fs ...func()) {
	done := make(chan struct{}, len(fs))
	for _, f := range fs {
		go func() {
			f()
			done <- struct{}{}
		}()
	}
	for range fs {
		<-done
	}
}

func TestParallel(t *testing.T) {
	var a, b int
	m := map[string]int{}
	parallel(func() { a = 1 }, func() { b = 2 }, func() { m["x"] = 3 })
	if a+b+m["x"] != 6 {
		t.Fatal()
	}
	parallel(func() { a++ })
	parallel(func() { a++ })
	if a != 3 {
		t.Fatal()
	}
}
