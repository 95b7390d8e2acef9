// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package driven has functions that call whatever they are given.
package driven

import (
	"testing"
	"time"
)

type pacer struct{ delay func() time.Duration }

// pollPaced calls f until it is content, with pauses that the pacer names.
func pollPaced(p *pacer, f func() bool) {
	for !f() {
		time.Sleep(p.delay())
	}
}

func TestPaced(t *testing.T) {
	var delays []time.Duration
	p := &pacer{delay: func() time.Duration {
		d := time.Duration(len(delays))
		delays = append(delays, d)
		return d
	}}
	other := make(chan bool)
	go close(other)
	pollPaced(p, func() bool { return len(delays) == 3 })
	<-other
	if len(delays) != 3 {
		t.Fatal(len(delays))
	}
}
