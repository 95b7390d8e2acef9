package tickers

import (
	"sync/atomic"
	"testing"
	"time"
)

type probe struct {
	checks int
	ok     atomic.Bool
}

func (p *probe) Check() bool {
	p.checks++
	return p.ok.Load()
}

func TestStopped(t *testing.T) {
	p := &probe{}
	failed := 0
	m := Start(Options{Probe: p, Every: time.Millisecond, OnFail: func(n int) { failed = n }})
	for m.Fails() < 3 {
		time.Sleep(time.Millisecond)
	}
	m.Stop()
	if p.checks < 3 || failed < 3 {
		t.Errorf("checks %d, failed %d", p.checks, failed)
	}
}

func TestSwitched(t *testing.T) {
	p := &probe{}
	p.ok.Store(true)
	fails := make(chan int, 100)
	m := Start(Options{Probe: p, Every: time.Millisecond, OnFail: func(n int) { fails <- n }})
	p.ok.Store(false)
	<-fails
	p.ok.Store(true)
	m.Stop()
	t.Log(p.checks)
}

func TestSetUpFirst(t *testing.T) {
	p := &probe{}
	p.checks = 10
	m := Start(Options{Probe: p, Every: time.Hour})
	defer m.Stop()
	if p.checks != 10 {
		t.Error(p.checks)
	}
}

type once struct {
	ran  bool
	done chan struct{}
}

func (o *once) Check() bool {
	if !o.ran {
		o.ran = true
		close(o.done)
	}
	return true
}

func TestFirst(t *testing.T) {
	o := &once{done: make(chan struct{})}
	m := Start(Options{Probe: o, Every: time.Millisecond})
	<-o.done
	m.Stop()
	if !o.ran {
		t.Error("did not run")
	}
}
