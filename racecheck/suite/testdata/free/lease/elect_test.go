// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"testing"
	"time"
)

func TestElect(t *testing.T) {
	l := &Lease{}
	nodes := []*Node{NewNode("a", l), NewNode("b", l)}
	time.Sleep(2 * time.Millisecond)
	total := 0
	for _, n := range nodes {
		total += n.Shutdown()
	}
	if l.holder != "" {
		t.Fatal(l.holder)
	}
	for _, n := range nodes {
		total -= n.leads
	}
	if total != 0 {
		t.Fatal(total)
	}
}

func TestOne(t *testing.T) {
	l := &Lease{}
	n := NewNode("a", l)
	defer func() {
		if n.leads < 0 || l.holder != "" {
			t.Error()
		}
	}()
	defer n.Shutdown()
	if l.holderIs("z") {
		t.Fatal()
	}
}

func (l *Lease) holderIs(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder == id
}
