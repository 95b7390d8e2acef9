package a

import (
	"sync"
	"testing"
	"time"
)

// ranges is loaded anew whenever a time is up.
type ranges struct {
	mu    sync.Mutex
	every time.Duration
	list  []string
}

func newRanges(every time.Duration) *ranges {
	r := &ranges{every: every}
	r.load()
	go r.loop()
	return r
}

func (r *ranges) load() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = []string{"a"}
}

func (r *ranges) loop() {
	for {
		time.Sleep(r.every)
		r.load()
	}
}

// No test runs for an hour.
func TestLoadedOnce(t *testing.T) {
	r := newRanges(time.Hour)
	if len(r.list) != 1 {
		t.Fatal(r.list)
	}
}

func TestLoadedOften(t *testing.T) {
	r := newRanges(time.Millisecond)
	if len(r.list) != 1 { // want `list of r is read here while a goroutine that newRanges leaves running changes it, and only that holds a lock`
		t.Fatal("none")
	}
}

type link struct{ debug bool }

func dial() *link {
	l := &link{}
	go func() {
		for {
			if l.debug {
				println("on")
			}
		}
	}()
	return l
}

// It is only compiled.
func Example_debug() {
	l := dial()
	l.debug = true
}

func Example_printed() {
	l := dial()
	l.debug = true // want `debug of l is changed here while a goroutine that dial leaves running reads it`
	println("dialed")
	// Output:
}
