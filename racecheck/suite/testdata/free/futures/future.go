// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"context"
	"sync"
)

type Future[T any] struct {
	done chan struct{}
	val  T
	err  error
}

func Async[T any](f func() (T, error)) *Future[T] {
	fu := &Future[T]{done: make(chan struct{})}
	go func() {
		defer close(fu.done)
		fu.val, fu.err = f()
	}()
	return fu
}

func (f *Future[T]) Get() (T, error) {
	<-f.done
	return f.val, f.err
}

func (f *Future[T]) GetContext(ctx context.Context) (v T, err error) {
	select {
	case <-f.done:
		return f.val, f.err
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

func All[T any](fs ...*Future[T]) error {
	for _, f := range fs {
		if _, err := f.Get(); err != nil {
			return err
		}
	}
	return nil
}

type Promise struct {
	mu   sync.Mutex
	then []func(int)
	v    int
	set  bool
}

func (p *Promise) Then(f func(int)) {
	p.mu.Lock()
	if !p.set {
		p.then = append(p.then, f)
		p.mu.Unlock()
		return
	}
	v := p.v
	p.mu.Unlock()
	f(v)
}

func (p *Promise) Resolve(v int) {
	p.mu.Lock()
	p.v, p.set = v, true
	list := p.then
	p.then = nil
	p.mu.Unlock()
	for _, f := range list {
		f(v)
	}
}
