// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestTaskResult(t *testing.T) {
	tk := startTask()
	tk.Result()
	if tk.val != 42 {
		t.Fatal(tk.val)
	}
}
func TestTaskFinished(t *testing.T) {
	tk := startTask()
	tk.Finished()
	if tk.val != 42 || tk.err != nil {
		t.Fatal(tk.val)
	}
}
func TestServerExit(t *testing.T) {
	s := newServer()
	time.Sleep(2 * time.Millisecond)
	s.Exit()
	if s.hits < 0 {
		t.Fatal(s.hits)
	}
}
func TestServerTeardown(t *testing.T) {
	s := newServer()
	s.teardown()
	s.hits = 0
}
func TestServerCleanup(t *testing.T) {
	var s *server
	t.Run("x", func(t *testing.T) {
		s = newServer()
		t.Cleanup(s.Exit)
	})
	if s.hits < 0 {
		t.Fatal()
	}
}
func TestServerLockFn(t *testing.T) {
	s := newServer()
	defer s.Exit()
	unlock := s.lock()
	s.hits = 7
	unlock()
}
func TestServerDeferLockFn(t *testing.T) {
	s := newServer()
	defer s.Exit()
	func() {
		defer s.lock()()
		s.hits = 7
	}()
}
func TestServerWith(t *testing.T) {
	s := newServer()
	defer s.Exit()
	s.with(func() { s.hits = 3; s.conns["a"]++ })
}
func TestActor(t *testing.T) {
	a := newActor()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { a.Inc("k") })
	}
	wg.Wait()
	if a.Get("k") != 4 {
		t.Fatal()
	}
	a.exec(func() { a.state["z"] = 1 })
	a.Close()
	if a.state["k"] != 4 {
		t.Fatal()
	}
}
func TestBatcher(t *testing.T) {
	b := newBatcher()
	b.Limit = 10
	b.Add(4)
	b.Add(5)
	if b.Sum() != 9 {
		t.Fatal()
	}
	if b.sum != 9 {
		t.Fatal()
	}
}
func TestCell(t *testing.T) {
	c := &cell{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _ = c.get().Len() })
	}
	wg.Wait()
	if c.n != 1 {
		t.Fatal()
	}
}
func TestHolder(t *testing.T) {
	h := &holder{}
	h.p.Store(&conf{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { h.update(func(c *conf) { c.N++ }) })
	}
	wg.Wait()
	if h.n() != 4 {
		t.Fatal()
	}
}
func TestParallelOwn(t *testing.T) {
	base := &opts{name: "b", sub: &opts{}}
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			o := base.With(i)
			o.set(i)
			p := base.clone()
			p.set(3)
			q := base.Set(3)
			q.name = "x"
			c := *base
			c.retries = i
			c.sub = &opts{}
			c.sub.retries = 4
		})
	}
}
func TestCounters(t *testing.T) {
	c := &counters{m: map[string]int{}}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.inc("a")
			c.Lock()
			defer c.Unlock()
			c.m["b"] += i
		}()
	}
	s := c.snapshot()
	s["mine"] = 1
	wg.Wait()
	if c.m["a"] != 4 {
		t.Fatal()
	}
}
func TestPool(t *testing.T) {
	p := &pool{}
	t.Run("a", func(t *testing.T) {
		t.Parallel()
		p.do(func(b *bytes.Buffer) { b.WriteString("a") })
	})
	t.Run("b", func(t *testing.T) {
		t.Parallel()
		p.do(func(b *bytes.Buffer) { b.WriteString("b") })
	})
}
func TestRunner(t *testing.T) {
	r := &runner{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	cancel()
	<-done
	if r.last == nil {
		t.Fatal()
	}
}
func TestRunnerWG(t *testing.T) {
	r := &runner{}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(ctx) })
	stop := func() { cancel(); wg.Wait() }
	stop()
	if r.last == nil {
		t.Fatal()
	}
}
func TestRunnerStart(t *testing.T) {
	r := &runner{}
	ctx, cancel := context.WithCancel(context.Background())
	r.Start(ctx)
	cancel()
	r.Wait()
	_ = r.n
}
func TestRunnerErrc(t *testing.T) {
	r := &runner{}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	r.Start(ctx)
	<-r.done
	_ = r.n
}
func runIt(t *testing.T, r *runner) func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx) }()
	return func() { cancel(); <-done }
}
func TestStopFunc(t *testing.T) {
	r := &runner{}
	stop := runIt(t, r)
	stop()
	if r.last == nil {
		t.Fatal()
	}
}
func TestQueue(t *testing.T) {
	q := newQueue()
	go func() {
		for i := range 5 {
			q.push(i)
		}
	}()
	for range 5 {
		q.pop()
	}
	q.mu.Lock()
	if q.total != 5 {
		t.Error(q.total)
	}
	q.mu.Unlock()
}
func TestQueueTotal(t *testing.T) {
	q := newQueue()
	go q.push(1)
	q.waitTotal(1)
	if q.total != 1 {
		t.Fatal()
	}
}
func TestQueuePop(t *testing.T) {
	q := newQueue()
	go q.push(1)
	if q.pop() != 1 {
		t.Fatal()
	}
	if q.total != 1 {
		t.Fatal()
	}
}
func TestProc(t *testing.T) {
	p := startProc()
	fmt.Fprint(p.w, "hi")
	if err := p.Exit(); err != nil {
		t.Fatal(err)
	}
	if p.out.String() != "hi" {
		t.Fatal()
	}
}
func TestRefresher(t *testing.T) {
	r := newRefresher()
	r.Block()
	if r.data["a"] != "b" {
		t.Fatal()
	}
}
func TestRefresherGet(t *testing.T) {
	r := newRefresher()
	for r.Get("a") == "" {
		time.Sleep(time.Millisecond)
	}
	if r.data["a"] != "b" {
		t.Fatal()
	}
}
func TestGroup(t *testing.T) {
	g := &group{}
	m := map[string]int{}
	var mu sync.Mutex
	for i := range 3 {
		g.spawn(func() error {
			mu.Lock()
			defer mu.Unlock()
			m[fmt.Sprint(i)]++
			return nil
		})
	}
	if len(g.all()) != 0 {
		t.Fatal()
	}
	if len(m) != 3 {
		t.Fatal()
	}
}
func TestParallelDo(t *testing.T) {
	m := map[int]int{}
	var mu sync.Mutex
	parallelDo(4, func(i int) { mu.Lock(); m[i]++; mu.Unlock() })
	if len(m) != 4 {
		t.Fatal()
	}
}
func TestEngine(t *testing.T) {
	e := &engine{}
	e.start()
	if !e.started {
		t.Fatal()
	}
	e.halt()
	if e.ticks < 0 {
		t.Fatal()
	}
}
func TestHTTP(t *testing.T) {
	seen := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen[r.URL.Path]++
		io.WriteString(w, "ok")
	}))
	defer srv.Close()
	for range 3 {
		resp, err := http.Get(srv.URL + "/a")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if seen["/a"] != 3 {
		t.Fatal(seen)
	}
}
