// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package scheduler

import (
	"container/heap"
	"sync"
	"time"
)

type task struct {
	at  time.Time
	f   func()
	idx int
}

type tasks []*task

func (t tasks) Len() int           { return len(t) }
func (t tasks) Less(i, j int) bool { return t[i].at.Before(t[j].at) }
func (t tasks) Swap(i, j int)      { t[i], t[j] = t[j], t[i]; t[i].idx, t[j].idx = i, j }
func (t *tasks) Push(x any)        { *t = append(*t, x.(*task)) }
func (t *tasks) Pop() any {
	old := *t
	x := old[len(old)-1]
	*t = old[:len(old)-1]
	return x
}

type Scheduler struct {
	mu   sync.Mutex
	q    tasks
	wake chan struct{}
	stop chan struct{}
	wg   sync.WaitGroup
	ran  int
}

func New() *Scheduler {
	s := &Scheduler{wake: make(chan struct{}, 1), stop: make(chan struct{})}
	s.wg.Add(1)
	go s.loop()
	return s
}

func (s *Scheduler) At(at time.Time, f func()) {
	s.mu.Lock()
	heap.Push(&s.q, &task{at: at, f: f})
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Scheduler) next() (f func(), wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.q) == 0 {
		return nil, time.Hour
	}
	if d := time.Until(s.q[0].at); d > 0 {
		return nil, d
	}
	return heap.Pop(&s.q).(*task).f, 0
}

func (s *Scheduler) loop() {
	defer s.wg.Done()
	for {
		f, d := s.next()
		if f != nil {
			f()
			s.ran++
			continue
		}
		select {
		case <-s.stop:
			return
		case <-s.wake:
		case <-time.After(d):
		}
	}
}

func (s *Scheduler) Stop() { close(s.stop); s.wg.Wait() }
