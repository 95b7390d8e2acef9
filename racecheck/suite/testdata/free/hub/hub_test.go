// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package hub

import "testing"

func TestHub(t *testing.T) {
	h := NewHub()
	a, b := &client{name: "a", out: make(chan string, 4)}, &client{name: "b", out: make(chan string, 4)}
	h.join <- a
	h.join <- b
	h.msgs <- "x"
	h.leave <- b
	h.msgs <- "y"
	res := h.Stop()
	res["z"] = 1
	if a.got != 2 || res["a"] != 2 || len(h.clients) != 1 {
		t.Fatal(res)
	}
	for range b.out {
	}
	if b.got != 1 {
		t.Fatal(b.got)
	}
}
