// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"sync"
	"testing"
	"time"
)

type machine struct {
	mu      sync.Mutex
	state   string
	changed chan struct{}
	history []string
}

func newMachine() *machine { return &machine{state: "new", changed: make(chan struct{})} }

func (m *machine) set(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = s
	m.history = append(m.history, s)
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *machine) await(s string, d time.Duration) bool {
	deadline := time.After(d)
	for {
		m.mu.Lock()
		if m.state == s {
			m.mu.Unlock()
			return true
		}
		c := m.changed
		m.mu.Unlock()
		select {
		case <-c:
		case <-deadline:
			return false
		}
	}
}

func TestMachine(t *testing.T) {
	m := newMachine()
	go func() {
		m.set("running")
		m.set("done")
	}()
	if !m.await("done", 5*time.Second) {
		t.Fatal()
	}
	if len(m.history) != 2 || m.state != "done" {
		t.Fatal(m.history)
	}
}

func (m *machine) start() {
	go func() {
		m.set("running")
		m.set("done")
	}()
}

func TestStarted(t *testing.T) {
	m := newMachine()
	m.start()
	if !m.await("done", 5*time.Second) {
		t.Fatal()
	}
	if len(m.history) != 2 || m.state != "done" {
		t.Fatal(m.history)
	}
}

func TestCallback(t *testing.T) {
	var got []string
	done := make(chan struct{})
	notify := func(s string) {
		got = append(got, s)
		if s == "done" {
			close(done)
		}
	}
	go func() {
		notify("a")
		notify("done")
	}()
	<-done
	if len(got) != 2 {
		t.Fatal(got)
	}
}
