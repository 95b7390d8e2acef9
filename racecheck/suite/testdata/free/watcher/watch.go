// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"sync"
	"time"
)

type Watcher struct {
	interval time.Duration
	onChange func(string)
	read     func() string
	last     string
	stop     chan struct{}
	once     sync.Once
	stopped  sync.WaitGroup
}

func Watch(interval time.Duration, read func() string, onChange func(string)) *Watcher {
	w := &Watcher{interval: interval, read: read, onChange: onChange, stop: make(chan struct{})}
	w.last = read()
	w.stopped.Add(1)
	go w.run()
	return w
}

func (w *Watcher) run() {
	defer w.stopped.Done()
	for {
		select {
		case <-w.stop:
			return
		case <-time.After(w.interval):
		}
		if v := w.read(); v != w.last {
			w.last = v
			w.onChange(v)
		}
	}
}

func (w *Watcher) Stop() {
	w.once.Do(func() { close(w.stop) })
	w.stopped.Wait()
}
