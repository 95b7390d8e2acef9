// Package lib has what keeps functions that it is given.
package lib

import (
	"context"
	"sync"
	"time"
)

type Options struct {
	Dial    func(context.Context) error
	OnRetry func(int)
	Name    string
}

// Pool dials on goroutines of its own.
type Pool struct {
	opts *Options
	wg   sync.WaitGroup
	mu   sync.Mutex
}

func NewPool(o *Options) *Pool { return &Pool{opts: o} }

// Get leaves a goroutine running.
func (p *Pool) Get() error {
	go p.retry()
	return nil
}

func (p *Pool) retry() {
	for {
		if p.opts.Dial(context.Background()) == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Once waits for what it starts.
func (p *Pool) Once() error {
	done := make(chan error)
	go func() { done <- p.opts.Dial(context.Background()) }()
	return <-done
}

func (p *Pool) Direct() error { return p.opts.Dial(context.Background()) }

func (p *Pool) Spawn() {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		p.opts.Dial(context.Background())
	}()
}

func (p *Pool) Report() {
	go func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.opts.OnRetry(1)
	}()
}

func (p *Pool) Wait()  { p.wg.Wait() }
func (p *Pool) Close() {}

// Bus keeps a list.
type Bus struct {
	mu   sync.Mutex
	subs []func(string)
	last func(string)
}

func NewBus() *Bus { return &Bus{} }

func (b *Bus) Subscribe(f func(string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = append(b.subs, f)
}

func (b *Bus) Publish(s string) {
	b.mu.Lock()
	subs := b.subs
	b.mu.Unlock()
	for _, f := range subs {
		go f(s)
	}
}

func (b *Bus) Deliver(s string) {
	for _, f := range b.subs {
		f(s)
	}
}

// Ticker calls a function again and again.
type Ticker struct {
	f    func()
	done chan struct{}
}

func StartTicker(f func()) *Ticker { return newTicker(f) }

func newTicker(f func()) *Ticker {
	t := &Ticker{f: f, done: make(chan struct{})}
	go t.loop()
	return t
}

func (t *Ticker) loop() {
	tick := time.NewTicker(time.Millisecond)
	for range tick.C {
		t.f()
	}
}

func (t *Ticker) Stop() {}

// Server calls its hook while it runs.
type Server struct {
	hook func()
	work chan func()
}

func (s *Server) SetHook(f func()) { s.hook = f }

func (s *Server) Run() error {
	if s.hook != nil {
		s.hook()
	}
	time.Sleep(time.Millisecond)
	return nil
}

// Loop calls the hook when somebody asked for it.
func (s *Server) Loop() {
	for range s.work {
		s.hook()
	}
}

func (s *Server) Start() { go s.Loop() }

// Client is made with options.
type Client struct{ cfg config }

type config struct{ dial, done func() }

type Option func(*config)

func WithDial(f func()) Option { return func(c *config) { c.dial = f } }

func WithDone(f func()) Option {
	return func(c *config) {
		if f != nil {
			c.done = f
		}
	}
}

func NewClient(opts ...Option) *Client {
	var cfg config
	for _, o := range opts {
		o(&cfg)
	}
	return &Client{cfg: cfg}
}

func (c *Client) Connect() { go c.connect() }

func (c *Client) connect() { c.cfg.dial() }

func (c *Client) Finish() { c.cfg.done() }

// Handler and HandlerFunc are as those of net/http.
type Handler interface{ Handle(string) }

type HandlerFunc func(string)

func (f HandlerFunc) Handle(s string) { f(s) }

type Dispatcher struct{ handlers []Handler }

func (d *Dispatcher) Register(h Handler) { d.handlers = append(d.handlers, h) }

func (d *Dispatcher) Dispatch(s string) {
	for _, h := range d.handlers {
		h := h
		go func() { h.Handle(s) }()
	}
}

func (d *Dispatcher) Len() int { return len(d.handlers) }

// Loop calls until it is told not to, and waits for nobody.
type Loop struct {
	mu   sync.Mutex
	n    int
	Step func()
	done chan bool
}

func (l *Loop) Start() {
	go func() {
		defer close(l.done)
		for {
			l.Step()
			l.mu.Lock()
			l.n++
			l.mu.Unlock()
		}
	}()
}

func (l *Loop) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *Loop) Join() { <-l.done }

// OnlyOnFailure may never call.
func (l *Loop) OnlyOnFailure(fail bool) {
	if fail {
		go l.Step()
	}
}

// Monitor has a list of structs.
type Monitor struct {
	probes []Probe
	jobs   map[string]*Probe
}

type Probe struct {
	Name  string
	Check func()
}

func (m *Monitor) Add(p Probe) { m.probes = append(m.probes, p) }

func (m *Monitor) CheckAll() {
	for _, p := range m.probes {
		go func() { p.Check() }()
	}
}

func (m *Monitor) CheckHere() {
	for _, p := range m.probes {
		p.Check()
	}
}

func NewMonitor(probes ...*Probe) *Monitor {
	m := &Monitor{jobs: map[string]*Probe{}}
	for _, p := range probes {
		m.jobs[p.Name] = p
	}
	return m
}

func (m *Monitor) Start(name string) { go m.run(m.jobs[name]) }

func (m *Monitor) run(p *Probe) { p.Check() }

// Keeper calls a store.
type Keeper struct{ store Store }

type Store interface{ Save(string) error }

func NewKeeper(s Store) *Keeper { return &Keeper{store: s} }

func (k *Keeper) Put(key string) { go k.store.Save(key) }

func (k *Keeper) PutNow(key string) error { return k.store.Save(key) }

// Builder is made in a chain of calls.
type Builder struct {
	handler func(string)
	all     []func(string)
}

func NewBuilder(all ...func(string)) *Builder { return &Builder{all: all} }

func (b *Builder) WithHandler(f func(string)) *Builder {
	b.handler = f
	return b
}

func (b *Builder) Start() *Builder {
	go b.serve()
	return b
}

func (b *Builder) serve() { b.handler("x") }

func (b *Builder) Tell(s string) {
	all := append([]func(string){}, b.all...)
	for _, f := range all {
		go f(s)
	}
}

func (b *Builder) TellNow(s string) {
	for _, f := range b.all {
		f(s)
	}
}

// A Table calls what is kept in its elements, by way of a variable.
type Table struct {
	rows  []func(string) bool
	named map[string]func(string)
}

func (t *Table) Add(f func(string) bool) { t.rows = append(t.rows, f) }

func (t *Table) Name(s string, f func(string)) { t.named[s] = f }

func (t *Table) Start() {
	go func() {
		for i := 0; i < len(t.rows); i++ {
			row := t.rows[i]
			if !row("x") {
				return
			}
		}
	}()
}

// StartNamed calls one that is looked up.
func (t *Table) StartNamed() {
	go func() {
		f := t.named["x"]
		f("x")
	}()
}

// Now calls them before it returns.
func (t *Table) Now() {
	for i := range t.rows {
		row := t.rows[i]
		row("x")
	}
}
