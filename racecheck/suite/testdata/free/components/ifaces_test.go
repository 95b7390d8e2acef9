// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package components

import (
	"context"
	"sync"
	"testing"
)

type component interface {
	Start(context.Context) error
	Wait() error
}

type job struct {
	ticks int
	done  chan struct{}
	err   error
}

func (j *job) Start(ctx context.Context) error {
	j.done = make(chan struct{})
	go func() {
		defer close(j.done)
		j.ticks = 3
		j.err = ctx.Err()
	}()
	return nil
}

func (j *job) Wait() error { <-j.done; return j.err }

func runAll(ctx context.Context, cs ...component) error {
	for _, c := range cs {
		if err := c.Start(ctx); err != nil {
			return err
		}
	}
	for _, c := range cs {
		if err := c.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func TestRunAll(t *testing.T) {
	a, b := &job{}, &job{}
	if err := runAll(context.Background(), a, b); err != nil {
		t.Fatal(err)
	}
	if a.ticks != 3 || b.ticks != 3 {
		t.Fatal()
	}
}

func TestOne(t *testing.T) {
	j := &job{}
	var c component = j
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if j.ticks != 3 {
		t.Fatal()
	}
}

type suite struct {
	t    *testing.T
	jobs []*job
	log  []string
	mu   sync.Mutex
}

func (s *suite) add() *job {
	j := &job{}
	s.jobs = append(s.jobs, j)
	if err := j.Start(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return j
}

func (s *suite) logf(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, m)
}

func (s *suite) teardown() {
	for _, j := range s.jobs {
		if err := j.Wait(); err != nil {
			s.t.Error(err)
		}
	}
}

func TestSuite(t *testing.T) {
	s := &suite{t: t}
	j := s.add()
	s.add()
	s.logf("a")
	s.teardown()
	if j.ticks != 3 || len(s.log) != 1 {
		t.Fatal()
	}
}

func TestSuiteCleanup(t *testing.T) {
	s := &suite{t: t}
	t.Cleanup(func() {
		s.teardown()
		for _, j := range s.jobs {
			if j.ticks != 3 {
				t.Error(j)
			}
		}
	})
	s.add()
}
