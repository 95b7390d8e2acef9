package a

import (
	"testing"
	"time"
)

type service struct{ h handler }

type handler interface{ handle(n int) }

func start(h handler) *service { return &service{h} }
func (s *service) feed(int)    {}
func (s *service) close()      {}

// late tells of a call before it has done its work.
type late struct {
	called chan int
	last   int
	seen   []int
}

func (l *late) handle(n int) {
	l.called <- n
	l.last = n
	l.seen = append(l.seen, n)
}

func newLate() *late { return &late{called: make(chan int)} }

func TestToldEarly(t *testing.T) {
	h := newLate()
	s := start(h)
	s.feed(1)
	<-h.called
	if h.last != 1 { // want `last of h is read here after a signal that the function which writes it sends before it does`
		t.Error(h.last)
	}
}

func TestToldEarlyInTime(t *testing.T) {
	h := newLate()
	s := start(h)
	s.feed(1)
	select {
	case n := <-h.called:
		t.Log(n, h.seen) // want `seen of h is read here after a signal`
	case <-time.After(time.Second):
	}
}

func TestToldEarlyClosed(t *testing.T) {
	h := newLate()
	s := start(h)
	s.feed(1)
	<-h.called
	s.close()
	t.Log(h.last)
}

// early does its work first.
type early struct {
	called chan int
	last   int
}

func (e *early) handle(n int) {
	e.last = n
	e.called <- n
}

func TestToldThen(t *testing.T) {
	h := &early{called: make(chan int)}
	s := start(h)
	s.feed(1)
	<-h.called
	t.Log(h.last)
}

// kept has room for what it tells: it may have been called in place.
type kept struct {
	called chan int
	last   int
}

func (k *kept) handle(n int) {
	k.called <- n
	k.last = n
}

func TestToldInPlace(t *testing.T) {
	h := &kept{called: make(chan int, 1)}
	h.handle(1)
	<-h.called
	t.Log(h.last)
}

// twice tells again when it is done.
type twice struct {
	called chan int
	last   int
}

func (k *twice) handle(n int) {
	k.called <- n
	k.last = n
	k.called <- n
}

func TestToldTwice(t *testing.T) {
	h := &twice{called: make(chan int)}
	s := start(h)
	s.feed(1)
	<-h.called
	<-h.called
	t.Log(h.last)
}

// A channel that is closed before the write, and waited for some time.
func TestClosedEarly(t *testing.T) {
	b, body := &bus{}, 0
	started := make(chan bool)
	b.subscribe(func(n int) {
		close(started)
		body = n
	})
	select {
	case <-started:
	case <-time.After(time.Second):
		t.Fatal("too late")
	}
	t.Log(body) // want `body is read here after a signal`
}

// Whoever does not give up may have been called in place.
func TestClosedInPlace(t *testing.T) {
	b, body := &bus{}, 0
	started := make(chan bool)
	b.subscribe(func(n int) {
		close(started)
		body = n
	})
	b.publish(1)
	<-started
	t.Log(body)
}

// later has another channel, which a method takes away after it has told.
type later struct {
	told  chan int
	other chan int
}

func (l *later) handle(n int) {
	l.told <- n
	l.other = nil
}

// What is received from is looked at before anything is received.
func TestOtherCase(t *testing.T) {
	h := &later{told: make(chan int), other: make(chan int)}
	s := start(h)
	s.feed(1)
	select {
	case <-h.told:
	case <-h.other:
	}
}
