// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package pool

import "sync"

type Job struct{ ID, Out int }

type Pool struct {
	jobs    chan *Job
	results chan *Job
	wg      sync.WaitGroup
}

func New(n int) *Pool {
	p := &Pool{jobs: make(chan *Job), results: make(chan *Job, n)}
	p.wg.Add(n)
	for i := 0; i < n; i++ {
		go p.worker()
	}
	go func() {
		p.wg.Wait()
		close(p.results)
	}()
	return p
}

func (p *Pool) worker() {
	defer p.wg.Done()
	for j := range p.jobs {
		j.Out = j.ID * j.ID
		p.results <- j
	}
}

func (p *Pool) Submit(j *Job)        { p.jobs <- j }
func (p *Pool) Finish()              { close(p.jobs) }
func (p *Pool) Results() <-chan *Job { return p.results }
