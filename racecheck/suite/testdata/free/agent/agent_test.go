// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"testing"
	"time"
)

func TestClose(t *testing.T) {
	a := Start(100 * time.Microsecond)
	time.Sleep(time.Millisecond)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if a.Beats() < 0 || a.beats < 0 || len(a.errs) > 0 {
		t.Fatal()
	}
}

func TestDeferred(t *testing.T) {
	a := Start(time.Millisecond)
	t.Cleanup(func() {
		a.Close()
		t.Log(a.beats)
	})
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if a.beats > 1000 {
			t.Error(a.beats)
		}
	}()
}

func use(t *testing.T, f func(*Agent)) *Agent {
	a := Start(100 * time.Microsecond)
	f(a)
	a.Close()
	return a
}

func TestUse(t *testing.T) {
	a := use(t, func(a *Agent) { time.Sleep(time.Millisecond) })
	if a.beats < 0 {
		t.Error()
	}
	a.beats = 0
}
