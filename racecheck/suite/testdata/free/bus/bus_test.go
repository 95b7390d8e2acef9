// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import "testing"

func TestShutdown(t *testing.T) {
	b := &Bus{}
	var got []string
	b.Subscribe("a", func(m string) { got = append(got, m) })
	n := 0
	b.Subscribe("b", func(string) { n++ })
	b.Publish("a", "1")
	b.Publish("b", "2")
	b.Publish("a", "3")
	b.Shutdown()
	if len(got) != 2 || n != 1 {
		t.Fatal(got, n)
	}
}

func TestAck(t *testing.T) {
	b := &Bus{}
	var last string
	ack := make(chan struct{})
	b.Subscribe("a", func(m string) {
		last = m
		ack <- struct{}{}
	})
	for _, m := range []string{"x", "y"} {
		b.Publish("a", m)
		<-ack
		if last != m {
			t.Fatal(last)
		}
	}
	b.Shutdown()
}
