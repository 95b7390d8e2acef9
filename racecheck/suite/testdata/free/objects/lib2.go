// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package objects

import "time"

func (e *engine) start() {
	e.started = true
	e.stop, e.stopped = make(chan struct{}), make(chan struct{})
	go e.run()
}
func (e *engine) run() {
	defer close(e.stopped)
	for {
		select {
		case <-e.stop:
			return
		case <-time.After(time.Millisecond):
			e.ticks++
		}
	}
}
func (e *engine) halt() { close(e.stop); <-e.stopped }
