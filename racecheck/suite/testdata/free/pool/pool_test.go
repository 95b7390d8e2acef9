// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package pool

import "testing"

func TestPool(t *testing.T) {
	p := New(3)
	jobs := make([]*Job, 10)
	go func() {
		for i := range jobs {
			jobs[i] = &Job{ID: i}
			p.Submit(jobs[i])
		}
		p.Finish()
	}()
	sum := 0
	for r := range p.Results() {
		sum += r.Out
	}
	if sum != 285 {
		t.Fatal(sum)
	}
	for i, j := range jobs {
		if j.Out != i*i {
			t.Error(i, j)
		}
	}
}
