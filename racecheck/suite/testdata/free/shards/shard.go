// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package shards

import (
	"hash/maphash"
	"sync"
)

type shard struct {
	sync.RWMutex
	m map[string]int
}

type Map struct {
	seed   maphash.Seed
	shards [8]shard
}

func New() *Map {
	m := &Map{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].m = map[string]int{}
	}
	return m
}

func (m *Map) shard(k string) *shard {
	return &m.shards[maphash.String(m.seed, k)%uint64(len(m.shards))]
}

func (m *Map) Add(k string, n int) {
	s := m.shard(k)
	s.Lock()
	s.m[k] += n
	s.Unlock()
}

func (m *Map) Get(k string) int {
	s := m.shard(k)
	s.RLock()
	defer s.RUnlock()
	return s.m[k]
}

func (m *Map) Total() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.RLock()
		for _, v := range s.m {
			n += v
		}
		s.RUnlock()
	}
	return n
}

func (m *Map) Reset() {
	for i := range m.shards {
		func(s *shard) {
			s.Lock()
			defer s.Unlock()
			clear(s.m)
		}(&m.shards[i])
	}
}
