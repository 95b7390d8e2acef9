// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package turns has routines that run one at a time.
package turns

import "time"

// Turn is what a routine runs in.
type Turn interface{ yield() }

type turn struct{ to, back chan struct{} }

func (t *turn) yield() {
	t.back <- struct{}{}
	<-t.to
}

// Group starts routines.
type Group interface {
	Go(t Turn, f func(Turn))
	Wait(t Turn)
}

// Loop runs the routines.
type Loop struct {
	turns []*turn
	left  int
}

// NewGroup makes a group on a loop.
func NewGroup(l *Loop) Group { return &group{l: l} }

type group struct {
	l    *Loop
	left int
}

func (g *group) Go(_ Turn, f func(Turn)) {
	g.left++
	g.l.start(func(t Turn) {
		f(t)
		g.left--
	})
}

func (g *group) Wait(t Turn) {
	for g.left > 0 {
		t.yield()
	}
}

func (l *Loop) start(f func(Turn)) {
	t := &turn{to: make(chan struct{}), back: make(chan struct{})}
	l.turns = append(l.turns, t)
	l.left++
	go func() {
		<-t.to
		f(t)
		l.left--
		close(t.back)
	}()
}

// Run runs f, and what it starts, until all have ended.
func (l *Loop) Run(f func(Turn)) {
	l.start(f)
	for l.left > 0 {
		for _, t := range l.turns {
			select {
			case <-t.back: // it has ended
			default:
				t.to <- struct{}{}
				<-t.back
			}
		}
	}
}

var hooks = map[string]func(Turn){}

// On keeps a function for a name.
func On(_ Turn, name string, f func(Turn)) { hooks[name] = f }

// Sleep lets others run for some rounds.
func Sleep(t Turn, d time.Duration) {
	for range d / time.Second {
		for _, f := range hooks {
			f(t)
		}
		t.yield()
	}
}
