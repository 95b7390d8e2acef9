package a

import "testing"

func TestEarly(t *testing.T) {
	s := &server{}
	s.requests = 0
	go s.serve()
	if s.requests > 1 { // want `server.requests is read here`
		t.Error("too many")
	}
}

func TestJoined(t *testing.T) {
	s := &server{}
	done := make(chan bool)
	go func() {
		s.serve()
		close(done)
	}()
	<-done
	if s.requests != 1 {
		t.Error("not one")
	}
}
