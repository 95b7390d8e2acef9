// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type mock struct {
	mu    sync.Mutex
	calls []string
	ret   map[string]error
}

func (m *mock) Call(s string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, s)
	return m.ret[s]
}
func TestMock(t *testing.T) {
	m := &mock{ret: map[string]error{}}
	m.ret["a"] = errX
	errs := make(chan error, 3)
	for range 3 {
		go func() { errs <- m.Call("a") }()
	}
	for range 3 {
		if <-errs != errX {
			t.Fatal()
		}
	}
	if len(m.calls) != 3 {
		t.Fatal()
	}
}
func TestSem(t *testing.T) {
	sem := make(chan struct{}, 1)
	o := &opts{}
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sem <- struct{}{}
			defer func() { <-sem }()
			o.set(i)
			o.retries++
		}()
	}
	wg.Wait()
	_ = o.retries
}
func TestPingPong(t *testing.T) {
	ping, pong := make(chan *opts), make(chan *opts)
	go func() {
		for o := range ping {
			o.retries++
			pong <- o
		}
		close(pong)
	}()
	o := &opts{}
	for range 3 {
		ping <- o
		o = <-pong
		o.retries++
	}
	close(ping)
	<-pong
	if o.retries != 6 {
		t.Fatal()
	}
}
func TestSetupBeforeReceive(t *testing.T) {
	o := &opts{}
	start := make(chan struct{})
	done := make(chan int)
	go func() { <-start; done <- o.retries }()
	o.retries = 5
	o.set(6)
	close(start)
	if <-done != 6 {
		t.Fatal()
	}
}
func TestHandOff(t *testing.T) {
	ch := make(chan *bytes.Buffer, 1)
	buf := &bytes.Buffer{}
	buf.WriteString("a")
	go func() {
		b := <-ch
		b.WriteString("b")
		ch <- b
	}()
	ch <- buf
	time.Sleep(time.Millisecond)
	_ = rand.Int()
	for len(ch) == 0 {
		time.Sleep(time.Millisecond)
	}
	b := <-ch
	if b.String() != "ab" || buf.Len() != 2 {
		t.Fatal()
	}
}
func TestAtomicFlag(t *testing.T) {
	var ready atomic.Bool
	o := &opts{}
	go func() { o.retries = 4; ready.Store(true) }()
	for !ready.Load() {
		time.Sleep(time.Microsecond)
	}
	if o.retries != 4 {
		t.Fatal()
	}
}
func TestValue(t *testing.T) {
	var v atomic.Value
	o := &opts{}
	go func() { o.retries = 4; v.Store(o) }()
	for v.Load() == nil {
		time.Sleep(time.Microsecond)
	}
	if o.retries != 4 {
		t.Fatal()
	}
}
func TestTimerAfterFunc(t *testing.T) {
	o := &opts{}
	done := make(chan struct{})
	tm := time.AfterFunc(time.Millisecond, func() { o.set(3); close(done) })
	if !tm.Stop() {
		<-done
	}
	_ = o.retries
}
func TestTimerReset(t *testing.T) {
	o := &opts{}
	fired := make(chan *opts, 1)
	time.AfterFunc(time.Millisecond, func() { o.retries++; fired <- o })
	select {
	case p := <-fired:
		_ = p.retries
	case <-time.After(time.Second):
		t.Fatal("late")
	}
	_ = o.retries
}
func TestScanLines(t *testing.T) {
	pr, pw := io.Pipe()
	lines := map[string]bool{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		data, _ := io.ReadAll(pr)
		for _, l := range strings.Fields(string(data)) {
			lines[l] = true
		}
	}()
	fmt.Fprintln(pw, "a b")
	pw.Close()
	<-done
	if !lines["a"] {
		t.Fatal()
	}
}
func TestDeferWait(t *testing.T) {
	o := &opts{}
	func() {
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Add(1)
		go func() { defer wg.Done(); o.set(1) }()
	}()
	if o.retries != 1 {
		t.Fatal()
	}
}
func waitFor(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(5 * time.Second):
		t.Fatal("timeout")
	}
}
func TestWaitForHelper(t *testing.T) {
	o := &opts{}
	c := make(chan struct{})
	go func() { o.set(1); close(c) }()
	waitFor(t, c)
	_ = o.retries
}
func eventually(t *testing.T, f func() bool) {
	t.Helper()
	for range 5000 {
		if f() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("never")
}
func TestEventually(t *testing.T) {
	s := newServer()
	eventually(t, func() bool { return s.Hits() > 1 })
	s.Exit()
	_ = s.hits
}
func TestSubGroup(t *testing.T) {
	results := map[string]int{}
	var mu sync.Mutex
	t.Run("group", func(t *testing.T) {
		for _, n := range []string{"a", "b"} {
			t.Run(n, func(t *testing.T) {
				t.Parallel()
				mu.Lock()
				defer mu.Unlock()
				results[n] = 1
			})
		}
	})
	if len(results) != 2 {
		t.Fatal()
	}
}
func TestParallelCleanup(t *testing.T) {
	s := newServer()
	t.Cleanup(func() { s.Exit(); _ = s.hits; s.conns["x"] = 1 })
	t.Run("a", func(t *testing.T) { t.Parallel(); _ = s.Hits() })
	t.Run("b", func(t *testing.T) { t.Parallel(); _ = s.Hits() })
}
func TestSyncBuf(t *testing.T) {
	b := &syncBuf{}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { fmt.Fprintln(b, "x") })
	}
	wg.Wait()
	if b.b.Len() != 6 {
		t.Fatal(b.b.Len())
	}
}
func TestBroadcast(t *testing.T) {
	o := &opts{}
	ready := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { <-ready; _ = o.retries })
	}
	o.retries = 3
	close(ready)
	wg.Wait()
	o.retries = 4
}
func TestStage(t *testing.T) {
	gen := func() <-chan *opts {
		out := make(chan *opts)
		go func() {
			defer close(out)
			for i := range 3 {
				out <- &opts{retries: i}
			}
		}()
		return out
	}
	sum := 0
	for o := range gen() {
		o.retries++
		sum += o.retries
	}
	if sum != 6 {
		t.Fatal()
	}
}
