// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package maps

import (
	"maps"
	"sync"
	"testing"
)

func TestReadOnly(t *testing.T) {
	m := map[string]int{"a": 1}
	m["b"] = 2
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if m["a"]+len(m) != 3 {
				t.Error(m)
			}
		}()
	}
	wg.Wait()
	delete(m, "a")
}

func TestMergeAfter(t *testing.T) {
	parts := make([]map[int]int, 3)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			parts[i] = map[int]int{}
			parts[i][i] = i
		})
	}
	wg.Wait()
	all := map[int]int{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	if len(all) != 3 {
		t.Fatal(all)
	}
}

func TestOneWriter(t *testing.T) {
	type kv struct {
		k string
		v int
	}
	in := make(chan kv)
	m := map[string]int{}
	done := make(chan struct{})
	go func() {
		for e := range in {
			m[e.k] += e.v
		}
		close(done)
	}()
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			in <- kv{"a", 1}
		}()
	}
	wg.Wait()
	close(in)
	<-done
	if m["a"] != 4 {
		t.Fatal(m)
	}
}

func TestPerSubtest(t *testing.T) {
	base := map[string]string{"x": "y"}
	for _, n := range []string{"a", "b"} {
		t.Run(n, func(t *testing.T) {
			t.Parallel()
			m := maps.Clone(base)
			m["name"] = n
			if len(m) != 2 {
				t.Error(m)
			}
		})
	}
}

func TestLockedMap(t *testing.T) {
	var s struct {
		sync.Mutex
		m map[int]bool
	}
	s.m = map[int]bool{}
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.Lock()
			defer s.Unlock()
			s.m[i] = true
		}()
	}
	wg.Wait()
	if len(s.m) != 5 {
		t.Fatal(s.m)
	}
}
