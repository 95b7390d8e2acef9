package a

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"sync"
	"testing"
)

type options struct {
	retries int
	tags    map[string]string
	next    *options
}

func (o *options) set(n int) { o.retries = n }
func (o *options) deep()     { o.helper() }
func (o *options) helper()   { o.next.retries++ }
func (o *options) get() int  { return o.retries }
func (o options) value() int { o.retries = 3; return o.retries }
func fill(o *options)        { o.retries = 1 }
func look(o *options) int    { return o.retries }
func use(...any)             {}
func cases() []string        { return nil }

func TestFixture(t *testing.T) {
	opts := &options{}
	for _, c := range cases() {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			opts.retries = len(c) // want `retries of opts is changed here`
			use(opts.retries)
		})
	}
}

func TestMethods(t *testing.T) {
	opts := &options{}
	t.Run("a", func(t *testing.T) {
		t.Parallel()
		opts.set(1) // want `retries of opts is changed here in set, while get`
	})
	t.Run("b", func(t *testing.T) {
		t.Parallel()
		use(opts.get())
	})
}

func TestOwn(t *testing.T) {
	for _, c := range cases() {
		opts := &options{}
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			opts.set(1)
		})
	}
}

func TestReadOnly(t *testing.T) {
	opts := &options{}
	opts.set(3)
	for _, c := range cases() {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			use(opts.get(), opts.value(), look(opts))
		})
	}
}

func TestBuffer(t *testing.T) {
	var buf bytes.Buffer
	for range 2 {
		t.Run("w", func(t *testing.T) {
			t.Parallel()
			fmt.Fprintf(&buf, "x") // want `of buf is changed here in Write, by a function of which several run`
		})
	}
}

func TestRand(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 2 {
		go func() { use(r.Intn(3)) }() // want `r is changed here in Intn, by a function of which several`
	}
}

func maps() {
	m := map[string]int{}
	var mu sync.Mutex
	safe := map[string]int{}
	for _, c := range cases() {
		go func() {
			m[c] = 1 // want `what m refers to is changed here`
			mu.Lock()
			safe[c] = 1
			mu.Unlock()
		}()
	}
}

func slices(n int) {
	out := make([]int, n)
	for i := range n {
		go func() { out[i] = i }()
	}
}

func passed() {
	o := &options{}
	go fill(o)
	go func() { fill(o) }() // want `retries of o is changed here in fill, while the goroutine of fill changes it`
	use(look(o))            // want `retries of o is read here in look, while the goroutine of fill changes it`
}

func joined() {
	o := &options{}
	done := make(chan bool)
	go func() { fill(o); close(done) }()
	<-done
	use(look(o))
}

// counter has a goroutine of its own that uses n under mu.
type counter struct {
	mu sync.Mutex
	n  int
	c  chan bool
}

func newCounter() *counter {
	c := &counter{c: make(chan bool)}
	go c.loop()
	return c
}

func (c *counter) loop() {
	for {
		c.mu.Lock()
		c.n++
		c.mu.Unlock()
	}
}

func (c *counter) Close() { close(c.c) }

func (c *counter) Value() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestBackground(t *testing.T) {
	c := newCounter()
	if c.n != 0 { // want `n of c is read here while a goroutine that newCounter leaves running changes it, and only that holds a lock`
		t.Fail()
	}
	c.mu.Lock()
	use(c.n)
	c.mu.Unlock()
	use(c.Value())
}

func TestEnded(t *testing.T) {
	c := newCounter()
	c.Close()
	use(c.n)
}

// writer is only known by its interface.
func unknown(w io.Writer) {
	go func() { w.Write(nil) }()
	w.Write(nil)
}

// server tells that it has started after it has set addr.
type server struct {
	mu      sync.Mutex
	addr    string
	started func()
}

func (s *server) serve() error {
	s.mu.Lock()
	s.addr = "x"
	s.mu.Unlock()
	s.started()
	return nil
}

func (s *server) stop() error { return nil }

func TestStarted(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(1)
	srv := &server{started: wg.Done}
	defer func() {
		if err := srv.stop(); err != nil {
			t.Fatal(err)
		}
	}()
	go func() {
		if err := srv.serve(); err != nil {
			t.Error(err)
		}
	}()
	wg.Wait()
	use(srv.addr)
}
