package a

import "sync"

type meter struct {
	mu    sync.Mutex
	total int
	by    map[string]int
	name  string
	once  int
}

func newMeter() *meter {
	m := &meter{by: map[string]int{}}
	m.total = 1
	m.name = "meter"
	return m
}

func (m *meter) Add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total += n
	m.by[m.name] += n
}

func (m *meter) Reset() {
	m.mu.Lock()
	m.total = 0
	clear(m.by)
	m.mu.Unlock()
}

func (m *meter) Total() int {
	return m.total // want `meter.total is read here without mu, under which 6 of its 8 accesses are made`
}

func (m *meter) Early() int {
	m.mu.Lock()
	n := m.by["a"]
	m.mu.Unlock()
	return n + m.by["b"] // want `meter.by is read here without mu`
}

func (m *meter) Set(n int) {
	m.total = n // want `meter.total is written here without mu`
}

// Near misses.

// Name is set when the meter is made, and only read afterwards.
func (m *meter) Name() string { return m.name }

// sumLocked is called under the lock.
func (m *meter) sumLocked() int { return m.total }

// sum wants its caller to hold m.mu.
func (m *meter) sum() int { return m.total }

func (m *meter) Twice() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return 2 * m.get()
}

// get has only callers that hold the lock.
func (m *meter) get() int { return m.total }

func (m *meter) each(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	func() { m.total++ }()
}

func fresh() *meter {
	m := &meter{}
	m.total = 7
	return m
}

func (m *meter) lockAll() { m.mu.Lock() }

func (m *meter) helped() {
	m.lockAll()
	m.total++
	m.mu.Unlock()
}

// Two locks of which neither guards most.
type pair struct {
	a, b sync.Mutex
	n    int
}

func (p *pair) first() {
	p.a.Lock()
	p.n++
	p.a.Unlock()
}

func (p *pair) plain() int { return p.n }
func (p *pair) other() int { return p.n }
