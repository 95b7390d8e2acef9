// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package starts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type state struct {
	n    int
	m    map[string]int
	err  error
	next *state
}

func (s *state) inc()         { s.n++ }
func (s *state) put(k string) { s.m[k]++ }
func (s *state) get() int     { return s.n }
func fillState(s *state)      { s.n = 1; s.m["a"] = 1 }
func newState() *state        { return &state{m: map[string]int{}} }

// 1 errgroup-like
type eg struct {
	wg   sync.WaitGroup
	once sync.Once
	err  error
}

func (g *eg) Go(f func() error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	}()
}
func (g *eg) Wait() error { g.wg.Wait(); return g.err }

func TestEg(t *testing.T) {
	g := &eg{}
	s, u := newState(), newState()
	g.Go(func() error { fillState(s); return nil })
	g.Go(func() error { fillState(u); return errors.New("x") })
	if g.Wait() == nil {
		t.Fatal()
	}
	if g.err == nil || s.n+u.n != 2 || s.m["a"] != 1 {
		t.Fatal()
	}
}

// 2 if err := g.Wait(); err != nil
func TestEgIf(t *testing.T) {
	g := &eg{}
	s := newState()
	g.Go(func() error { s.inc(); return nil })
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	s.inc()
}

// 3 worker pool with results chan closed by a waiter
func TestPool(t *testing.T) {
	jobs, results := make(chan *state), make(chan *state)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				j.inc()
				results <- j
			}
		}()
	}
	go func() {
		for range 5 {
			jobs <- newState()
		}
		close(jobs)
	}()
	go func() { wg.Wait(); close(results) }()
	total := newState()
	for r := range results {
		total.n += r.n
		r.inc()
	}
	if total.n != 5 {
		t.Fatal()
	}
}

// 4 collector goroutine owns map
func TestCollector(t *testing.T) {
	in := make(chan string)
	done := make(chan struct{})
	s := newState()
	go func() {
		defer close(done)
		for k := range in {
			s.put(k)
		}
	}()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { in <- fmt.Sprint(i) })
	}
	wg.Wait()
	close(in)
	<-done
	if len(s.m) != 3 {
		t.Fatal()
	}
}

// 5 mutex passed as locker
func withLock(l sync.Locker, f func()) { l.Lock(); defer l.Unlock(); f() }
func TestLocker(t *testing.T) {
	var mu sync.Mutex
	s := newState()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { withLock(&mu, func() { s.put("a"); s.inc() }) })
	}
	wg.Wait()
	_ = s.n
}

// 6 parallel subtests over own elements of table by pointer
func TestTablePtr(t *testing.T) {
	cases := []*state{newState(), newState()}
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			c.inc()
			c.put("a")
			cases[i].n++
		})
	}
}

// 7 parallel subtests with map of own states
func TestMapOwn(t *testing.T) {
	cases := map[string]*state{"a": newState(), "b": newState()}
	for name := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases[name].inc()
		})
	}
}

// 8 request objects
func TestReq(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	t.Cleanup(srv.Close)
	base, _ := http.NewRequest("GET", srv.URL, nil)
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			req := base.Clone(context.Background())
			req.Header.Set("X", "y")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		})
	}
}

// 9 json decode in goroutine to own var returned by chan
func TestJSON(t *testing.T) {
	out := make(chan map[string]int, 2)
	for _, s := range []string{`{"a":1}`, `{"b":2}`} {
		go func() {
			var m map[string]int
			_ = json.Unmarshal([]byte(s), &m)
			m["x"]++
			out <- m
		}()
	}
	for range 2 {
		m := <-out
		m["z"] = 1
	}
}

// 10 exec with buffers, Wait
func TestExec(t *testing.T) {
	var out, errb bytes.Buffer
	cmd := exec.Command("true")
	cmd.Stdout, cmd.Stderr = &out, &errb
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	time.Sleep(time.Millisecond)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if out.Len()+errb.Len() != 0 {
		t.Fatal()
	}
}
func TestExecRun(t *testing.T) {
	var out bytes.Buffer
	cmd := exec.Command("true")
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	time.Sleep(time.Millisecond)
	if out.String() != "" {
		t.Fatal()
	}
}
func TestExecDone(t *testing.T) {
	var out bytes.Buffer
	cmd := exec.Command("true")
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("late")
	}
	if out.String() != "" {
		t.Fatal()
	}
}

// 11 conn echo with lock-step
func TestEcho(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	s := newState()
	go func() {
		buf := make([]byte, 1)
		for {
			if _, err := b.Read(buf); err != nil {
				return
			}
			s.inc()
			b.Write(buf)
		}
	}()
	buf := make([]byte, 1)
	for i := range 3 {
		a.Write(buf)
		a.Read(buf)
		if s.n != i+1 {
			t.Fatal()
		}
	}
}

// 12 cond
func TestCond(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	s := newState()
	go func() { c.L.Lock(); s.n = 3; c.L.Unlock(); c.Broadcast() }()
	c.L.Lock()
	for s.n == 0 {
		c.Wait()
	}
	s.inc()
	c.L.Unlock()
}

// 13 atomic pointer publish
func TestPublish(t *testing.T) {
	var p atomic.Pointer[state]
	go func() { s := newState(); s.inc(); p.Store(s) }()
	var s *state
	for s == nil {
		s = p.Load()
	}
	s.inc()
}

// 14 once value
func TestOnceValue(t *testing.T) {
	get := sync.OnceValue(func() *state { s := newState(); s.inc(); return s })
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _ = get().get() })
	}
	wg.Wait()
	get().inc()
}

// 15 once with shared var
func TestOnceShared(t *testing.T) {
	var once sync.Once
	var s *state
	load := func() *state { once.Do(func() { s = newState(); s.inc() }); return s }
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _ = load().n })
	}
	wg.Wait()
	s.inc()
}

// 16 timer drain
func TestTimerDrain(t *testing.T) {
	s := newState()
	fired := make(chan struct{})
	tm := time.AfterFunc(time.Hour, func() { s.inc(); close(fired) })
	if tm.Stop() {
		s.inc()
		return
	}
	<-fired
	s.inc()
}

// 17 ticker goroutine with stop & ack
func TestTicker(t *testing.T) {
	s := newState()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tk := time.NewTicker(100 * time.Microsecond)
		defer tk.Stop()
		for {
			select {
			case <-tk.C:
				s.inc()
			case <-stop:
				return
			}
		}
	}()
	time.Sleep(time.Millisecond)
	close(stop)
	<-stopped
	if s.n < 0 {
		t.Fatal()
	}
}
