// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package stealing

import "sync"

type deque struct {
	mu sync.Mutex
	q  []func()
}

func (d *deque) push(f func()) { d.mu.Lock(); d.q = append(d.q, f); d.mu.Unlock() }

func (d *deque) pop() (f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := len(d.q); n > 0 {
		f, d.q = d.q[n-1], d.q[:n-1]
	}
	return f
}

func (d *deque) steal() (f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.q) > 0 {
		f, d.q = d.q[0], d.q[1:]
	}
	return f
}

type Pool struct {
	ds  []*deque
	wg  sync.WaitGroup
	ran []int
}

func New(n int) *Pool {
	p := &Pool{ran: make([]int, n)}
	for range n {
		p.ds = append(p.ds, &deque{})
	}
	return p
}

func (p *Pool) Add(i int, f func()) { p.ds[i%len(p.ds)].push(f) }

func (p *Pool) Run() {
	for i, d := range p.ds {
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			for {
				f := d.pop()
				for j := 0; f == nil && j < len(p.ds); j++ {
					f = p.ds[(i+j)%len(p.ds)].steal()
				}
				if f == nil {
					return
				}
				f()
				p.ran[i]++
			}
		}()
	}
	p.wg.Wait()
}
