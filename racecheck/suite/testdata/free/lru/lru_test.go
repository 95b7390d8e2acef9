// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lru

import (
	"fmt"
	"sync"
	"testing"
)

func TestLRU(t *testing.T) {
	var dropped []string
	l := New(2, func(k string) { dropped = append(dropped, k) })
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l.Put(fmt.Sprint(i), i)
			l.Get("1")
		}()
	}
	wg.Wait()
	if len(dropped) != 4 || l.evicted != 4 || l.ll.Len() != 2 {
		t.Fatal(dropped)
	}
}

func TestEvict(t *testing.T) {
	evicted := ""
	l := New(1, func(k string) { evicted = k })
	l.Put("a", 1)
	l.Put("b", 2)
	if evicted != "a" {
		t.Fatal(evicted)
	}
}
