// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rwlocks

import "sync"

func lookup(k string) int {
	gmu.RLock()
	n, ok := greg[k]
	gmu.RUnlock()
	if !ok {
		gmu.Lock()
		defer gmu.Unlock()
		greg[k] = 1
		gn++
	}
	return n
}

// r22: switch
func (s *store) op(w string) {
	switch w {
	case "r":
		s.RLock()
		defer s.RUnlock()
		_ = s.gen
	case "w":
		s.Lock()
		defer s.Unlock()
		s.gen++
	}
}

// r23: single-writer goroutine: writes are under RLock? no: under Lock; read under RLock; loop.
func (s *store) loop(in chan string) {
	for k := range in {
		s.RLock()
		old := s.data[k]
		s.RUnlock()
		old += "x"
		s.Lock()
		s.data[k] = old
		s.Unlock()
	}
}

// r24 lock via embedded pointer & helper named upgrade
func (s *store) upgrade() { s.RUnlock(); s.Lock() }
func (s *store) up() {
	s.RLock()
	if s.data == nil {
		s.upgrade()
		s.gen++
		s.data = map[string]string{}
		s.Unlock()
		return
	}
	s.RUnlock()
}

// r25 per-row lock inside: lock fn
type row struct {
	lock sync.Mutex
	hits int
}
type table struct {
	mu   sync.RWMutex
	rows map[string]*row
}

func (r *row) acquire() { r.lock.Lock() }
func (r *row) release() { r.lock.Unlock() }
func (t *table) hit(k string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.rows[k]
	r.acquire()
	defer r.release()
	r.hits++
	t.rows[k].hits++
}

// r26 owner token: goroutine takes token from a channel
type owned struct {
	mu    sync.RWMutex
	token chan struct{}
	n     int
}

func (o *owned) step() {
	<-o.token
	o.mu.RLock()
	o.n++
	o.mu.RUnlock()
	o.token <- struct{}{}
}
