// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestList(t *testing.T) {
	l := &List{}
	var sum atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l.Add(func(v int) { sum.Add(int64(v)) })
			l.Notify(1)
		})
	}
	wg.Wait()
	if len(l.subs) != 4 || sum.Load() < 4 {
		t.Fatal()
	}
}

func TestConfig(t *testing.T) {
	c := &Config{}
	opts := map[string]string{"a": "b"}
	c.Set("x", opts)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s := c.Get()
			if s.name != "x" || s.opts["a"] != "b" {
				t.Error(s)
			}
		})
	}
	opts["c"] = "d"
	c.Set("x", opts)
	_ = opts
	wg.Wait()
	if c.cur.opts["c"] != "d" {
		t.Fatal()
	}
}
