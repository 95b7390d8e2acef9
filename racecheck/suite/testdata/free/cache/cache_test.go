// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cache

import (
	"fmt"
	"sync"
	"testing"
)

func TestCache(t *testing.T) {
	c := &Cache{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.GetOrPut(fmt.Sprint(i%3), func() int { return i })
			c.Get("1")
			c.Update(func(m map[string]int) { m["x"]++ })
			c.View(func(m map[string]int) { _ = m["x"] })
			_ = c.Len() + len(c.Keys())
		}()
	}
	wg.Wait()
	if c.m["x"] != 8 || c.stats.n != 8 {
		t.Fatal(c.m)
	}
}
