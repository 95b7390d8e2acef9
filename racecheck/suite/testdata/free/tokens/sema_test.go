// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package tokens

import (
	"context"
	"errors"
	"sync"
	"testing"
)

type sema chan struct{}

func (s sema) acquire() { s <- struct{}{} }
func (s sema) release() { <-s }

type gate struct{ c chan struct{} }

func (g *gate) enter(ctx context.Context) error {
	select {
	case g.c <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (g *gate) leave() { <-g.c }

func TestSema(t *testing.T) {
	s := make(sema, 1)
	n := 0
	var wg sync.WaitGroup
	for range 5 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.acquire()
			defer s.release()
			n++
		}()
	}
	wg.Wait()
	if n != 5 {
		t.Fatal(n)
	}
}

func TestGate(t *testing.T) {
	g := &gate{make(chan struct{}, 1)}
	m := map[int]int{}
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			if err := g.enter(context.Background()); err != nil {
				t.Error(err)
				return
			}
			defer g.leave()
			m[i]++
		})
	}
	wg.Wait()
	if len(m) != 5 {
		t.Fatal(m)
	}
}

type keyed struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

func (k *keyed) hold(key string) (free func()) {
	k.mu.Lock()
	l, ok := k.locks[key]
	if !ok {
		l = &sync.Mutex{}
		if k.locks == nil {
			k.locks = map[string]*sync.Mutex{}
		}
		k.locks[key] = l
	}
	k.mu.Unlock()
	l.Lock()
	return l.Unlock
}

func TestKeyed(t *testing.T) {
	k := &keyed{}
	vals := map[string]*int{"a": new(int), "b": new(int)}
	var wg sync.WaitGroup
	for _, key := range []string{"a", "b", "a"} {
		wg.Go(func() {
			free := k.hold(key)
			defer free()
			*vals[key]++
		})
	}
	wg.Wait()
	if *vals["a"] != 2 {
		t.Fatal()
	}
}

var errStop = errors.New("stop")

type txn struct {
	mu sync.Mutex
	m  map[string]int
}

func (x *txn) update(f func(m map[string]int) error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return f(x.m)
}

func TestTxn(t *testing.T) {
	x := &txn{m: map[string]int{}}
	fails := 0
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			x.update(func(m map[string]int) error {
				m["a"]++
				if i == 0 {
					fails++
					return errStop
				}
				return nil
			})
		})
	}
	wg.Wait()
	if x.m["a"] != 4 || fails != 1 {
		t.Fatal(x.m)
	}
}
