package a

import "testing"

func TestPeers(t *testing.T) {
	s := start()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.peers.byID { // want `peers.byID is read here under server.mu, and written under another one, peers.RWMutex: take that`
		t.Log(id)
	}
	t.Log(s.peers.n) // want `peers.n is read here under server.mu`
}

func TestPeersLocked(t *testing.T) {
	s := start()
	s.mu.Lock()
	s.peers.RLock()
	t.Log(len(s.peers.byID), s.peers.n)
	s.peers.RUnlock()
	s.mu.Unlock()
}

// No lock at all tells nothing: perhaps nobody else is there yet.
func TestPeersOpen(t *testing.T) {
	s := start()
	t.Log(len(s.peers.byID), s.peers.n)
}

func TestBoth(t *testing.T) {
	s := start()
	s.mu.Lock()
	t.Log(s.peers.both)
	s.mu.Unlock()
}

// One write of name is made without a lock.
func TestName(t *testing.T) {
	s := start()
	s.mu.Lock()
	t.Log(s.peers.name)
	s.mu.Unlock()
}

func start() *server {
	s := newServer()
	go s.add(1, "a")
	return s
}

// No goroutine: the lock proves nothing.
func TestPeersHabit(t *testing.T) {
	s := newServer()
	s.add(1, "a")
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Log(len(s.peers.byID))
}
