// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

type spin struct{ v atomic.Int32 }

func (s *spin) acquire() {
	for !s.v.CompareAndSwap(0, 1) {
		runtime.Gosched()
	}
}
func (s *spin) release() { s.v.Store(0) }

func TestSpin(t *testing.T) {
	var s spin
	n := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s.acquire()
			n++
			s.release()
		})
	}
	wg.Wait()
	if n != 4 {
		t.Fatal(n)
	}
}

func TestScoped(t *testing.T) {
	var mu sync.Mutex
	lock := func() func() {
		mu.Lock()
		return mu.Unlock
	}
	n := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			defer lock()()
			n++
		})
	}
	wg.Wait()
	if n != 4 {
		t.Fatal(n)
	}
}

func TestClosure(t *testing.T) {
	var mu sync.Mutex
	state := map[string]int{}
	update := func(k string) {
		mu.Lock()
		defer mu.Unlock()
		state[k]++
	}
	get := func(k string) int {
		mu.Lock()
		defer mu.Unlock()
		return state[k]
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			update("a")
			get("a")
		}()
	}
	wg.Wait()
	if state["a"] != 3 {
		t.Fatal(state)
	}
}

func TestStriped(t *testing.T) {
	var locks [4]sync.Mutex
	counts := make([]int, 4)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			locks[i%4].Lock()
			defer locks[i%4].Unlock()
			counts[i%4]++
		})
	}
	wg.Wait()
	if counts[3] != 4 {
		t.Fatal(counts)
	}
}

type embedded struct {
	*sync.RWMutex
	m map[int]int
}

func TestEmbedded(t *testing.T) {
	e := embedded{&sync.RWMutex{}, map[int]int{}}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			e.Lock()
			e.m[i]++
			e.Unlock()
			e.RLock()
			_ = e.m[i]
			e.RUnlock()
		})
	}
	wg.Wait()
	if len(e.m) != 4 {
		t.Fatal()
	}
}

func TestLocker(t *testing.T) {
	var l sync.Locker = &sync.Mutex{}
	n := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l.Lock()
			defer l.Unlock()
			n++
		})
	}
	wg.Wait()
	if n != 4 {
		t.Fatal(n)
	}
}

func TestTry(t *testing.T) {
	var mu sync.Mutex
	n := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if !mu.TryLock() {
				return
			}
			defer mu.Unlock()
			n++
		})
	}
	wg.Wait()
	if n == 0 {
		t.Fatal(n)
	}
}

type monitor struct {
	sync.Mutex
	n int
}

func (m *monitor) do(f func()) {
	m.Lock()
	defer m.Unlock()
	f()
}

func TestMonitor(t *testing.T) {
	m := &monitor{}
	var log []int
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			m.do(func() {
				m.n++
				log = append(log, i)
			})
		})
	}
	wg.Wait()
	if m.n != len(log) {
		t.Fatal()
	}
}

func TestUnlockBetween(t *testing.T) {
	var mu sync.Mutex
	n, m := 0, 0
	done := make(chan bool)
	go func() {
		mu.Lock()
		n++
		mu.Unlock()
		mu.Lock()
		m += n
		mu.Unlock()
		done <- true
	}()
	mu.Lock()
	n++
	if n > 5 {
		mu.Unlock()
		return
	}
	mu.Unlock()
	<-done
	if m == 0 {
		t.Fatal()
	}
}
