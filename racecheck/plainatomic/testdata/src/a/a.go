package a

import (
	"sync"
	"sync/atomic"
)

type server struct {
	mu       sync.Mutex
	requests int64
	open     int32
	state    uint32
	locked   int64
	reads    int64
	typed    atomic.Int64
	other    int64
}

func (s *server) serve() {
	atomic.AddInt64(&s.requests, 1)
	atomic.AddInt32(&s.open, 1)
	if atomic.CompareAndSwapUint32(&s.state, 0, 1) {
		s.typed.Add(1)
	}
}

func (s *server) Requests() int64 {
	return s.requests // want `server.requests is read here with no atomic operation, unlike elsewhere`
}

func (s *server) done() {
	s.open-- // want `server.open is written here`
}

func (s *server) reset() {
	s.state = 0 // want `server.state is written here with no atomic operation`
}

// Two accesses: making each atomic would not make them one.
func (s *server) once() {
	if s.state == 0 { // want `server.state is read here`
		s.state = 1 // want `server.state is written here`
	}
}

func (s *server) add(n int32) {
	s.open += n // want `server.open is written here`
}

var total uint64

func count() { atomic.AddUint64(&total, 1) }

func Total() uint64 {
	if total > 10 { // want `total is read here`
		return 10
	}
	return 0
}

// Near misses.

func newServer() *server {
	s := &server{state: 1}
	s.requests = 0
	return s
}

func make2() *server {
	s := &server{}
	s.prepare()
	s.open = 3
	return s
}

// prepare is called only for an object that is being made.
func (s *server) prepare() { s.requests = 5 }

func (s *server) lockedAdd() {
	s.mu.Lock()
	atomic.AddInt64(&s.locked, 1)
	s.mu.Unlock()
}

func (s *server) lockedRead() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked
}

// Only read, in both ways.
func (s *server) onlyReads() int64 {
	return s.reads + atomic.LoadInt64(&s.reads)
}

func (s *server) plain() {
	s.other++
	s.typed.Store(s.other)
}

func copied(s server) int64 { return s.requests }

// The only writer knows what it wrote.
type single struct{ next uint64 }

func (s *single) advance(min uint64) {
	atomic.StoreUint64(&s.next, max(s.next-1, min))
}

func (s *single) peek() uint64 { return atomic.LoadUint64(&s.next) }

var (
	seed     uint64
	seedOnce sync.Once
)

func nextSeed() uint64 {
	seedOnce.Do(func() { seed = 5 })
	return atomic.AddUint64(&seed, 1)
}
