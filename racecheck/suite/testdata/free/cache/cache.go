// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cache

import "sync"

type Cache struct {
	mu    sync.RWMutex
	m     map[string]int
	hits  int
	stats struct {
		sync.Mutex
		n int
	}
}

func (c *Cache) get(k string) (int, bool) { // needs mu
	v, ok := c.m[k]
	return v, ok
}

func (c *Cache) Get(k string) (int, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.count()
	return c.get(k)
}

func (c *Cache) count() {
	c.stats.Lock()
	c.stats.n++
	c.stats.Unlock()
}

func (c *Cache) GetOrPut(k string, f func() int) int {
	c.mu.RLock()
	v, ok := c.get(k)
	c.mu.RUnlock()
	if ok {
		return v
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.get(k); ok {
		c.hits++
		return v
	}
	if c.m == nil {
		c.m = map[string]int{}
	}
	v = f()
	c.m[k] = v
	return v
}

func (c *Cache) Update(f func(map[string]int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.m)
}

func (c *Cache) View(f func(map[string]int)) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	f(c.m)
}

func (c *Cache) Len() (n int) {
	c.View(func(m map[string]int) { n = len(m) })
	return n
}

func (c *Cache) Keys() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	keys := make([]string, 0, len(c.m))
	for k := range c.m {
		keys = append(keys, k)
	}
	return keys
}
