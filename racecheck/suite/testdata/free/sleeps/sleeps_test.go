// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleeps

import (
	"bytes"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// ---- helpers
type cacheT struct {
	ttl     time.Duration
	m       map[string]time.Time
	onEvict func(string)
}

func newCache(ttl time.Duration, f func(string)) *cacheT {
	return &cacheT{ttl: ttl, m: map[string]time.Time{}, onEvict: f}
}
func (c *cacheT) Set(k string) { c.m[k] = time.Now().Add(c.ttl) }
func (c *cacheT) Has(k string) bool {
	e, ok := c.m[k]
	if ok && time.Now().After(e) {
		delete(c.m, k)
		c.onEvict(k)
		return false
	}
	return ok
}
func memo(ttl time.Duration, f func() int) func() int {
	var at time.Time
	v := 0
	return func() int {
		if time.Since(at) > ttl {
			v, at = f(), time.Now()
		}
		return v
	}
}
func retry(n int, f func() error) error {
	var err error
	for range n {
		if err = f(); err == nil {
			return nil
		}
		time.Sleep(time.Microsecond)
	}
	return err
}

// s1: synchronous memo, sleep between
func TestMemo(t *testing.T) {
	calls := 0
	m := memo(time.Millisecond, func() int { calls++; return calls })
	m()
	m()
	time.Sleep(2 * time.Millisecond)
	if calls != 1 {
		t.Fatal(calls)
	}
	m()
	if calls != 2 {
		t.Fatal(calls)
	}
}

// s2: eviction is lazy
func TestLazyEvict(t *testing.T) {
	var evicted []string
	c := newCache(time.Millisecond, func(k string) { evicted = append(evicted, k) })
	c.Set("a")
	time.Sleep(2 * time.Millisecond)
	if c.Has("a") || len(evicted) != 1 {
		t.Fatal(evicted)
	}
}

// s3: retry sync
func TestRetry(t *testing.T) {
	n := 0
	err := retry(3, func() error { n++; return errors.New("x") })
	time.Sleep(time.Millisecond)
	if n != 3 || err == nil {
		t.Fatal(n)
	}
}

// s4: logger buffer
func TestLogBuf(t *testing.T) {
	var buf bytes.Buffer
	l := log.New(&buf, "", 0)
	l.Print("a")
	time.Sleep(time.Millisecond)
	if buf.String() != "a\n" {
		t.Fatal(buf.String())
	}
}

type item struct {
	exp time.Time
	n   int
}

func (i *item) touch() { i.exp = time.Now(); i.n++ }

type holder struct{ it *item }

func (h *holder) put(i *item) { h.it = i; i.touch() }

// s5: item kept by single-threaded holder
func TestItem(t *testing.T) {
	it := &item{}
	h := &holder{}
	h.put(it)
	time.Sleep(time.Millisecond)
	if it.n != 1 || time.Since(it.exp) < time.Millisecond {
		t.Fatal(it)
	}
}

// s6: goroutine joined, then sleep
func TestJoinedThenSleep(t *testing.T) {
	n := 0
	var wg sync.WaitGroup
	wg.Go(func() { n++ })
	wg.Wait()
	time.Sleep(time.Millisecond)
	if n != 1 {
		t.Fatal()
	}
}

// s7: server callback stopped (closed + waited) then sleep
type poller struct {
	quit, done chan struct{}
	f          func()
}

func poll(f func()) *poller {
	p := &poller{make(chan struct{}), make(chan struct{}), f}
	go func() {
		defer close(p.done)
		for {
			select {
			case <-p.quit:
				return
			case <-time.After(100 * time.Microsecond):
				p.f()
			}
		}
	}()
	return p
}
func (p *poller) Stop() { close(p.quit); <-p.done }

func TestStopThenSleep(t *testing.T) {
	n := 0
	p := poll(func() { n++ })
	time.Sleep(time.Millisecond)
	p.Stop()
	was := n
	time.Sleep(time.Millisecond)
	if n != was {
		t.Fatal()
	}
}
func TestStopThenSleep2(t *testing.T) {
	n := 0
	p := poll(func() { n++ })
	time.Sleep(time.Millisecond)
	p.Stop()
	time.Sleep(time.Millisecond)
	if n < 0 {
		t.Fatal()
	}
}

// s8: handler served request synchronously, sleep for rate
func TestHandlerSleep(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
	defer srv.Close()
	for range 2 {
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		time.Sleep(time.Millisecond)
	}
	if hits != 2 {
		t.Fatal(hits)
	}
}
func TestHandlerDirect(t *testing.T) {
	hits := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ })
	for range 2 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		time.Sleep(time.Millisecond)
	}
	if hits != 2 {
		t.Fatal(hits)
	}
}
func TestMuxDirect(t *testing.T) {
	hits := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { hits++ })
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	time.Sleep(time.Millisecond)
	if hits != 1 {
		t.Fatal(hits)
	}
}
func TestSrvClosed(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
	resp, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	srv.Close()
	time.Sleep(time.Millisecond)
	if hits != 1 {
		t.Fatal(hits)
	}
}

// s9: fake clock
type clock struct {
	now    time.Time
	timers []func()
}

func (c *clock) AfterFunc(f func()) { c.timers = append(c.timers, f) }
func (c *clock) Advance() {
	for _, f := range c.timers {
		f()
	}
	c.now = c.now.Add(time.Second)
}
func (c *clock) Sleep(time.Duration) { c.Advance() }
func TestFakeClock(t *testing.T) {
	c := &clock{}
	fired := 0
	c.AfterFunc(func() { fired++ })
	c.Sleep(time.Second)
	if fired != 1 {
		t.Fatal(fired)
	}
}

type sleeper interface{ Sleep(time.Duration) }

func TestFakeSleep(t *testing.T) {
	c := &clock{}
	var s sleeper = c
	fired := false
	c.AfterFunc(func() { fired = true })
	s.Sleep(time.Second)
	if !fired {
		t.Fatal(fired)
	}
}

// s10: struct with callback fields, driven synchronously
type hooks struct {
	OnStart func()
	OnStop  func(error)
}

func run(h hooks) { h.OnStart(); h.OnStop(nil) }
func TestHooks(t *testing.T) {
	started, stopped := 0, false
	run(hooks{OnStart: func() { started++ }, OnStop: func(error) { stopped = true }})
	time.Sleep(time.Millisecond)
	if started != 1 || !stopped {
		t.Fatal()
	}
}

// s11: sort.Slice-like visitor, then sleep
func each(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}
func TestEach(t *testing.T) {
	sum := 0
	each(3, func(i int) { sum += i })
	time.Sleep(time.Millisecond)
	if sum != 3 {
		t.Fatal()
	}
}

// s12: mock with lock read through getter after sleep
type rec struct {
	mu  sync.Mutex
	got []string
}

func (r *rec) Handle(s string) { r.mu.Lock(); r.got = append(r.got, s); r.mu.Unlock() }
func (r *rec) Len() int        { r.mu.Lock(); defer r.mu.Unlock(); return len(r.got) }
func emit(f func(string), done chan struct{}) {
	go func() { f("x"); close(done) }()
}
func TestRec(t *testing.T) {
	r := &rec{}
	done := make(chan struct{})
	emit(r.Handle, done)
	time.Sleep(time.Millisecond)
	_ = r.Len()
	<-done
	time.Sleep(time.Millisecond)
	if len(r.got) != 1 {
		t.Fatal()
	}
}

type bus struct{ subs []interface{ Handle(string) } }

func (b *bus) add(h interface{ Handle(string) }) { b.subs = append(b.subs, h) }
func (b *bus) pub(s string) {
	for _, h := range b.subs {
		h.Handle(s)
	}
}

type plainRec struct{ got []string }

func (r *plainRec) Handle(s string) { r.got = append(r.got, s) }

// s13: synchronous bus
func TestBus(t *testing.T) {
	b := &bus{}
	r := &plainRec{}
	b.add(r)
	b.pub("x")
	time.Sleep(time.Millisecond)
	if len(r.got) != 1 {
		t.Fatal()
	}
}
