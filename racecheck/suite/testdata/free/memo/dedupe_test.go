// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package memo

import (
	"sync"
	"testing"
)

func TestMemo(t *testing.T) {
	var mu sync.Mutex
	calls := map[string]int{}
	m := New(func(k string) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		calls[k]++
		return len(k), nil
	})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if v, err := m.Get("abc"); v != 3 || err != nil {
				t.Error(v, err)
			}
		})
	}
	wg.Wait()
	if calls["abc"] != 1 || m.cache["abc"].val != 3 {
		t.Fatal(calls)
	}
}

func TestServer(t *testing.T) {
	s := Serve(func(k string) int { return len(k) })
	defer s.Close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if s.Get("ab") != 2 {
				t.Error()
			}
		})
	}
	wg.Wait()
}
