// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package executor

import (
	"sync"
	"testing"
)

type executor struct {
	tasks chan func()
	wg    sync.WaitGroup
}

func newExecutor() *executor {
	e := &executor{tasks: make(chan func())}
	e.wg.Add(1)
	go func() {
		defer e.wg.Done()
		for f := range e.tasks {
			f()
		}
	}()
	return e
}

func (e *executor) run(f func()) {
	done := make(chan struct{})
	e.tasks <- func() {
		defer close(done)
		f()
	}
	<-done
}

func (e *executor) post(f func()) { e.tasks <- f }
func (e *executor) flush()        { e.run(func() {}) }
func (e *executor) shut()         { close(e.tasks); e.wg.Wait() }

func TestRun(t *testing.T) {
	e := newExecutor()
	n := 0
	e.run(func() { n++ })
	if n != 1 {
		t.Fatal()
	}
	e.run(func() { n++ })
	n++
	e.shut()
	if n != 3 {
		t.Fatal(n)
	}
}

func TestPost(t *testing.T) {
	e := newExecutor()
	var log []string
	e.post(func() { log = append(log, "a") })
	e.post(func() { log = append(log, "b") })
	e.flush()
	if len(log) != 2 {
		t.Fatal(log)
	}
	e.post(func() { log = append(log, "c") })
	e.shut()
	if len(log) != 3 {
		t.Fatal(log)
	}
}

func TestShared(t *testing.T) {
	e := newExecutor()
	m := map[int]int{}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			e.run(func() { m[i] = i })
		}()
	}
	wg.Wait()
	e.shut()
	if len(m) != 4 {
		t.Fatal(m)
	}
}
