package a

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type bus struct{ f []func(int) }

// subscribe keeps the function.
func (b *bus) subscribe(f func(int)) { b.f = append(b.f, f) }
func (b *bus) publish(int)           {}
func (b *bus) close()                {}

func each(f func(int)) { f(1); f(2) }

func TestNextCall(t *testing.T) {
	b, count := &bus{}, 0
	arrived := make(chan bool, 10)
	b.subscribe(func(int) {
		count++
		arrived <- true
	})
	for {
		select {
		case <-arrived:
			if count == 10 { // want `count is read here between the signals of a function that writes it`
				return
			}
		case <-time.After(time.Second):
			t.Fatal("too late")
		}
	}
}

func TestAppended(t *testing.T) {
	b := &bus{}
	var got []int
	arrived := make(chan bool)
	b.subscribe(func(n int) {
		got = append(got, n)
		arrived <- true
	})
	b.publish(1)
	b.publish(2)
	for len(got) < 2 { // want `got is read here between the signals`
		<-arrived
	}
}

func TestLoopingGoroutine(t *testing.T) {
	n := 0
	tick := make(chan int, 1)
	go func() {
		for range 10 {
			n++
			tick <- 1
		}
	}()
	for range tick {
		t.Log(n) // want `n is read here between the signals`
	}
}

func TestEarly(t *testing.T) {
	b, seen := &bus{}, 0
	started := make(chan bool)
	b.subscribe(func(n int) {
		started <- true
		seen = n
	})
	b.publish(1)
	<-started
	if seen != 1 { // want `seen is read here after a signal that the function which writes it sends before it does`
		t.Fail()
	}
}

// The counted signals order everything.
func TestCounted(t *testing.T) {
	b, count := &bus{}, 0
	arrived := make(chan bool)
	b.subscribe(func(int) {
		count++
		arrived <- true
	})
	for range 10 {
		<-arrived
	}
	t.Log(count)
}

// Each call is caused by the loop.
func TestOneByOne(t *testing.T) {
	b, count := &bus{}, 0
	arrived := make(chan bool)
	b.subscribe(func(int) {
		count++
		arrived <- true
	})
	for i := range 10 {
		b.publish(i)
		<-arrived
		t.Log(count)
	}
}

// The function may have been called in place: the channel has room.
func TestInPlace(t *testing.T) {
	b, count := &bus{}, 0
	arrived := make(chan bool, 10)
	b.subscribe(func(int) {
		count++
		arrived <- true
	})
	for len(arrived) > 0 {
		<-arrived
		t.Log(count)
	}
}

func TestCalled(t *testing.T) {
	count := 0
	arrived := make(chan int, 2)
	each(func(n int) {
		count++
		arrived <- n
	})
	for range 2 {
		<-arrived
		t.Log(count)
	}
}

func TestLocked(t *testing.T) {
	b, count := &bus{}, 0
	var mu sync.Mutex
	arrived := make(chan bool)
	b.subscribe(func(int) {
		mu.Lock()
		count++
		mu.Unlock()
		arrived <- true
	})
	for {
		<-arrived
		mu.Lock()
		n := count
		mu.Unlock()
		if n == 3 {
			return
		}
	}
}

func TestAtomic(t *testing.T) {
	b := &bus{}
	var count atomic.Int32
	arrived := make(chan bool)
	b.subscribe(func(int) {
		count.Add(1)
		arrived <- true
	})
	for {
		<-arrived
		if count.Load() == 3 {
			return
		}
	}
}

// A second signal follows the write.
func TestBothEnds(t *testing.T) {
	b, seen := &bus{}, 0
	at := make(chan bool)
	b.subscribe(func(n int) {
		at <- true
		seen = n
		at <- true
	})
	b.publish(1)
	<-at
	<-at
	t.Log(seen)
}

// The test lets the function go on, and then ends it.
func TestReleased(t *testing.T) {
	b, seen := &bus{}, 0
	started, release := make(chan bool), make(chan bool)
	b.subscribe(func(n int) {
		started <- true
		<-release
		seen = n
	})
	<-started
	t.Log(seen)
	close(release)
}

func TestEnded(t *testing.T) {
	b, seen := &bus{}, 0
	started := make(chan bool)
	b.subscribe(func(n int) {
		started <- true
		seen = n
	})
	<-started
	b.close()
	t.Log(seen)
}

// What was received says whose value may be looked at.
func TestKinds(t *testing.T) {
	b, seen := &bus{}, 0
	kinds := make(chan int)
	b.subscribe(func(n int) {
		seen = n
		kinds <- 1
	})
	for {
		if <-kinds == 1 {
			t.Log(seen)
		}
	}
}

// What is read for the message is read when the test has failed.
func TestTimeout(t *testing.T) {
	b, seen := &bus{}, 0
	started := make(chan bool)
	b.subscribe(func(n int) {
		started <- true
		seen++
	})
	select {
	case <-started:
	case <-time.After(time.Second):
		t.Fatalf("seen %d", seen)
	}
}
