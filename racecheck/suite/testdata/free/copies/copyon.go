// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package copies

import "sync"

type List struct {
	mu   sync.Mutex
	subs []func(int)
}

func (l *List) Add(f func(int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subs = append(l.subs[:len(l.subs):len(l.subs)], f)
}

func (l *List) snapshot() []func(int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.subs
}

func (l *List) Notify(v int) {
	for _, f := range l.snapshot() {
		f(v)
	}
}

type Config struct {
	mu  sync.RWMutex
	cur *settings
}

type settings struct {
	name string
	opts map[string]string
}

func (c *Config) Get() *settings {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.cur
}

func (c *Config) Set(name string, opts map[string]string) {
	s := &settings{name: name, opts: map[string]string{}}
	for k, v := range opts {
		s.opts[k] = v
	}
	c.mu.Lock()
	c.cur = s
	c.mu.Unlock()
}
