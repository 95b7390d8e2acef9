// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package counters

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

type Counter struct{ v atomic.Int64 }

func (c *Counter) Inc() { c.v.Add(1) }

type Registry struct {
	mu       sync.Mutex
	counters map[string]*Counter
}

func (r *Registry) Counter(name string) *Counter {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.counters[name]
	if !ok {
		c = &Counter{}
		if r.counters == nil {
			r.counters = map[string]*Counter{}
		}
		r.counters[name] = c
	}
	return c
}

func (r *Registry) each(f func(string, int64)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]string, 0, len(r.counters))
	for n := range r.counters {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		f(n, r.counters[n].v.Load())
	}
}

func (r *Registry) String() string {
	var sb strings.Builder
	r.each(func(n string, v int64) { fmt.Fprintf(&sb, "%s=%d ", n, v) })
	return sb.String()
}
