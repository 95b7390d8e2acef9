// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/culprit-ci/culprit"
)

// When the progress line appears, and how often it is drawn again.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// progress shows on one line what goes on. Work of less than a second shows
// nothing, and the line is gone when the work is done.
type progress struct {
	w     io.Writer
	width int
	start time.Time

	mu      sync.Mutex
	message string
	shown   bool

	once          sync.Once
	stop, stopped chan struct{}
}

// newProgress starts a progress line on w, which is a terminal of the given
// width. [progress.Stop] ends it.
func newProgress(w io.Writer, width int) *progress {
	p := &progress{w: w, width: width, start: time.Now(), stop: make(chan struct{}), stopped: make(chan struct{})}
	go p.run()
	return p
}

// progress starts a progress line if the error stream is a terminal that can
// rewrite one; otherwise it returns nil, whose methods do nothing.
func (s Streams) progress() *progress {
	if !isTerminal(s.Err) || s.lookup("TERM") == "dumb" {
		return nil
	}
	return newProgress(s.Err, width(s.Err))
}

// Event takes what goes on now.
func (p *progress) Event(e culprit.Event) {
	if p == nil {
		return
	}
	message := e.Message
	if e.Failure != "" {
		message = e.Failure + ": " + message
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.message = oneLine(message)
}

// Stop clears the line. Nothing is written after it returns.
func (p *progress) Stop() {
	if p == nil {
		return
	}
	p.once.Do(func() { close(p.stop) })
	<-p.stopped
}

func (p *progress) run() {
	defer close(p.stopped)
	first := time.NewTimer(progressAfter)
	defer first.Stop()
	select {
	case <-p.stop:
		return
	case <-first.C:
	}
	ticks := time.NewTicker(progressEvery)
	defer ticks.Stop()
	for {
		p.draw()
		select {
		case <-p.stop:
			if p.shown {
				fmt.Fprint(p.w, "\r\x1b[K")
			}
			return
		case <-ticks.C:
		}
	}
}

// Above runs fn, which writes to the same terminal, with the line out of the way.
func (p *progress) Above(fn func()) {
	if p == nil {
		fn()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
	fn()
}

// draw writes the line again. The last column stays free: some terminals wrap
// when it is written.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := p.message
	if line == "" {
		return
	}
	line = fmt.Sprintf("%ds %s", int(time.Since(p.start).Seconds()), line)
	if runes := []rune(line); len(runes) >= p.width {
		line = string(runes[:max(p.width-2, 0)]) + "…"
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", line)
	p.shown = true
}
