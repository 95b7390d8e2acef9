package a

import (
	"context"
	"testing"
	"time"
)

type server struct{ URL string }

func (s *server) Close()       {}
func (s *server) Stop() error  { return nil }
func newServer() *server       { return &server{} }
func get(context.Context, any) {}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel() // want `ctx is used by a parallel subtest`
	s := newServer()
	defer s.Close() // want `s is used by a parallel subtest`
	u := newServer()
	defer u.Stop() // want `u is used by a parallel subtest`
	other := newServer()
	defer other.Close()
	t.Run("get", func(t *testing.T) {
		t.Parallel()
		get(ctx, s.URL)
		get(ctx, u)
	})
	get(ctx, other)
}

func TestLiteral(t *testing.T) {
	s := newServer()
	defer func() { // want `s is used by a parallel subtest`
		s.Close()
	}()
	for range 3 {
		t.Run("get", func(t *testing.T) {
			t.Parallel()
			get(nil, s.URL)
		})
	}
}

func TestGroup(t *testing.T) {
	s := newServer()
	defer s.Close()
	t.Run("group", func(t *testing.T) {
		t.Run("get", func(t *testing.T) {
			t.Parallel()
			get(nil, s.URL)
		})
	})
}

func TestSerial(t *testing.T) {
	s := newServer()
	defer s.Close()
	t.Run("get", func(t *testing.T) { get(nil, s.URL) })
}

func TestBefore(t *testing.T) {
	s := newServer()
	defer s.Close()
	t.Run("get", func(t *testing.T) {
		get(nil, s.URL)
		t.Parallel()
	})
}

func TestCleanup(t *testing.T) {
	s := newServer()
	t.Cleanup(s.Close)
	t.Run("get", func(t *testing.T) {
		t.Parallel()
		get(nil, s.URL)
	})
}
