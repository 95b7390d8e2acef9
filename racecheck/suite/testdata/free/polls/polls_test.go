// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package polls

import (
	"sync"
	"testing"
)

type mock struct {
	mu    sync.Mutex
	calls []string
}

func (m *mock) Call(s string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, s)
	return nil
}
func TestA(t *testing.T) {
	m := &mock{}
	errs := make(chan error, 3)
	for range 3 {
		go func() { errs <- m.Call("a") }()
	}
	for range 3 {
		<-errs
	}
	if len(m.calls) != 3 {
		t.Fatal()
	}
}
func TestB(t *testing.T) {
	m := &mock{}
	errs := make(chan error, 3)
	go func() { errs <- m.Call("a") }()
	<-errs
	if len(m.calls) != 1 {
		t.Fatal()
	}
}
func TestC(t *testing.T) {
	m := &mock{}
	errs := make(chan error, 3)
	go func() { err := m.Call("a"); errs <- err }()
	for range 1 {
		<-errs
	}
	if len(m.calls) != 1 {
		t.Fatal()
	}
}
func TestD(t *testing.T) {
	n := 0
	errs := make(chan error, 3)
	go func() { n++; errs <- nil }()
	for i := 0; i < 1; i++ {
		<-errs
	}
	if n != 1 {
		t.Fatal()
	}
}
