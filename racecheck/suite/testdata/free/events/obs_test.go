// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package events

import (
	"testing"
	"time"
)

type event struct {
	kind string
	n    int
}

type source struct {
	subs []chan<- event
	sent int
}

func (s *source) emit(e event) {
	s.sent++
	for _, c := range s.subs {
		c <- e
	}
}

func TestEmit(t *testing.T) {
	a, b := make(chan event, 3), make(chan event, 3)
	s := &source{subs: []chan<- event{a, b}}
	done := make(chan struct{})
	counts := map[string]int{}
	go func() {
		defer close(done)
		for range 3 {
			e := <-a
			counts[e.kind] += e.n
		}
	}()
	for i := range 3 {
		s.emit(event{"x", i})
	}
	<-done
	if counts["x"] != 3 || s.sent != 3 || len(b) != 3 {
		t.Fatal(counts)
	}
}

func collect(c <-chan event, n int, timeout time.Duration) ([]event, bool) {
	var got []event
	after := time.After(timeout)
	for len(got) < n {
		select {
		case e := <-c:
			got = append(got, e)
		case <-after:
			return got, false
		}
	}
	return got, true
}

func TestCollect(t *testing.T) {
	c := make(chan event)
	s := &source{subs: []chan<- event{c}}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.emit(event{"a", 1})
		s.emit(event{"b", 2})
	}()
	got, ok := collect(c, 2, 5*time.Second)
	if !ok || got[1].kind != "b" {
		t.Fatal(got)
	}
	<-stopped
	if s.sent != 2 {
		t.Fatal(s.sent)
	}
}

func TestLastSend(t *testing.T) {
	c := make(chan int)
	p := &event{}
	go func() {
		for i := range 3 {
			p.n = i
			c <- i
			<-c
		}
		p.kind = "end"
		close(c)
	}()
	for v := range c {
		if p.n != v {
			t.Fatal(p)
		}
		p.n = 0
		c <- 0
	}
	if p.kind != "end" {
		t.Fatal(p)
	}
}

func TestRequestReply(t *testing.T) {
	type req struct {
		arg  int
		resp *event
		done chan struct{}
	}
	reqs := make(chan *req)
	go func() {
		for r := range reqs {
			r.resp.n = r.arg * 2
			close(r.done)
		}
	}()
	for i := range 3 {
		r := &req{arg: i, resp: &event{}, done: make(chan struct{})}
		reqs <- r
		<-r.done
		if r.resp.n != 2*i {
			t.Fatal(r.resp)
		}
	}
	close(reqs)
}
