// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package heartbeats has a loop that does something when it is told to end, and a
// function that waits for that.
package heartbeats

import (
	"context"
	"sync"
	"testing"
	"time"
)

type backend interface {
	Register(string)
	Beat() error
	Deregister(string)
}

type recorder struct {
	mu    sync.Mutex
	names []string
}

func (r *recorder) Register(n string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = append(r.names, n)
}

func (*recorder) Beat() error { return nil }

func (r *recorder) Deregister(string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = r.names[:0]
}

type registrar struct {
	b    backend
	quit chan chan struct{}
}

func newRegistrar(b backend) *registrar { return &registrar{b: b} }

func (r *registrar) start() {
	r.b.Register("a")
	r.quit = make(chan chan struct{})
	go r.loop()
}

func (r *registrar) stop() {
	q := make(chan struct{})
	r.quit <- q
	<-q
}

func (r *registrar) loop() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if r.b.Beat() != nil {
				return
			}
		case q := <-r.quit:
			r.b.Deregister("a")
			close(q)
			return
		}
	}
}

func TestBeats(t *testing.T) {
	rec := &recorder{}
	r := newRegistrar(rec)
	r.start()
	time.Sleep(5 * time.Millisecond)
	if want, have := 1, len(rec.names); want != have {
		t.Errorf("want %d, have %d", want, have)
	}
	r.stop()
	if want, have := 0, len(rec.names); want != have {
		t.Errorf("want %d, have %d", want, have)
	}
}

type job struct{ f func(context.Context) error }

func (j *job) execute(ctx context.Context) error { return j.f(ctx) }

func TestJob(t *testing.T) {
	n := 0
	j := &job{f: func(ctx context.Context) error {
		timer := time.NewTimer(time.Hour)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			n--
			return ctx.Err()
		case <-timer.C:
			n++
			return nil
		}
	}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); _ = j.execute(ctx) }()
	if n != 0 {
		t.Fatal("ran")
	}
	cancel()
	<-done
	if n != -1 {
		t.Fatal(n)
	}
}

type dialer struct {
	dial func() (string, error)
	tick chan struct{}
	got  chan string
}

func newDialer(f func() (string, error), tick chan struct{}) *dialer {
	d := &dialer{dial: f, tick: tick, got: make(chan string)}
	go d.loop()
	return d
}

func (d *dialer) loop() {
	s, _ := d.dial()
	for {
		select {
		case d.got <- s:
		case _, ok := <-d.tick:
			if !ok {
				return
			}
			s, _ = d.dial()
		}
	}
}

func (d *dialer) take() string { return <-d.got }

func TestDialer(t *testing.T) {
	var (
		tick  = make(chan struct{})
		value = "a"
		d     = newDialer(func() (string, error) { return value, nil }, tick)
	)
	if s := d.take(); s != "a" {
		t.Fatal(s)
	}
	value = "b"
	tick <- struct{}{}
	if s := d.take(); s != "b" {
		t.Fatal(s)
	}
	close(tick)
}
