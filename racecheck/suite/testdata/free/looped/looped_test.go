// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package looped has an object whose goroutine runs what it is sent.
package looped

import (
	"testing"
	"testing/synctest"
	"time"
)

type node struct {
	eval chan func()
	seen map[int]bool
}

func newNode(work <-chan int) *node {
	n := &node{eval: make(chan func()), seen: map[int]bool{}}
	go n.loop(work)
	return n
}

func (n *node) loop(work <-chan int) {
	for {
		select {
		case f, ok := <-n.eval:
			if !ok {
				return
			}
			f()
		case w := <-work:
			n.seen[w] = true
		}
	}
}

func TestSeen(t *testing.T) {
	work := make(chan int)
	n := newNode(work)
	defer close(n.eval)
	waitFor := func(cond func() bool) {
		for {
			ch := make(chan bool, 1)
			n.eval <- func() { ch <- cond() }
			if <-ch {
				return
			}
			time.Sleep(time.Microsecond)
		}
	}
	work <- 1
	waitFor(func() bool { return n.seen[1] })
	waitFor(func() bool {
		_, ok := n.seen[2]
		return !ok
	})
}

func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func TestBubble(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		fired := 0
		time.AfterFunc(time.Second, func() { fired++ })
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if fired != 1 {
			t.Fatal(fired)
		}
		var n int
		keep(func() { n++ })
		time.Sleep(time.Second)
		if n != 0 {
			t.Fatal(n)
		}
	})
}

var kept []func()

func keep(f func()) { kept = append(kept, f) }
