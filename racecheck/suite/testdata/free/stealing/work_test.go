// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package stealing

import (
	"sync/atomic"
	"testing"
)

func TestPool(t *testing.T) {
	p := New(3)
	var total atomic.Int32
	out := make([]int, 9)
	for i := range out {
		p.Add(i, func() {
			total.Add(1)
			out[i] = i
		})
	}
	p.Run()
	n := 0
	for _, r := range p.ran {
		n += r
	}
	if n != 9 || total.Load() != 9 || out[8] != 8 {
		t.Fatal(n)
	}
}
