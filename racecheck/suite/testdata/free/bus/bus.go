// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import "sync"

type Bus struct {
	mu   sync.RWMutex
	subs map[string][]chan<- string
	wg   sync.WaitGroup
}

func (b *Bus) Subscribe(topic string, f func(string)) (cancel func()) {
	c := make(chan string, 4)
	b.mu.Lock()
	if b.subs == nil {
		b.subs = make(map[string][]chan<- string)
	}
	b.subs[topic] = append(b.subs[topic], c)
	b.mu.Unlock()
	b.wg.Add(1)
	go func() {
		defer b.wg.Done()
		for m := range c {
			f(m)
		}
	}()
	return sync.OnceFunc(func() { close(c) })
}

func (b *Bus) Publish(topic, m string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range b.subs[topic] {
		c <- m
	}
}

func (b *Bus) Shutdown() {
	b.mu.Lock()
	for _, list := range b.subs {
		for _, c := range list {
			close(c)
		}
	}
	b.subs = nil
	b.mu.Unlock()
	b.wg.Wait()
}
