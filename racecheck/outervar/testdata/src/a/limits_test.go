// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package a

import (
	"context"
	"sync"
	"testing"
)

// What orders some accesses does not order those beside it.

func TestContextLook(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			default:
			}
			n++ // want `n is declared outside`
		}
	}()
	if n > 3 {
		t.Log("fast")
	}
	cancel()
}

func TestContextGate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	go func() {
		<-ctx.Done()
		n++ // want `n is declared outside`
	}()
	n = 1 // nobody has cancelled yet
	cancel()
	n = 2 // want `n is written here`
}

func TestOtherCase(t *testing.T) {
	n := 0
	stop := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				n++ // want `n is declared outside`
			}
		}
	}()
	stop <- struct{}{} // it may lie there
	if n > 3 {
		t.Log("fast")
	}
}

func TestBeforeOnce(t *testing.T) {
	var once sync.Once
	var wg sync.WaitGroup
	v := ""
	for range 2 {
		wg.Go(func() {
			if v == "" {
				once.Do(func() { v = "set" }) // want `v is declared outside`
			}
		})
	}
	wg.Wait()
}

func TestBehindOnce(t *testing.T) {
	var once sync.Once
	var wg sync.WaitGroup
	v := ""
	for range 2 {
		wg.Go(func() {
			once.Do(func() { v = "set" })
			_ = v
		})
	}
	wg.Wait()
}

func TestTokenTaken(t *testing.T) {
	sem := make(chan struct{}, 2)
	n := 0
	for range 4 {
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			_ = n
		}()
		n++ // want `n is written here`
	}
}

func TestSignalBefore(t *testing.T) {
	tokens := make(chan int, 2)
	n := 0
	tokens <- 1
	go func() {
		<-tokens
		n++ // want `n is declared outside`
	}()
	n = 2 // want `n is written here`
}

func TestRangeOver(t *testing.T) {
	c := make(chan int)
	n := 0
	go func() {
		for i := range 3 {
			c <- i
		}
		close(c)
		n++ // want `n is declared outside`
	}()
	for range c {
	}
	if n == 1 {
		t.Log(n)
	}
}

func tryGo(f func()) bool {
	go f()
	return true
}

func TestUntilStarted(t *testing.T) {
	n := 0
	for !tryGo(func() { n++ }) {
	}
}

// A test that is switched off makes no run red; one that a test calls does.
func XTestLater(t *testing.T) {
	n := 0
	for range 2 {
		go func() { n++ }()
	}
	t.Log(&n)
}

func testNow(t *testing.T) {
	n := 0
	for range 2 {
		go func() { n++ }() // want `n is declared outside`
	}
	t.Log(&n)
}

func TestNow(t *testing.T) { testNow(t) }
