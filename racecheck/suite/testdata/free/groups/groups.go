// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package groups

import "sync"

type Crawler struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	seen map[string]bool
	get  func(string) []string
}

func (c *Crawler) visit(u string) {
	defer c.wg.Done()
	c.mu.Lock()
	if c.seen[u] {
		c.mu.Unlock()
		return
	}
	c.seen[u] = true
	c.mu.Unlock()
	for _, next := range c.get(u) {
		c.wg.Add(1)
		go c.visit(next)
	}
}

func (c *Crawler) Crawl(root string) int {
	c.seen = map[string]bool{}
	c.wg.Add(1)
	go c.visit(root)
	c.wg.Wait()
	return len(c.seen)
}

func Nested(n int) []int {
	out := make([]int, n)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := range out {
			wg.Add(1)
			go func() {
				defer wg.Done()
				out[i] = i
			}()
		}
	}()
	wg.Wait()
	return out
}
