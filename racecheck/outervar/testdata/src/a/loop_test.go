package a

import (
	"sync"
	"testing"
)

// A loop that waits is taken to run.
func TestLoopWaits(t *testing.T) {
	n, m := 0, 3
	done := make(chan bool)
	go func() {
		for range m {
			n++
			done <- true
		}
	}()
	for i := 0; i < m; i++ {
		<-done
	}
	t.Log(n)
}

func TestLoopOfGroups(t *testing.T) {
	n := 0
	groups := []*sync.WaitGroup{{}, {}}
	groups[0].Add(1)
	go func() {
		n++
		groups[0].Done()
	}()
	for _, g := range groups {
		g.Wait()
	}
	t.Log(n)
}

// It waits behind the access.
func TestLoopWaitsLate(t *testing.T) {
	n := 0
	done := make(chan bool)
	go func() {
		n++ // want `n is declared outside this function literal`
		done <- true
	}()
	for range 3 {
		t.Log(n)
		<-done
	}
}

// Each iteration starts one and waits for that.
func TestLoopStarts(t *testing.T) {
	n := 0
	for range 3 {
		done := make(chan bool)
		go func() {
			n++
			done <- true
		}()
		<-done
	}
	t.Log(n)
}

// All of them write before anybody is waited for.
func TestLoopStartsAll(t *testing.T) {
	n := 0
	done := make(chan bool)
	for range 3 {
		go func() {
			n++ // want `n is declared outside this function literal`
			done <- true
		}()
	}
	for range 3 {
		<-done
	}
	t.Log(n)
}
