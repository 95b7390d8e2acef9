// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleeps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// s14: bytes.Buffer given to a synchronous encoder
func TestEnc(t *testing.T) {
	var buf bytes.Buffer
	w := io.MultiWriter(&buf, io.Discard)
	fmt.Fprint(w, "x")
	time.Sleep(time.Millisecond)
	if buf.Len() != 1 {
		t.Fatal()
	}
}

// s15: rate-limit: sleep inside a loop, callback called in the loop by helper value
func TestThrottle(t *testing.T) {
	calls := 0
	f := throttle(time.Millisecond, func() { calls++ })
	for range 3 {
		f()
		time.Sleep(2 * time.Millisecond)
	}
	if calls != 3 {
		t.Fatal(calls)
	}
}
func throttle(d time.Duration, f func()) func() {
	var last time.Time
	return func() {
		if time.Since(last) >= d {
			last = time.Now()
			f()
		}
	}
}

// ---- signalread
type client struct{ on func(int) }

// g1: unbuffered, single event with ack
func TestAck(t *testing.T) {
	n := 0
	sig, ack := make(chan struct{}), make(chan struct{})
	go func() {
		for range 3 {
			n++
			sig <- struct{}{}
			<-ack
		}
	}()
	for range 3 {
		<-sig
		_ = n
		ack <- struct{}{}
	}
}

// g2: producer signals exactly count, receiver checks at end
func TestCounts(t *testing.T) {
	n := 0
	sig := make(chan struct{})
	go func() {
		for range 3 {
			n++
			sig <- struct{}{}
		}
	}()
	for range 3 {
		<-sig
	}
	if n != 3 {
		t.Fatal()
	}
}

// g3: callback once (handler of one message)
func deliver(f func(int)) chan struct{} {
	d := make(chan struct{})
	go func() { defer close(d); f(1) }()
	return d
}
func TestOnce(t *testing.T) {
	n := 0
	got := make(chan struct{})
	d := deliver(func(i int) { n += i; got <- struct{}{} })
	<-got
	if n != 1 {
		t.Fatal()
	}
	<-d
}
func TestOnceLoop(t *testing.T) {
	n := 0
	got := make(chan struct{})
	deliver(func(i int) { n += i; got <- struct{}{} })
	for {
		select {
		case <-got:
			if n != 1 {
				t.Fatal()
			}
			return
		case <-time.After(time.Second):
			t.Fatal()
		}
	}
}

// g4: closes after last
func TestRangeClose(t *testing.T) {
	n := 0
	sig := make(chan int)
	go func() {
		defer close(sig)
		for i := range 3 {
			n++
			sig <- i
		}
	}()
	for range sig {
	}
	if n != 3 {
		t.Fatal()
	}
}

// g5: last flag in message
func TestLast(t *testing.T) {
	var got []int
	done := make(chan bool)
	go func() {
		for i := range 3 {
			got = append(got, i)
			done <- i == 2
		}
	}()
	for !<-done {
	}
	if len(got) != 3 {
		t.Fatal()
	}
}

// g5b: for loop, break on last then read
func TestLastBreak(t *testing.T) {
	var got []int
	done := make(chan bool)
	go func() {
		for i := range 3 {
			got = append(got, i)
			done <- i == 2
		}
	}()
	for {
		if last := <-done; last {
			if len(got) != 3 {
				t.Fatal()
			}
			break
		}
	}
}

// g6: per-request: each iteration makes a call, handler signals
func TestPerRequest(t *testing.T) {
	n := 0
	sig := make(chan struct{}, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n++; sig <- struct{}{} }))
	defer srv.Close()
	for i := range 3 {
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		<-sig
		if n != i+1 {
			t.Fatal()
		}
	}
}

// g7: signal then write in goroutine, joined later
func TestThenJoin(t *testing.T) {
	n := 0
	started, done := make(chan struct{}), make(chan struct{})
	go func() {
		started <- struct{}{}
		n = 5
		close(done)
	}()
	<-started
	<-done
	if n != 5 {
		t.Fatal()
	}
}

// g8: callback signals start, waits for release, writes; test reads before release
func TestStartRelease(t *testing.T) {
	state := "init"
	started, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		call(func() {
			started <- struct{}{}
			<-release
			state = "done"
		})
		close(done)
	}()
	<-started
	if state != "init" {
		t.Fatal()
	}
	close(release)
	<-done
	if state != "done" {
		t.Fatal()
	}
}
func call(f func()) { f() }

// g9: callback registers & signals early, but read after stop()
func TestStopAfterSignal(t *testing.T) {
	n := 0
	first := make(chan struct{}, 1)
	p := poll(func() {
		select {
		case first <- struct{}{}:
		default:
		}
		n++
	})
	<-first
	p.Stop()
	if n == 0 {
		t.Fatal()
	}
}

// g10: callback writes before signalling, once
func TestCallbackOnce(t *testing.T) {
	var once sync.Once
	got := 0
	sig := make(chan struct{})
	p := poll(func() { once.Do(func() { got = 7; close(sig) }) })
	<-sig
	if got != 7 {
		t.Fatal()
	}
	p.Stop()
}

// g11: net.Conn serve
func TestConn(t *testing.T) {
	a, b := net.Pipe()
	var got []byte
	done := make(chan error, 1)
	go func() {
		var err error
		got, err = io.ReadAll(b)
		done <- err
	}()
	a.Write([]byte("hi"))
	a.Close()
	if err := <-done; err != nil || string(got) != "hi" {
		t.Fatal()
	}
}

// g12: ctx cancel + done
func TestCtx(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			n++
			time.Sleep(time.Microsecond)
		}
	}()
	time.Sleep(time.Millisecond)
	cancel()
	<-done
	if n == 0 {
		t.Fatal()
	}
}

// g13 atomic gate
func TestAtomicGate(t *testing.T) {
	var n atomic.Int32
	res := 0
	p := poll(func() {
		if n.Add(1) == 1 {
			res = 4
			n.Add(1)
		}
	})
	for n.Load() < 2 {
		time.Sleep(time.Microsecond)
	}
	if res != 4 {
		t.Fatal()
	}
	p.Stop()
}

// g14 cb with early signal but read in the same callback's continuation channel
func TestErrAfter(t *testing.T) {
	var err error
	started := make(chan struct{})
	d := deliver(func(int) { close(started); err = io.EOF })
	<-started
	<-d
	if err != io.EOF {
		t.Fatal()
	}
}
func TestEarlySendJoin(t *testing.T) {
	var err error
	started := make(chan struct{})
	d := deliver(func(int) { started <- struct{}{}; err = io.EOF })
	<-started
	<-d
	if err != io.EOF {
		t.Fatal()
	}
}
func waitDone(d chan struct{}) { <-d }
