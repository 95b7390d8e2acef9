// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rwlocks

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// r1: upgrade with second check
type cache struct {
	mu    sync.RWMutex
	m     map[string]int
	hits  atomic.Int64
	last  time.Time
	stats struct{ n int }
	smu   sync.Mutex
}

func (c *cache) get(k string) int {
	c.mu.RLock()
	v, ok := c.m[k]
	c.mu.RUnlock()
	if ok {
		return v
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.m[k]; ok {
		return v
	}
	c.m[k] = 1
	return 1
}

// r2: early unlock in branch then lock
func (c *cache) get2(k string) int {
	c.mu.RLock()
	if v, ok := c.m[k]; ok {
		c.mu.RUnlock()
		return v
	}
	c.mu.RUnlock()
	c.mu.Lock()
	c.m[k] = 2
	c.mu.Unlock()
	return 2
}

// r3: copy under read lock, local map written
func (c *cache) snapshot() map[string]int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make(map[string]int, len(c.m))
	for k, v := range c.m {
		out[k] = v
	}
	return out
}

// r4: separate stats lock under RLock
func (c *cache) counted(k string) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.smu.Lock()
	c.stats.n++
	c.smu.Unlock()
	return c.m[k]
}

// r5: with helper that takes the second lock
func (c *cache) bump() { c.smu.Lock(); defer c.smu.Unlock(); c.stats.n++ }
func (c *cache) counted2(k string) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.bump()
	return c.m[k]
}

// r6: value copy with fields changed
type view struct {
	mu   *sync.RWMutex
	rows []int
	n    int
	idx  map[string]int
}

func (v view) sorted() view {
	v.mu.RLock()
	defer v.mu.RUnlock()
	v.rows = append([]int(nil), v.rows...)
	sort.Ints(v.rows)
	v.n++
	return v
}

// r7: clone under read lock of src
type store struct {
	sync.RWMutex
	data map[string]string
	gen  int
	by   map[string]map[string]int
}

func (s *store) clone() *store {
	s.RLock()
	defer s.RUnlock()
	n := &store{data: map[string]string{}}
	for k, v := range s.data {
		n.data[k] = v
	}
	n.gen = s.gen + 1
	n.gen++
	return n
}

// r8: merge: locks dst for write, src for read
func (s *store) merge(o *store) {
	s.Lock()
	defer s.Unlock()
	o.RLock()
	defer o.RUnlock()
	for k, v := range o.data {
		s.data[k] = v
	}
	s.gen++
}

// r9: RLock then Lock on branch var
func (s *store) either(write bool) {
	if write {
		s.Lock()
		s.gen++
		s.Unlock()
		return
	}
	s.RLock()
	_ = s.gen
	s.RUnlock()
}

// r10: TryRLock/locker
func (s *store) locked(f func())  { s.Lock(); defer s.Unlock(); f() }
func (s *store) useLocked()       { s.locked(func() { s.gen++; s.data["x"] = "y" }) }
func (s *store) rlocked(f func()) { s.RLock(); defer s.RUnlock(); f() }

// r11: caller locks
func (s *store) putLocked(k, v string) { s.data[k] = v; s.gen++ }
func (s *store) Put(k, v string)       { s.Lock(); defer s.Unlock(); s.putLocked(k, v) }
func (s *store) PutIfAbsent(k, v string) {
	s.RLock()
	_, ok := s.data[k]
	s.RUnlock()
	if !ok {
		s.Lock()
		if _, ok := s.data[k]; !ok {
			s.putLocked(k, v)
		}
		s.Unlock()
	}
}

// r12: closed guard: RLock excludes Close; send counts are atomic, own element
type conn struct {
	mu     sync.RWMutex
	closed bool
	lanes  []lane
	writer sync.Mutex
	seq    int
}
type lane struct {
	mu sync.Mutex
	n  int
}

func (c *conn) send(i int) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return false
	}
	l := &c.lanes[i]
	l.mu.Lock()
	l.n++
	l.mu.Unlock()
	c.writer.Lock()
	defer c.writer.Unlock()
	c.seq++
	return true
}
func (c *conn) Close() { c.mu.Lock(); c.closed = true; c.mu.Unlock() }

// r13: once under read lock
type lazy struct {
	mu   sync.RWMutex
	once sync.Once
	v    map[string]int
	n    int
}

func (l *lazy) get(k string) int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.once.Do(func() { l.v = map[string]int{"a": 1}; l.v["b"] = 2; l.n++ })
	return l.v[k]
}

// r14: CAS-guarded section under RLock
type sweeper struct {
	mu   sync.RWMutex
	busy atomic.Bool
	runs int
	m    map[string]int
}

func (s *sweeper) sweep() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.busy.CompareAndSwap(false, true) {
		return
	}
	defer s.busy.Store(false)
	s.runs++
}

// r15: semaphore channel under RLock
type limited struct {
	mu  sync.RWMutex
	sem chan struct{}
	n   int
}

func (l *limited) do() {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.sem <- struct{}{}
	l.n++
	<-l.sem
}

// r16: shadowed receiver copy: `c := *s`
func (s *view) with(n int) *view {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := *s
	c.n = n
	c.n++
	c.idx = map[string]int{}
	c.idx["a"] = 1
	return &c
}

// r17: two-phase unlock in loop
func (s *store) grow(keys []string) {
	s.RLock()
	for _, k := range keys {
		if _, ok := s.data[k]; ok {
			continue
		}
		s.RUnlock()
		s.Lock()
		s.data[k] = ""
		s.gen++
		s.Unlock()
		s.RLock()
	}
	s.RUnlock()
}

// r18: per-bucket object with own lock
type bucket struct {
	mu sync.Mutex
	m  map[string]int
	n  int
}
type sharded struct {
	mu sync.RWMutex
	b  map[int]*bucket
}

func (s *sharded) inc(i int, k string) {
	s.mu.RLock()
	b := s.b[i]
	s.mu.RUnlock()
	b.mu.Lock()
	b.m[k]++
	b.mu.Unlock()
}
func (s *sharded) inc2(i int, k string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.b[i].mu.Lock()
	defer s.b[i].mu.Unlock()
	s.b[i].m[k]++
	s.b[i].n++
}

// r19: deferred func upgrades
func (s *store) later() {
	s.RLock()
	defer func() {
		s.RUnlock()
		s.Lock()
		s.gen++
		s.Unlock()
	}()
	_ = s.data["x"]
}

// r20: goto-like: unlock func var
func (s *store) viaFunc() {
	unlock := s.RUnlock
	s.RLock()
	if s.data == nil {
		unlock()
		s.Lock()
		s.data = map[string]string{}
		s.gen++
		unlock = s.Unlock
	}
	defer unlock()
}

// r21: package var with once init under rlock
var (
	gmu  sync.RWMutex
	greg = map[string]int{}
	gn   int
)
