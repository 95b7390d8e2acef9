package a

import (
	"sync"
	"testing"
	"time"
)

// poller has a goroutine of its own.
type poller struct {
	mu    sync.Mutex
	seen  int
	addrs map[string]int
	plain int
	step  func(*poller)
}

func newPoller() *poller {
	p := &poller{addrs: map[string]int{}}
	go p.step(p)
	return p
}

func (p *poller) add(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	p.addrs[addr]++
}

func (p *poller) set() { p.plain++ }

func (p *poller) run() { p.step(p) }

func (p *poller) wait() {}

func TestPoller(t *testing.T) {
	p := newPoller()
	time.Sleep(time.Millisecond)
	if p.seen != 3 { // want `seen of p is read here after a sleep, which orders nothing, and without the lock`
		t.Error("not seen")
	}
}

func TestPollerRun(t *testing.T) {
	p := &poller{}
	go p.run()
	time.Sleep(time.Millisecond)
	if len(p.addrs) != 3 { // want `addrs of p is read here after a sleep, which orders nothing, and without the lock`
		t.Error("not seen")
	}
}

func TestPollerLocked(t *testing.T) {
	p := newPoller()
	time.Sleep(time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen != 3 {
		t.Error("not seen")
	}
}

// Nobody has started anything: the sleep is for the time.
func TestPollerAlone(t *testing.T) {
	p := &poller{}
	p.add("a")
	time.Sleep(time.Millisecond)
	if p.seen != 1 {
		t.Error("not seen")
	}
}

func TestPollerWaits(t *testing.T) {
	p := newPoller()
	time.Sleep(time.Millisecond)
	p.wait()
	if p.seen != 3 {
		t.Error("not seen")
	}
}

// No lock is for plain: perhaps only the test sets it.
func TestPollerPlain(t *testing.T) {
	p := newPoller()
	p.set()
	time.Sleep(time.Millisecond)
	if p.plain != 1 {
		t.Error("not set")
	}
}

// What it looks at was seen under the lock.
func TestPollerSeen(t *testing.T) {
	p := newPoller()
	for range 10 {
		p.mu.Lock()
		seen := p.seen
		p.mu.Unlock()
		if seen > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if p.seen != 3 {
		t.Error("not seen")
	}
}

// A field that leads to an object is set up once.
type caching struct {
	mu    sync.Mutex
	cache *poller
	n     int
}

func newCaching() *caching {
	c := &caching{cache: newPoller()}
	go c.count()
	return c
}

func (c *caching) count() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

func (c *caching) close() {
	c.mu.Lock()
	c.cache = nil
	c.mu.Unlock()
}

func TestCaching(t *testing.T) {
	c := newCaching()
	time.Sleep(time.Millisecond)
	if c.cache == nil {
		t.Error("closed")
	}
	time.Sleep(time.Millisecond)
	if c.n != 1 { // want `n of c is read here after a sleep`
		t.Error("not counted")
	}
}
