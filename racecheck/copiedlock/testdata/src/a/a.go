package a

import "sync"

type entry struct{ n int }

type tally struct {
	mu     sync.Mutex
	counts map[string]int
	by     map[string]*entry
	n      int
}

func (t tally) inc(k string) {
	t.mu.Lock() // want `t.mu belongs to the copy t: it keeps nobody away`
	defer t.mu.Unlock()
	t.counts[k]++
}

func parameter(t tally, k string) {
	t.mu.Lock() // want `t.mu belongs to the copy t`
	t.by[k].n++
	t.mu.Unlock()
}

var registry tally

func local(p *tally) {
	c := *p
	c.mu.Lock() // want `c.mu belongs to the copy c`
	c.counts["a"] = 1
	c.mu.Unlock()
}

func each(list []tally) {
	for _, t := range list {
		t.mu.Lock() // want `t.mu belongs to the copy t`
		delete(t.counts, "a")
		t.mu.Unlock()
	}
}

type embeds struct {
	sync.Mutex
	m map[string]int
}

func (e embeds) set() {
	e.Lock() // want `e belongs to the copy e`
	defer e.Unlock()
	e.m["a"] = 1
}

// Near misses.

func (t *tally) pointer(k string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[k]++
}

func (t tally) ownMemory() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	return t.n
}

func made() *tally {
	var t tally
	t.mu.Lock()
	t.counts = map[string]int{}
	t.counts["a"] = 1
	t.mu.Unlock()
	return &t
}

type holds struct{ mu *sync.Mutex }

func (h holds) behindPointer(m map[string]int) {
	h.mu.Lock()
	m["a"] = 1
	h.mu.Unlock()
}

type shares struct {
	mu *sync.Mutex
	m  map[string]int
}

func (s shares) set() {
	s.mu.Lock()
	s.m["a"] = 1
	s.mu.Unlock()
}

func index(list []tally) {
	for i := range list {
		list[i].mu.Lock()
		list[i].counts["a"] = 1
		list[i].mu.Unlock()
	}
}
