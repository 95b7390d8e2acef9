// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"sync"
	"time"
)

type Lease struct {
	mu      sync.Mutex
	holder  string
	expires time.Time
}

func (l *Lease) TryAcquire(id string, d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holder != "" && l.holder != id && time.Now().Before(l.expires) {
		return false
	}
	l.holder, l.expires = id, time.Now().Add(d)
	return true
}

func (l *Lease) Release(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holder == id {
		l.holder = ""
	}
}

type Node struct {
	id     string
	lease  *Lease
	leads  int
	stop   chan struct{}
	exited chan struct{}
}

func NewNode(id string, l *Lease) *Node {
	n := &Node{id: id, lease: l, stop: make(chan struct{}), exited: make(chan struct{})}
	go n.run()
	return n
}

func (n *Node) run() {
	defer close(n.exited)
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-n.stop:
			n.lease.Release(n.id)
			return
		case <-t.C:
			if n.lease.TryAcquire(n.id, time.Millisecond) {
				n.leads++
			}
			t.Reset(100 * time.Microsecond)
		}
	}
}

func (n *Node) Shutdown() int {
	close(n.stop)
	<-n.exited
	return n.leads
}
