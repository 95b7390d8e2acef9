// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rwlocks

import (
	"fmt"
	"sync"
	"testing"
)

func TestAll(t *testing.T) {
	c := &cache{m: map[string]int{}}
	s := &store{data: map[string]string{}}
	l := &lazy{}
	sw := &sweeper{}
	li := &limited{sem: make(chan struct{}, 1)}
	co := &conn{lanes: make([]lane, 4)}
	sh := &sharded{b: map[int]*bucket{0: {m: map[string]int{}}}}
	v := &view{mu: &sync.RWMutex{}, rows: []int{2, 1}}
	ta := &table{rows: map[string]*row{"a": {}}}
	ow := &owned{token: make(chan struct{}, 1)}
	ow.token <- struct{}{}
	o := &store{data: map[string]string{"q": "z"}}
	in := make(chan string, 8)
	var wg sync.WaitGroup
	wg.Go(func() { s.loop(in) })
	var ws sync.WaitGroup
	for i := range 8 {
		ws.Go(func() {
			k := fmt.Sprint(i % 3)
			c.get(k)
			c.get2(k)
			c.snapshot()
			c.counted(k)
			c.counted2(k)
			v.sorted()
			v.with(1)
			s.clone()
			s.merge(o)
			s.either(i%2 == 0)
			s.useLocked()
			s.Put(k, k)
			s.PutIfAbsent(k, k)
			co.send(i % 4)
			l.get(k)
			sw.sweep()
			li.do()
			s.grow([]string{k, "n"})
			sh.inc(0, k)
			sh.inc2(0, k)
			s.later()
			s.viaFunc()
			lookup(k)
			s.op("r")
			s.op("w")
			in <- k
			s.up()
			ta.hit("a")
			ow.step()
			s.rlocked(func() { _ = s.gen })
		})
	}
	ws.Wait()
	close(in)
	wg.Wait()
	co.Close()
}
