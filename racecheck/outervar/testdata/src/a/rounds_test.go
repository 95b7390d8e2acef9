package a

import (
	"sync"
	"testing"
	"time"
)

// rounds calls f again and again, each time on a goroutine that it waits for.
func rounds(f func() error) {
	for range 3 {
		var wg sync.WaitGroup
		wg.Go(func() {
			if f() != nil {
				return
			}
		})
		wg.Wait()
	}
}

// roundsByChannel does the same with a channel.
func roundsByChannel(f func() error) {
	for {
		done := make(chan error, 1)
		go func() { done <- f() }()
		if err := <-done; err == nil {
			return
		}
	}
}

// heap starts them all and waits then.
func heap(f func() error) {
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _ = f() })
	}
	wg.Wait()
}

// someRounds does not wait for every round.
func someRounds(f func() error) {
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { _ = f() })
		if i == 1 {
			wg.Wait()
		}
	}
	wg.Wait()
}

func TestRounds(t *testing.T) {
	var a, b, c, d error
	rounds(func() error {
		a = work()
		return a
	})
	roundsByChannel(func() error {
		b = work()
		return b
	})
	heap(func() error {
		c = work() // want `c is declared outside`
		return c
	})
	someRounds(func() error {
		d = work() // want `d is declared outside`
		return d
	})
	t.Log(a, b, c, d)
}

// The goroutine writes when it has got what is sent after the read.
func TestReceiveFromEmpty(t *testing.T) {
	for n := range 3 {
		c := make(chan int, n)
		got := false
		go func() {
			_ = <-c
			got = true
		}()
		time.Sleep(time.Millisecond)
		if got {
			t.Fatal("received")
		}
		select {
		case _ = <-c:
			t.Fatal("received")
		default:
		}
		c <- 0
	}
}

// eventually starts the function on goroutines, one at a time.
func eventually(f func() bool) {
	ch := make(chan bool, 1)
	tick := time.Tick(time.Millisecond)
	for c := tick; ; {
		select {
		case <-c:
			c = nil
			go func() { ch <- f() }()
		case ok := <-ch:
			if ok {
				return
			}
			c = tick
		}
	}
}

func TestEventually(t *testing.T) {
	var err error
	eventually(func() bool {
		err = work()
		return err == nil
	})
	t.Log(err)
}
