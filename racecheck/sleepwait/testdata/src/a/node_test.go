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

type handler func(string) error

type counter struct {
	seen chan string
	kept handler
}

// newCounter has a goroutine of its own, which calls no handler.
func newCounter() *counter {
	c := &counter{seen: make(chan string, 1)}
	go func() {
		for range c.seen {
		}
	}()
	return c
}

func (c *counter) Middleware(h handler) handler {
	return func(s string) error {
		c.seen <- s
		return h(s)
	}
}

// Keep calls the handler, and whoever else knows when.
func (c *counter) Keep(h handler) (stop func()) {
	c.kept = h
	return func() {}
}

func TestMiddleware(t *testing.T) {
	n, kept := 0, 0
	h := newCounter().Middleware(handler(func(string) error {
		n++
		return nil
	}))
	newCounter().Keep(func(string) error {
		kept++
		return nil
	})
	h("x")
	time.Sleep(time.Millisecond)
	t.Log(n, kept) // want `kept is read here after a sleep`
}
