// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package memo

import "sync"

type result struct {
	ready chan struct{}
	val   int
	err   error
}

// Memo answers each key once.
type Memo struct {
	mu    sync.Mutex
	cache map[string]*result
	f     func(string) (int, error)
}

func New(f func(string) (int, error)) *Memo { return &Memo{f: f, cache: map[string]*result{}} }

func (m *Memo) Get(k string) (int, error) {
	m.mu.Lock()
	r := m.cache[k]
	if r == nil {
		r = &result{ready: make(chan struct{})}
		m.cache[k] = r
		m.mu.Unlock()
		r.val, r.err = m.f(k)
		close(r.ready)
	} else {
		m.mu.Unlock()
		<-r.ready
	}
	return r.val, r.err
}

// Server answers by a goroutine that owns the cache.
type Server struct{ reqs chan request }

type request struct {
	k    string
	resp chan<- int
}

func Serve(f func(string) int) *Server {
	s := &Server{reqs: make(chan request)}
	go func() {
		cache := map[string]*result{}
		for r := range s.reqs {
			e := cache[r.k]
			if e == nil {
				e = &result{ready: make(chan struct{})}
				cache[r.k] = e
				go e.call(f, r.k)
			}
			go e.deliver(r.resp)
		}
	}()
	return s
}

func (e *result) call(f func(string) int, k string) {
	e.val = f(k)
	close(e.ready)
}

func (e *result) deliver(resp chan<- int) {
	<-e.ready
	resp <- e.val
}

func (s *Server) Get(k string) int {
	resp := make(chan int)
	s.reqs <- request{k, resp}
	return <-resp
}

func (s *Server) Close() { close(s.reqs) }
