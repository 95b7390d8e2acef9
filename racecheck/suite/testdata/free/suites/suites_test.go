// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package suites has tests that are methods of what a set-up makes.
package suites

import (
	"sync/atomic"
	"testing"
	"time"
)

type store struct{ n atomic.Int64 }

func (s *store) get() int64 { return s.n.Load() }

func (s *store) run(c *client) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.n.Add(c.more())
	}()
	return func() { <-done }
}

type client struct {
	suite *suite
	calls atomic.Int64
}

func (c *client) more() int64 {
	c.calls.Add(1)
	return c.suite.step
}

type suite struct {
	t     *testing.T
	store *store
	step  int64
}

func (s *suite) SetupTest() {
	s.store = &store{}
	s.step = 2
}

func (s *suite) TestGrows() {
	c := client{suite: s}
	stop := s.store.run(&c)
	for tries := 0; s.store.get() != 2; tries++ {
		time.Sleep(time.Millisecond)
		if tries > 1000 {
			break
		}
	}
	if s.store.get() != 2 {
		s.t.Error("no growth")
	}
	stop()
}

func TestSuite(t *testing.T) {
	s := &suite{t: t}
	s.SetupTest()
	s.TestGrows()
}
