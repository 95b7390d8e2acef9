// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package snapshots

import (
	"maps"
	"sync"
	"sync/atomic"
)

type Routes struct {
	byHost map[string]string
	gen    int
}

type Router struct {
	cur atomic.Pointer[Routes]
	mu  sync.Mutex // serialises writers
}

func (r *Router) Lookup(host string) (string, bool) {
	rs := r.cur.Load()
	if rs == nil {
		return "", false
	}
	to, ok := rs.byHost[host]
	return to, ok
}

func (r *Router) Set(host, to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := &Routes{byHost: map[string]string{}, gen: 1}
	if old := r.cur.Load(); old != nil {
		maps.Copy(next.byHost, old.byHost)
		next.gen = old.gen + 1
	}
	next.byHost[host] = to
	r.cur.Store(next)
}
