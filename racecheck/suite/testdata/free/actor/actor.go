// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package actor

type Account struct {
	ops  chan func(*state)
	done chan struct{}
	st   state
}

type state struct {
	balance int
	log     []string
}

func Open() *Account {
	a := &Account{ops: make(chan func(*state)), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		for op := range a.ops {
			op(&a.st)
		}
	}()
	return a
}

func (a *Account) Deposit(n int) {
	a.ops <- func(s *state) {
		s.balance += n
		s.log = append(s.log, "deposit")
	}
}

func (a *Account) Balance() int {
	c := make(chan int)
	a.ops <- func(s *state) { c <- s.balance }
	return <-c
}

func (a *Account) Sync(f func(*state)) {
	ack := make(chan struct{})
	a.ops <- func(s *state) { f(s); close(ack) }
	<-ack
}

func (a *Account) Close() { close(a.ops); <-a.done }
