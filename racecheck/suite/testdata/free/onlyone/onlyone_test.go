// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package onlyone has goroutines of which an atomic operation picks one.
package onlyone

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func work(i int) error {
	if i%2 == 0 {
		return errors.New("even")
	}
	return nil
}

func TestFirstFailure(t *testing.T) {
	var err error
	var failed int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if e := work(i); e != nil && i < 8 {
				if atomic.CompareAndSwapInt32(&failed, 0, 1) {
					err = e
				}
			}
		}()
	}
	wg.Wait()
	if err == nil {
		t.Fatal()
	}
}

func TestFirstComer(t *testing.T) {
	winner := -1
	var taken atomic.Bool
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if taken.Swap(true) {
				return
			}
			winner = i
		})
	}
	wg.Wait()
	if winner < 0 {
		t.Fatal()
	}
}

type ledger struct {
	in, out int
	ready   atomic.Int64
}

func (l *ledger) put() { l.in++; l.ready.Add(1) }

func (l *ledger) take() {
	if l.ready.Load() > int64(l.out) {
		l.out++
	}
}

func BenchmarkRoles(b *testing.B) {
	l := &ledger{}
	var role atomic.Uint32
	b.SetParallelism(2)
	b.RunParallel(func(pb *testing.PB) {
		switch role.Add(1) {
		case 1:
			for pb.Next() {
				l.put()
			}
		case 2:
			for pb.Next() {
				l.take()
			}
		}
	})
}

func TestRoles(t *testing.T) {
	l := &ledger{}
	last := 0
	var role atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if role.Add(1) == 1 {
				last = 1
				l.put()
			}
		})
	}
	wg.Wait()
	t.Log(last)
}
