// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package uploads

import (
	"sync"
	"sync/atomic"
)

type Upload struct {
	parts  atomic.Int32
	etags  []string
	total  int
	err    error
	wg     sync.WaitGroup
	errMu  sync.Mutex
	finish sync.Once
	done   chan struct{}
}

func Begin(parts [][]byte) *Upload {
	u := &Upload{etags: make([]string, len(parts)), done: make(chan struct{})}
	for i, p := range parts {
		u.wg.Add(1)
		go func() {
			defer u.wg.Done()
			u.etags[i] = string(p)
			u.parts.Add(1)
		}()
	}
	go u.complete()
	return u
}

func (u *Upload) complete() {
	u.wg.Wait()
	for _, e := range u.etags {
		u.total += len(e)
	}
	u.finish.Do(func() { close(u.done) })
}

func (u *Upload) fail(err error) {
	u.errMu.Lock()
	defer u.errMu.Unlock()
	if u.err == nil {
		u.err = err
	}
}

func (u *Upload) Progress() int { return int(u.parts.Load()) }

func (u *Upload) Result() (int, error) {
	<-u.done
	u.errMu.Lock()
	defer u.errMu.Unlock()
	return u.total, u.err
}

func (u *Upload) Done() <-chan struct{} { return u.done }
