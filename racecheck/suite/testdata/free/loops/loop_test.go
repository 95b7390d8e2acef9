// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package loops

import (
	"runtime"
	"testing"
)

func TestDefault(t *testing.T) {
	done := make(chan int)
	work := 0
	go func() {
		sum := 0
		for i := range 1000 {
			sum += i
		}
		done <- sum
	}()
	for {
		select {
		case v := <-done:
			if v != 499500 {
				t.Fatal(v)
			}
			t.Log(work)
			return
		default:
			work++
			runtime.Gosched()
		}
	}
}

func TestDrain(t *testing.T) {
	events := make(chan string, 4)
	seen := map[string]int{}
	stop := make(chan struct{})
	go func() {
		events <- "a"
		events <- "b"
		close(stop)
	}()
	<-stop
	for {
		select {
		case e := <-events:
			seen[e]++
			continue
		default:
		}
		break
	}
	if len(seen) != 2 {
		t.Fatal(seen)
	}
}

func TestQuit(t *testing.T) {
	quit, stopped := make(chan struct{}), make(chan struct{})
	loops := 0
	go func() {
		defer close(stopped)
		for {
			select {
			case <-quit:
				return
			default:
			}
			loops++
		}
	}()
	close(quit)
	<-stopped
	if loops < 0 {
		t.Fatal()
	}
}
