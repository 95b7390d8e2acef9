// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"sync"
	"time"
)

type Agent struct {
	beats  int
	errs   []error
	quit   chan struct{}
	wg     sync.WaitGroup
	closed sync.Once
}

func Start(every time.Duration) *Agent {
	a := &Agent{quit: make(chan struct{})}
	a.wg.Add(1)
	go a.loop(every)
	return a
}

func (a *Agent) loop(every time.Duration) {
	defer a.wg.Done()
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			a.beats++
		case <-a.quit:
			return
		}
	}
}

func (a *Agent) Close() error {
	a.closed.Do(func() { close(a.quit) })
	a.wg.Wait()
	return nil
}

func (a *Agent) Beats() int { return a.beats }
