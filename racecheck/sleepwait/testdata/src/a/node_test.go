package a

import (
	"testing"
	"time"
)

// What sets an object up is no reason to suspect whoever it is given to.
func TestNode(t *testing.T) {
	n := &node{work: make(chan func())}
	n.OnPoll(func() {})
	n.Run()
	c := connect(n)
	c.subscribe()
	time.Sleep(time.Millisecond)
	t.Log(n.manager.stats())
}
