// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package cancelled has calls that last until they are cancelled, and a pool of one.
package cancelled

import (
	"context"
	"sync"
	"testing"
	"time"
)

type conn struct{}

func (conn) query(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestCancel(t *testing.T) {
	var c conn
	ctx, cancel := context.WithCancel(context.Background())
	go func() { cancel() }()
	if err := c.query(ctx, "sleep"); err == nil {
		t.Fatal("not cancelled")
	}
	ctx, cancel = context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := c.query(ctx, "late"); err == nil {
		t.Fatal("not late")
	}
}

// Receiver calls a function for each message, on as many goroutines as it is told.
type Receiver struct {
	Workers int
	msgs    chan int
}

// Receive runs until the messages have been handled.
func (r *Receiver) Receive(f func(int)) {
	var wg sync.WaitGroup
	for range r.Workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for m := range r.msgs {
				f(m)
			}
		}()
	}
	wg.Wait()
}

func TestAlone(t *testing.T) {
	r := &Receiver{msgs: make(chan int, 4)}
	r.Workers = 1
	for i := range 4 {
		r.msgs <- i
	}
	close(r.msgs)
	count := 0
	r.Receive(func(int) { count++ })
	if count != 4 {
		t.Fatal(count)
	}
	other := &Receiver{Workers: 1, msgs: make(chan int, 1)}
	other.msgs <- 1
	close(other.msgs)
	sum := 0
	other.Receive(func(i int) { sum += i })
	if sum != 1 {
		t.Fatal(sum)
	}
}
