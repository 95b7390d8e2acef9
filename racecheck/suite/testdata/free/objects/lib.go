// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// 1 task: result field set by goroutine, waited by Result.
type task struct {
	done chan struct{}
	val  int
	err  error
}

func startTask() *task {
	t := &task{done: make(chan struct{})}
	go func() {
		defer close(t.done)
		t.val = 42
		t.err = nil
	}()
	return t
}
func (t *task) Result() (int, error) { <-t.done; return t.val, t.err }
func (t *task) Finished()            { <-t.done }

// 2 server with lock + loop
type server struct {
	mu    sync.Mutex
	conns map[string]int
	hits  int
	quit  chan struct{}
	wg    sync.WaitGroup
}

func newServer() *server {
	s := &server{conns: map[string]int{}, quit: make(chan struct{})}
	s.wg.Add(1)
	go s.loop()
	return s
}
func (s *server) loop() {
	defer s.wg.Done()
	t := time.NewTicker(time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-t.C:
			s.mu.Lock()
			s.hits++
			s.mu.Unlock()
		}
	}
}
func (s *server) Exit()     { close(s.quit); s.wg.Wait() }
func (s *server) teardown() { s.Exit() }
func (s *server) Hits() int { s.mu.Lock(); defer s.mu.Unlock(); return s.hits }
func (s *server) lock() func() {
	s.mu.Lock()
	return s.mu.Unlock
}
func (s *server) with(f func()) { s.mu.Lock(); defer s.mu.Unlock(); f() }

// 3 event loop (actor): all access on one goroutine
type actor struct {
	cmds  chan func()
	state map[string]int
	ended chan struct{}
}

func newActor() *actor {
	a := &actor{cmds: make(chan func()), state: map[string]int{}, ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		for f := range a.cmds {
			f()
		}
	}()
	return a
}
func (a *actor) exec(f func()) {
	done := make(chan struct{})
	a.cmds <- func() { f(); close(done) }
	<-done
}
func (a *actor) Inc(k string)         { a.exec(func() { a.state[k]++ }) }
func (a *actor) Get(k string) (n int) { a.exec(func() { n = a.state[k] }); return }
func (a *actor) Close()               { close(a.cmds); <-a.ended }

// 4 lazily started worker that waits for input
type batcher struct {
	in    chan int
	sum   int
	done  chan struct{}
	Limit int
}

func newBatcher() *batcher {
	b := &batcher{in: make(chan int), done: make(chan struct{}), Limit: 3}
	go b.run()
	return b
}
func (b *batcher) run() {
	defer close(b.done)
	for v := range b.in {
		if v > b.Limit {
			v = b.Limit
		}
		b.sum += v
	}
}
func (b *batcher) Add(v int) { b.in <- v }
func (b *batcher) Sum() int  { close(b.in); <-b.done; return b.sum }

// 5 once cell
type cell struct {
	once sync.Once
	v    *bytes.Buffer
	n    int
}

func (c *cell) get() *bytes.Buffer {
	c.once.Do(func() { c.v = &bytes.Buffer{}; c.n++ })
	return c.v
}

// 6 conf via atomic pointer
type conf struct{ N int }
type holder struct{ p atomic.Pointer[conf] }

func (h *holder) update(f func(*conf)) {
	for {
		old := h.p.Load()
		n := *old
		f(&n)
		if h.p.CompareAndSwap(old, &n) {
			return
		}
	}
}
func (h *holder) n() int { return h.p.Load().N }

// 7 copy-on-write method with value receiver
type opts struct {
	retries int
	name    string
	sub     *opts
}

func (o *opts) With(n int) *opts { c := *o; c.retries = n; return &c }
func (o opts) Set(n int) opts    { o.retries = n; return o }
func (o *opts) clone() *opts     { return &opts{retries: o.retries, name: o.name} }
func (o *opts) set(n int)        { o.retries = n }

// 8 embedded mutex
type counters struct {
	sync.Mutex
	m map[string]int
}

func (c *counters) inc(k string) { c.Lock(); c.m[k]++; c.Unlock() }
func (c *counters) snapshot() map[string]int {
	c.Lock()
	defer c.Unlock()
	out := make(map[string]int, len(c.m))
	for k, v := range c.m {
		out[k] = v
	}
	return out
}

// 9 pool
type pool struct{ p sync.Pool }

func (p *pool) do(f func(*bytes.Buffer)) {
	b, _ := p.p.Get().(*bytes.Buffer)
	if b == nil {
		b = &bytes.Buffer{}
	}
	b.Reset()
	f(b)
	p.p.Put(b)
}

// 10 locked writer
type syncBuf struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuf) Write(p []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(p) }
func (s *syncBuf) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// 11 lifecycle with ctx
type runner struct {
	n    int
	last error
	done chan struct{}
}

func (r *runner) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			r.last = ctx.Err()
			return ctx.Err()
		default:
			r.n++
			time.Sleep(time.Microsecond)
		}
	}
}
func (r *runner) Start(ctx context.Context) {
	r.done = make(chan struct{})
	go func() {
		defer close(r.done)
		_ = r.Run(ctx)
	}()
}
func (r *runner) Wait() { <-r.done }

// 12 future with cond
type queue struct {
	mu    sync.Mutex
	cond  *sync.Cond
	items []int
	total int
}

func newQueue() *queue { q := &queue{}; q.cond = sync.NewCond(&q.mu); return q }
func (q *queue) push(v int) {
	q.mu.Lock()
	q.items = append(q.items, v)
	q.total++
	q.mu.Unlock()
	q.cond.Signal()
}
func (q *queue) pop() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		q.cond.Wait()
	}
	v := q.items[0]
	q.items = q.items[1:]
	return v
}
func (q *queue) waitTotal(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.total < n {
		q.cond.Wait()
	}
}

// 13 pipe process
type proc struct {
	out bytes.Buffer
	r   io.Reader
	w   io.WriteCloser
	fin chan error
}

func startProc() *proc {
	r, w := io.Pipe()
	p := &proc{r: r, w: w, fin: make(chan error, 1)}
	go func() {
		_, err := io.Copy(&p.out, r)
		p.fin <- err
	}()
	return p
}
func (p *proc) Exit() error { p.w.Close(); return <-p.fin }

var errX = errors.New("x")

// 14 background refresh with lock; struct literal exposes read accessor that locks via helper
type refresher struct {
	mu    sync.RWMutex
	data  map[string]string
	ready chan struct{}
}

func newRefresher() *refresher {
	r := &refresher{ready: make(chan struct{})}
	go func() {
		r.mu.Lock()
		r.data = map[string]string{"a": "b"}
		r.mu.Unlock()
		close(r.ready)
	}()
	return r
}
func (r *refresher) Get(k string) string { r.mu.RLock(); defer r.mu.RUnlock(); return r.data[k] }
func (r *refresher) Block()              { <-r.ready }

// 15 group wrapper
type group struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (g *group) spawn(f func() error) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		if err := f(); err != nil {
			g.mu.Lock()
			g.errs = append(g.errs, err)
			g.mu.Unlock()
		}
	}()
}
func (g *group) all() []error { g.wg.Wait(); return g.errs }

// 16 each: parallel for that waits
func parallelDo(n int, f func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() { defer wg.Done(); f(i) }()
	}
	wg.Wait()
}

// 17 leader: single-threaded start-up then goroutine
type engine struct {
	ticks   int
	started bool
	stop    chan struct{}
	stopped chan struct{}
}
