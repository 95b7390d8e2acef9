// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package session

import (
	"io"
	"net"
	"testing"
)

func TestSession(t *testing.T) {
	a, b := net.Pipe()
	var got []byte
	msgs := make(chan struct{})
	s := Open(a, func(p []byte) {
		got = append(got, p...)
		msgs <- struct{}{}
	})
	for _, m := range []string{"x", "y"} {
		if _, err := io.WriteString(b, m); err != nil {
			t.Fatal(err)
		}
		<-msgs
	}
	if string(got) != "xy" {
		t.Fatal(string(got))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.recv != 2 || s.rerr != nil {
		t.Fatal(s.recv)
	}
}

func TestPeerClose(t *testing.T) {
	a, b := net.Pipe()
	n := 0
	s := Open(a, func(p []byte) { n += len(p) })
	io.WriteString(b, "abc")
	b.Close()
	if s.Err() == nil || n != 3 || s.recv != 3 {
		t.Fatal(n)
	}
}

func TestTwoSessions(t *testing.T) {
	a, b := net.Pipe()
	echo := make(chan byte, 4)
	var s2 *Session
	s1 := Open(a, func(p []byte) { echo <- p[0] })
	s2 = Open(b, func(p []byte) {})
	if err := s2.Send([]byte("q")); err != nil {
		t.Fatal(err)
	}
	if <-echo != 'q' {
		t.Fatal()
	}
	s2.Close()
	if s1.Err() == nil || s1.recv != 1 {
		t.Fatal(s1.recv)
	}
}
