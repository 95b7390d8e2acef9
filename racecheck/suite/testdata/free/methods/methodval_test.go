// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package methods

import (
	"sync"
	"testing"
	"time"
)

type worker struct {
	n    int
	err  error
	done chan struct{}
	quit chan struct{}
}

func newWorker() *worker { return &worker{done: make(chan struct{}), quit: make(chan struct{})} }

func (w *worker) loop() {
	defer close(w.done)
	for {
		w.n++
		select {
		case <-w.quit:
			return
		case <-time.After(50 * time.Microsecond):
		}
	}
}

func (w *worker) stop() { close(w.quit); <-w.done }

func (w *worker) once() { w.n++ }

func TestGo(t *testing.T) {
	w := newWorker()
	go w.loop()
	w.stop()
	if w.n == 0 {
		t.Fatal()
	}
}

func TestWgGo(t *testing.T) {
	w := newWorker()
	var wg sync.WaitGroup
	wg.Go(w.loop)
	close(w.quit)
	wg.Wait()
	if w.n == 0 {
		t.Fatal()
	}
	wg.Go(w.once)
	wg.Wait()
	w.n = 0
}

func TestCleanup(t *testing.T) {
	w := newWorker()
	t.Cleanup(func() {
		if w.n == 0 {
			t.Error()
		}
	})
	go w.loop()
	t.Cleanup(w.stop)
}

func TestDefer(t *testing.T) {
	w := newWorker()
	func() {
		go w.loop()
		defer w.stop()
	}()
	if w.n == 0 {
		t.Fatal()
	}
}

func TestSubDefer(t *testing.T) {
	w := newWorker()
	t.Run("x", func(t *testing.T) {
		go w.loop()
		defer w.stop()
	})
	if w.n == 0 || w.err != nil {
		t.Fatal()
	}
}

func TestAfterFunc(t *testing.T) {
	w := newWorker()
	tm := time.AfterFunc(time.Hour, w.once)
	if tm.Stop() {
		w.once()
	}
	if w.n != 1 {
		t.Fatal()
	}
}
