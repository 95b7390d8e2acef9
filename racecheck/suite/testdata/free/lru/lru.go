// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lru

import (
	"container/list"
	"sync"
)

type LRU struct {
	mu      sync.Mutex
	ll      *list.List
	m       map[string]*list.Element
	max     int
	evicted int
	onEvict func(string)
}

type kv struct {
	k string
	v int
}

func New(max int, onEvict func(string)) *LRU {
	return &LRU{ll: list.New(), m: map[string]*list.Element{}, max: max, onEvict: onEvict}
}

func (l *LRU) Put(k string, v int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.m[k]; ok {
		e.Value.(*kv).v = v
		l.ll.MoveToFront(e)
		return
	}
	l.m[k] = l.ll.PushFront(&kv{k, v})
	for l.ll.Len() > l.max {
		l.drop()
	}
}

func (l *LRU) drop() {
	e := l.ll.Back()
	x := l.ll.Remove(e).(*kv)
	delete(l.m, x.k)
	l.evicted++
	if l.onEvict != nil {
		l.onEvict(x.k)
	}
}

func (l *LRU) Get(k string) (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.m[k]
	if !ok {
		return 0, false
	}
	l.ll.MoveToFront(e)
	return e.Value.(*kv).v, true
}
