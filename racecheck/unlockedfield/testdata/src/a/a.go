package a

import (
	"sync"
	"sync/atomic"
)

type poller struct {
	mu     sync.Mutex
	ticks  chan int
	done   chan struct{}
	seen   int
	last   int
	first  int
	state  int
	locked int
	count  int64
	by     map[int]int
	name   string
	result int
}

func (p *poller) Start() {
	p.first = 1 // before the goroutine
	go p.run()
}

func (p *poller) run() {
	for t := range p.ticks {
		p.seen++ // want `poller.seen is written here by a goroutine, and Seen uses it: neither holds a lock`
		p.note(t)
		p.mu.Lock()
		p.locked++
		p.mu.Unlock()
		atomic.AddInt64(&p.count, 1)
	}
	p.first++
	_ = p.name
}

func (p *poller) note(t int) {
	p.last = t   // want `poller.last is written here by a goroutine, and Last uses it`
	p.by[t] += 1 // want `poller.by is written here by a goroutine, and Count uses it`
}

func (p *poller) Seen() int        { return p.seen }
func (p *poller) Last() int        { return p.last }
func (p *poller) Count(t int) int  { return p.by[t] }
func (p *poller) Name() string     { return p.name }
func (p *poller) SetName(n string) { p.name = n }
func (p *poller) Counted() int64   { return atomic.LoadInt64(&p.count) }

func (p *poller) literal() {
	go func() {
		p.state = 2 // want `poller.state is written here by a goroutine, and literal uses it`
	}()
	if p.state == 2 {
		return
	}
}

// Near misses.

func (p *poller) Locked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.locked
}

// handedOver closes after it wrote, and the reader waits.
func (p *poller) work() {
	p.result = 5
	close(p.done)
}

func (p *poller) begin() { go p.work() }

func (p *poller) Result() int {
	<-p.done
	return p.result
}

func newPoller() *poller {
	p := &poller{by: map[int]int{}}
	p.seen = 0
	p.last = 0
	go p.run()
	return p
}
