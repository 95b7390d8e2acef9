// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package scheduler

import (
	"testing"
	"time"
)

func TestSched(t *testing.T) {
	s := New()
	var order []int
	done := make(chan struct{})
	now := time.Now()
	s.At(now.Add(200*time.Microsecond), func() { order = append(order, 2); close(done) })
	s.At(now, func() { order = append(order, 1) })
	<-done
	if len(order) != 2 {
		t.Fatal(order)
	}
	s.Stop()
	if s.ran != 2 || len(s.q) != 0 {
		t.Fatal(s.ran)
	}
}

func TestStopReads(t *testing.T) {
	s := New()
	n := 0
	s.At(time.Now(), func() { n++ })
	time.Sleep(time.Millisecond)
	s.Stop()
	if n > 1 {
		t.Fatal(n)
	}
}
