// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cancels

import (
	"context"
	"testing"
	"time"
)

type poller struct {
	n    int
	last time.Time
}

func (p *poller) run(ctx context.Context) error {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			p.n++
			p.last = now
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &poller{}
	errc := make(chan error, 1)
	go func() { errc <- p.run(ctx) }()
	time.Sleep(2 * time.Millisecond)
	cancel()
	if err := <-errc; err != context.Canceled {
		t.Fatal(err)
	}
	if p.n == 0 || p.last.IsZero() {
		t.Skip("slow")
	}
}

func TestTimeout(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
	defer cancel()
	p := &poller{}
	err := p.run(ctx)
	if err == nil || p.n < 0 {
		t.Fatal(err)
	}
}

func TestCleanup(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &poller{}
	done := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-done
		if p.n < 0 {
			t.Error(p.n)
		}
	})
	go func() {
		defer close(done)
		_ = p.run(ctx)
	}()
}
