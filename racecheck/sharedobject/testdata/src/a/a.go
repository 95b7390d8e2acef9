package a

import "sync"

type pool struct {
	mu sync.Mutex
	n  int
}

func newPool() *pool {
	p := &pool{}
	go func() {
		for {
			p.mu.Lock()
			p.n++
			p.mu.Unlock()
		}
	}()
	return p
}

// Code that is no test may know more.
func size() int {
	p := newPool()
	return p.n
}

func entries(keys []string) map[string]int {
	m := map[string]int{}
	for i, k := range keys {
		go func() { m[k] = i }() // sharedmap reports it
	}
	return m
}
