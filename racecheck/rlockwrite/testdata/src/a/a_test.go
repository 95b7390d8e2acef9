package a

import (
	"sync"
	"testing"
)

type sink struct {
	mu   sync.RWMutex
	seen map[string]int
}

func (s *sink) put(k string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.seen[k]++ // a test: not reported
}

// A test goes step by step.
func TestSteps(t *testing.T) {
	s := &sink{seen: map[string]int{}}
	take := func(k string) int {
		s.mu.RLock()
		defer s.mu.RUnlock()
		n := s.seen[k]
		delete(s.seen, k)
		return n
	}
	s.put("a")
	t.Log(take("a"))
}

func TestTogether(t *testing.T) {
	s := &sink{seen: map[string]int{}}
	go s.put("a")
	s.mu.RLock()
	delete(s.seen, "a") // a test: not reported
	s.mu.RUnlock()
}
