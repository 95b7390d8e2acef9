// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package snapshots

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func TestRouter(t *testing.T) {
	r := &Router{}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(2)
		go func() {
			defer wg.Done()
			r.Set(fmt.Sprint(i), "x")
		}()
		go func() {
			defer wg.Done()
			r.Lookup(fmt.Sprint(i))
		}()
	}
	wg.Wait()
	if rs := r.cur.Load(); rs.gen != 4 || len(rs.byHost) != 4 {
		t.Fatal(rs)
	}
}

func TestValue(t *testing.T) {
	var v atomic.Value
	v.Store(map[string]int{})
	done := make(chan bool)
	go func() {
		m := map[string]int{}
		for k, n := range v.Load().(map[string]int) {
			m[k] = n
		}
		m["a"] = 1
		v.Store(m)
		done <- true
	}()
	_ = v.Load().(map[string]int)["a"]
	<-done
	if v.Load().(map[string]int)["a"] != 1 {
		t.Fatal()
	}
}
