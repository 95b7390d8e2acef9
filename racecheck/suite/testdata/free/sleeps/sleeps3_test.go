// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleeps

import (
	"io"
	"testing"
)

func TestEarlySendHelper(t *testing.T) {
	var err error
	started := make(chan struct{})
	d := deliver(func(int) { started <- struct{}{}; err = io.EOF })
	<-started
	waitDone(d)
	if err != io.EOF {
		t.Fatal()
	}
}

// g15: callback loop with max messages then return
func TestMax(t *testing.T) {
	n := 0
	sig := make(chan struct{})
	d := deliver(func(int) {
		for range 3 {
			n++
			sig <- struct{}{}
		}
	})
	for range 3 {
		<-sig
	}
	<-d
	if n != 3 {
		t.Fatal()
	}
}
