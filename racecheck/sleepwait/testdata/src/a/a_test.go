package a

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type server struct {
	onCall func(string)
	out    io.Writer
}

func serve(f func(string)) *server { s := &server{onCall: f}; s.poke(); return s }
func (s *server) poke() {
	go func() {
		if s.out != nil {
			io.WriteString(s.out, "x")
		}
		if s.onCall != nil {
			s.onCall("x")
		}
	}()
}
func eventuallyTrue(f func() bool) {}

func TestCallback(t *testing.T) {
	calls := 0
	s := serve(func(string) { calls++ })
	s.poke()
	time.Sleep(time.Millisecond)
	if calls != 1 { // want `calls is read here after a sleep, which orders nothing`
		t.Fatal(calls)
	}
}

func TestLocked(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	s := serve(func(k string) {
		mu.Lock()
		defer mu.Unlock()
		seen[k] = true
	})
	s.poke()
	time.Sleep(time.Millisecond)
	if len(seen) != 1 { // want `seen is read here after a sleep and without the lock`
		t.Fatal("no")
	}
	mu.Lock()
	defer mu.Unlock()
	_ = seen["x"]
}

func TestAtomic(t *testing.T) {
	var calls atomic.Int64
	var old int64
	s := serve(func(string) { calls.Add(1); atomic.AddInt64(&old, 1) })
	s.poke()
	time.Sleep(time.Millisecond)
	if calls.Load() != 1 || atomic.LoadInt64(&old) != 1 {
		t.Fatal("no")
	}
}

func TestCallBetween(t *testing.T) {
	calls := 0
	s := serve(func(string) { calls++ })
	time.Sleep(time.Millisecond)
	s.poke()
	if calls != 1 {
		t.Fatal(calls)
	}
}

func TestBefore(t *testing.T) {
	calls := 0
	time.Sleep(time.Millisecond)
	println(calls)
	serve(func(string) { calls++ })
}

func TestPolled(t *testing.T) {
	done := false
	serve(func(string) { done = true })
	waitUntil(func() bool { return done }) // want `done is read here after a sleep`
}

func waitUntil(f func() bool) {
	for !f() {
		time.Sleep(1)
	}
}

func WaitForTrue(f func() bool) { waitUntil(f) }

func TestBuffer(t *testing.T) {
	buf := &bytes.Buffer{}
	s := &server{out: buf}
	s.poke()
	time.Sleep(time.Millisecond)
	if buf.String() != "x" { // want `buf is read here after a sleep, which orders nothing: whoever it was given to`
		t.Fatal("no")
	}
}

func TestOwnBuffer(t *testing.T) {
	buf := &bytes.Buffer{}
	time.Sleep(time.Millisecond)
	if buf.String() != "x" {
		t.Fatal("no")
	}
}

func TestTable(t *testing.T) {
	n := 0
	for _, c := range []struct{ setup func() }{{func() { n++ }}} {
		c.setup()
		time.Sleep(time.Millisecond)
		println(n)
	}
}

type recorder struct {
	got []string
	in  chan string
}

func (r *recorder) Handle(s string) { r.got = append(r.got, s) }
func (r *recorder) Reset()          { r.in = make(chan string, 1) }

func register(h interface{ Handle(string) }) { go h.Handle("x") }

func TestRecorder(t *testing.T) {
	r := &recorder{}
	register(r)
	time.Sleep(time.Millisecond)
	if len(r.got) != 1 { // want `got of r is read here after a sleep`
		t.Fatal("no")
	}
}

// The sleep is to see that no more comes.

func TestNoMore(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(2)
	got := 0
	s := serve(func(string) {
		got++
		wg.Done()
	})
	s.poke()
	wg.Wait()
	time.Sleep(time.Millisecond)
	if got != 2 {
		t.Fatal(got)
	}
}

func TestWaitedForAnother(t *testing.T) {
	other := make(chan bool)
	got := 0
	s := serve(func(string) { got++ })
	s.poke()
	<-other
	time.Sleep(time.Millisecond)
	if got != 2 { // want `got is read here after a sleep`
		t.Fatal(got)
	}
}

func TestUntouched(t *testing.T) {
	closed, errs, reason := false, 0, ""
	s := serve(func(string) { closed, errs, reason = true, 1, "closed" })
	s.poke()
	time.Sleep(time.Millisecond)
	if closed {
		t.Fatal("closed")
	}
	if errs != 0 || reason != "" {
		t.Fatal("errors")
	}
}

func TestTouched(t *testing.T) {
	opened := false
	s := serve(func(string) { opened = true })
	s.poke()
	time.Sleep(time.Millisecond)
	if !opened { // want `opened is read here after a sleep`
		t.Fatal("not opened")
	}
}

func TestChannel(t *testing.T) {
	r := &recorder{}
	register(r)
	for len(r.in) < cap(r.in) {
		time.Sleep(time.Millisecond)
	}
}

func TestUnchanged(t *testing.T) {
	buf := &bytes.Buffer{}
	s := &server{out: buf}
	s.poke()
	n := buf.Len()
	time.Sleep(time.Millisecond)
	if n != buf.Len() {
		t.Fatal("written after the end")
	}
}

func TestRange(t *testing.T) {
	var m sync.Map
	n := 0
	m.Range(func(_, _ any) bool { n++; return true })
	time.Sleep(time.Millisecond)
	if n != 2 {
		t.Fatal(n)
	}
}

func TestPlainLook(t *testing.T) {
	var calls int64
	s := serve(func(string) { atomic.AddInt64(&calls, 1) })
	s.poke()
	time.Sleep(time.Millisecond)
	if calls != 1 { // want `calls is read here after a sleep, which orders nothing`
		t.Fatal("no")
	}
}

// guarded has a lock, which the test forgets.
type guarded struct {
	mu  sync.Mutex
	got int
}

func (g *guarded) Handle(s string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.got++
}

func TestForgottenLock(t *testing.T) {
	g := &guarded{}
	s := &handling{to: g}
	s.poke()
	time.Sleep(time.Millisecond)
	if g.got != 1 { // want `got of g is read here after a sleep, .* take the lock under which its methods write it`
		t.Fatal("no")
	}
}

func TestRememberedLock(t *testing.T) {
	g := &guarded{}
	s := &handling{to: g}
	s.poke()
	time.Sleep(time.Millisecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.got != 1 {
		t.Fatal("no")
	}
}

type handling struct{ to interface{ Handle(string) } }

func (h *handling) poke() { go h.to.Handle("x") }

func TestSilence(t *testing.T) {
	var buf bytes.Buffer
	s := &server{out: &buf}
	s.poke()
	n := buf.Len()
	time.Sleep(time.Millisecond)
	if n != buf.Len() {
		t.Fatalf("%d, then %d", n, buf.Len())
	}
}

func assertTrue(t *testing.T, ok bool, what string) {
	if !ok {
		t.Error(what)
	}
}

func TestHelperUntouched(t *testing.T) {
	called := false
	s := serve(func(string) { called = true })
	s.poke()
	time.Sleep(time.Millisecond)
	assertTrue(t, !called, "nobody calls it")
}

func TestHelperTouched(t *testing.T) {
	called := false
	s := serve(func(string) { called = true })
	s.poke()
	time.Sleep(time.Millisecond)
	assertTrue(t, called, "somebody calls it") // want `called is read here after a sleep`
}
