// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package buffers

import "testing"

func TestDouble(t *testing.T) {
	b := New()
	go b.Fill(5)
	if got := b.Drain(); got != 70 {
		t.Fatal(got)
	}
}

func TestSlices(t *testing.T) {
	full, empty := make(chan []int), make(chan []int, 2)
	empty <- make([]int, 4)
	empty <- make([]int, 4)
	go func() {
		defer close(full)
		for i := range 6 {
			buf := <-empty
			for j := range buf {
				buf[j] = i
			}
			full <- buf
		}
	}()
	sum := 0
	for buf := range full {
		for j := range buf {
			sum += buf[j]
			buf[j] = -1
		}
		empty <- buf
	}
	if sum != 60 {
		t.Fatal(sum)
	}
}
