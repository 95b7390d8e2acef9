// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package refused has calls that fail, and so leave nothing running.
package refused

import (
	"errors"
	"sync"
	"testing"
)

var (
	errFull   = errors.New("full")
	errClosed = errors.New("closed")
)

type sender struct {
	mu      sync.Mutex
	closed  bool
	pending int
	sent    sync.WaitGroup
}

func (s *sender) send(n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if s.pending+n > 4 {
		return errFull
	}
	s.pending += n
	s.sent.Add(1)
	go func() {
		defer s.sent.Done()
		s.mu.Lock()
		s.pending -= n
		s.mu.Unlock()
	}()
	return nil
}

func TestFull(t *testing.T) {
	s := &sender{pending: 4}
	err := s.send(1)
	if !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	if s.pending != 4 {
		t.Fatal(s.pending)
	}
	s.pending = 5
	if err := s.send(1); err == nil {
		t.Fatal("sent")
	}
	if s.pending != 5 {
		t.Fatal(s.pending)
	}
}

func TestClosed(t *testing.T) {
	s := &sender{closed: true}
	err := s.send(1)
	if err != errClosed {
		t.Fatal(err)
	}
	if s.pending != 0 {
		t.Fatal(s.pending)
	}
	s.sent.Wait()
}
