// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ring

import (
	"runtime"
	"testing"
)

type msg struct{ n int }

func TestRing(t *testing.T) {
	r := NewRing[*msg](4)
	const n = 50
	go func() {
		for i := range n {
			for m := (&msg{i}); !r.Push(m); {
				runtime.Gosched()
			}
		}
	}()
	sum := 0
	for got := 0; got < n; {
		m, ok := r.Pop()
		if !ok {
			runtime.Gosched()
			continue
		}
		m.n++
		sum += m.n
		got++
	}
	if sum != n*(n-1)/2+n {
		t.Fatal(sum)
	}
}
