// Package tickers does something again and again.
package tickers

import (
	"sync"
	"time"
)

// Probe is asked whenever the time is up.
type Probe interface {
	Check() bool
}

// Options are those of a monitor.
type Options struct {
	Probe  Probe
	Every  time.Duration
	OnFail func(n int)
}

// Monitor asks its probe.
type Monitor struct {
	opts  Options
	quit  chan struct{}
	done  chan struct{}
	mu    sync.Mutex
	fails int
}

// Start makes a monitor that asks until it is stopped.
func Start(o Options) *Monitor {
	m := &Monitor{opts: o, quit: make(chan struct{}), done: make(chan struct{})}
	go m.loop()
	return m
}

func (m *Monitor) loop() {
	defer close(m.done)
	t := time.NewTicker(m.opts.Every)
	defer t.Stop()
	n := 0
	for {
		select {
		case <-t.C:
			if m.opts.Probe.Check() {
				continue
			}
			n++
			m.opts.OnFail(n)
			m.mu.Lock()
			m.fails = n
			m.mu.Unlock()
		case <-m.quit:
			return
		}
	}
}

// Fails tells how often the probe has failed.
func (m *Monitor) Fails() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fails
}

// Stop ends the monitor and waits for it.
func (m *Monitor) Stop() {
	close(m.quit)
	<-m.done
}
