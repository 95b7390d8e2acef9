// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fakes

import (
	"context"
	"errors"
	"sync"
	"testing"
)

type Sender interface {
	Send(ctx context.Context, msg string) error
}

type fakeSender struct {
	mu   sync.Mutex
	sent []string
	err  error
}

func (f *fakeSender) Send(_ context.Context, msg string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, msg)
	return f.err
}

func (f *fakeSender) messages() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.sent...)
}

type dispatcher struct {
	to   Sender
	in   chan string
	done chan struct{}
	errs []error
}

func newDispatcher(to Sender) *dispatcher {
	d := &dispatcher{to: to, in: make(chan string, 8), done: make(chan struct{})}
	go d.run()
	return d
}

func (d *dispatcher) run() {
	defer close(d.done)
	for m := range d.in {
		if err := d.to.Send(context.Background(), m); err != nil {
			d.errs = append(d.errs, err)
		}
	}
}

func (d *dispatcher) Close() []error {
	close(d.in)
	<-d.done
	return d.errs
}

func TestDispatch(t *testing.T) {
	f := &fakeSender{}
	d := newDispatcher(f)
	d.in <- "a"
	d.in <- "b"
	if errs := d.Close(); len(errs) > 0 {
		t.Fatal(errs)
	}
	if len(f.sent) != 2 {
		t.Fatal(f.sent)
	}
}

func TestErrs(t *testing.T) {
	f := &fakeSender{err: errors.New("x")}
	d := newDispatcher(f)
	d.in <- "a"
	if _ = f.messages(); len(d.Close()) != 1 {
		t.Fatal()
	}
	f.err = nil
	if len(d.errs) != 1 {
		t.Fatal()
	}
}

type funcSender func(string) error

func (f funcSender) Send(_ context.Context, m string) error { return f(m) }

func TestFunc(t *testing.T) {
	var got []string
	d := newDispatcher(funcSender(func(m string) error {
		got = append(got, m)
		return nil
	}))
	d.in <- "a"
	d.Close()
	if len(got) != 1 {
		t.Fatal(got)
	}
}
