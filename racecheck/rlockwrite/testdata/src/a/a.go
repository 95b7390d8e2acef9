package a

import (
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

type entry struct{ uses int }

type cache struct {
	mu      sync.RWMutex
	other   sync.Mutex
	m       map[string]string
	entries map[string]*entry
	list    []string
	hits    int
	atomic  int64
	typed   atomic.Int64
	f       func()
}

func (c *cache) get(k string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.hits++ // want `hits is written here under c.mu.RLock`
	return c.m[k]
}

func (c *cache) fill(k string) string {
	c.mu.RLock()
	if v, ok := c.m[k]; ok {
		c.mu.RUnlock()
		return v
	}
	c.m[k] = strings.ToUpper(k) // want `m is written here under c.mu.RLock`
	delete(c.m, "")
	c.mu.RUnlock()
	return k
}

// The callee takes the lock as well: no fix.
func (c *cache) nested(k string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.hits = len(c.get(k)) // want `hits is written here`
}

// What is called is not known: no fix.
func (c *cache) callback() {
	c.mu.RLock()
	c.f()
	c.hits = 1 // want `hits is written here`
	c.mu.RUnlock()
}

// A lock of its own afterwards: no fix.
func (c *cache) upgrade(k string) {
	c.mu.RLock()
	c.hits++ // want `hits is written here`
	c.mu.RUnlock()
	c.mu.Lock()
	c.m[k] = k
	c.mu.Unlock()
}

type embedded struct {
	sync.RWMutex
	n int
}

func (e *embedded) inc() {
	e.RLock()
	defer e.RUnlock()
	e.n++ // want `n is written here under e.RLock`
}

var (
	tableMu sync.RWMutex
	table   = map[string]int{}
)

func lookup(k string) int {
	tableMu.RLock()
	defer tableMu.RUnlock()
	if _, ok := table[k]; !ok {
		table[k] = len(table) // want `table is written here under tableMu.RLock`
	}
	return table[k]
}

// Near misses.

func (c *cache) reads(k string) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n := len(c.m) + c.hits
	n++
	return n
}

func (c *cache) atomically() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	atomic.AddInt64(&c.atomic, 1)
	c.typed.Add(1)
}

func (c *cache) twoLocks() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.other.Lock()
	defer c.other.Unlock()
	c.hits++
}

func (c *cache) upgraded() {
	c.mu.RLock()
	n := len(c.m)
	c.mu.RUnlock()
	c.mu.Lock()
	c.hits = n
	c.mu.Unlock()
}

func (c *cache) elements(i int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.list[i] = ""
}

func (c *cache) copied() *cache {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n := &cache{m: map[string]string{}}
	for k, v := range c.m {
		n.m[k] = v
	}
	n.hits = c.hits
	sort.Strings(n.list)
	return n
}

func (c *cache) caller() {
	c.other.Lock()
	defer c.other.Unlock()
	c.called()
}

func (c *cache) called() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.hits++
}

// touchLocked needs other to be held.
func (c *cache) touchLocked() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.hits++
}

func another(c, d *cache) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	d.hits++
}

// What is called is called without the lock.
func (c *cache) swap() {
	c.mu.RLock()
	f := c.f
	c.f = nil // want `f is written here under c.mu.RLock`
	c.mu.RUnlock()
	f()
	c.get("")
}

// closing only keeps the rows from being closed meanwhile: one goroutine has them.
type rows struct {
	closing sync.RWMutex
	last    []string
	closed  bool
	swept   int
}

func (r *rows) next() bool {
	r.closing.RLock()
	defer r.closing.RUnlock()
	r.last = nil
	return !r.closed
}

func (r *rows) close() {
	r.closing.Lock()
	r.closed = true
	r.closing.Unlock()
}

func (c *cache) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hits, c.f = 0, nil
}

// Only the one goroutine gets to sweep.
func (r *rows) start() { go r.loop() }

func (r *rows) loop() {
	for range 3 {
		r.sweep()
	}
}

func (r *rows) sweep() {
	r.closing.RLock()
	defer r.closing.RUnlock()
	r.swept++
}

// Whoever else gets at the peers has the lock itself, which the read lock keeps out.
type peers struct {
	mu    sync.RWMutex
	all   []string
	first string
}

func (p *peers) close() {
	p.mu.RLock()
	for _, s := range p.all {
		println(s)
	}
	p.all = nil
	p.mu.RUnlock()
}

func (p *peers) add(s string) {
	p.mu.Lock()
	p.all = append(p.all, s)
	p.first = ""
	p.mu.Unlock()
}

// Two of these find it missing.
func (p *peers) name() string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.first == "" {
		p.first = "none" // want `first is written here under p.mu.RLock`
	}
	return ""
}
