// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package closures

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestFinish(t *testing.T) {
	done := make(chan struct{})
	finish := func() { close(done) }
	wait := func() { <-done }
	n := 0
	go func() {
		defer finish()
		n++
	}()
	wait()
	if n != 1 {
		t.Fatal(n)
	}
}

func TestCleanupFunc(t *testing.T) {
	var wg sync.WaitGroup
	stop := make(chan struct{})
	n := 0
	cleanup := func() {
		close(stop)
		wg.Wait()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Microsecond):
				n++
			}
		}
	}()
	cleanup()
	if n < 0 {
		t.Fatal()
	}
}

func TestDeferOrder(t *testing.T) {
	n := 0
	done := make(chan struct{})
	stop := make(chan struct{})
	defer func() {
		if n < 1 {
			t.Error(n)
		}
	}()
	defer func() {
		close(stop)
		<-done
	}()
	go func() {
		defer close(done)
		n++
		<-stop
		n++
	}()
}

func join(fs ...func() error) error {
	errs := make(chan error, len(fs))
	for _, f := range fs {
		go func() { errs <- f() }()
	}
	var err error
	for range fs {
		err = errors.Join(err, <-errs)
	}
	return err
}

func TestJoin(t *testing.T) {
	var a, b int
	if err := join(func() error { a = 1; return nil }, func() error { b = 2; return nil }); err != nil {
		t.Fatal(err)
	}
	if a+b != 3 {
		t.Fatal()
	}
}

func TestSpawnClosure(t *testing.T) {
	var wg sync.WaitGroup
	spawn := func(f func()) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	a, b := 0, []string{}
	spawn(func() { a = 3 })
	spawn(func() { b = append(b, "x") })
	wg.Wait()
	if a != 3 || len(b) != 1 {
		t.Fatal()
	}
}

func TestAwaitErr(t *testing.T) {
	errc := make(chan error)
	res := map[string]int{}
	await := func() {
		t.Helper()
		select {
		case err := <-errc:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("late")
		}
	}
	go func() {
		res["a"] = 1
		errc <- nil
	}()
	await()
	res["a"]++
	if res["a"] != 2 {
		t.Fatal()
	}
}
