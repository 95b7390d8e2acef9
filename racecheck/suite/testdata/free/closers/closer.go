// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package closers

import "sync"

type Writer struct {
	mu     sync.Mutex
	closed bool
	c      chan int
	done   chan struct{}
	total  int
}

func New() *Writer {
	w := &Writer{c: make(chan int, 2), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for v := range w.c {
			w.total += v
		}
	}()
	return w
}

func (w *Writer) Write(v int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.c <- v
	return true
}

func (w *Writer) Close() int {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.c)
	}
	w.mu.Unlock()
	<-w.done
	return w.total
}
