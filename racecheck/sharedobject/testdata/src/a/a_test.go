package a

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"sync"
	"testing"
	"time"
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
			fmt.Fprintf(&buf, "x") // libraryobject reports it
		})
	}
}

func TestRand(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 2 {
		go func() { use(r.Intn(3)) }() // libraryobject reports it
	}
}

func maps() {
	m := map[string]int{}
	var mu sync.Mutex
	safe := map[string]int{}
	for _, c := range cases() {
		go func() {
			m[c] = 1 // sharedmap reports it
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

func TestAlias(t *testing.T) {
	c := newCounter()
	n := &c.n
	use(*n) // want `n of c is read here while a goroutine that newCounter leaves running changes it`
}

// helper looks without the lock.
func helper(c *counter) int { return c.n }

func TestHelper(t *testing.T) {
	c := newCounter()
	use(helper(c)) // want `n of c is read here in helper, while a goroutine that newCounter leaves running changes it, and only that holds a lock`
}

type fixture struct {
	name    string
	counter *counter
}

func newFixture() *fixture {
	c := newCounter()
	return &fixture{name: "x", counter: c}
}

func newOther() *fixture {
	f := &fixture{counter: newCounter()}
	return f
}

func TestFixtures(t *testing.T) {
	f, g := newFixture(), newOther()
	use(f.counter.n) // nothing: two values are assigned at once
	f2 := newFixture()
	use(f2.counter.n) // want `n of f2 is read here while a goroutine that newFixture leaves running changes it`
	f3 := newOther()
	use(f3.counter.n) // want `n of f3 is read here while a goroutine that newOther leaves running changes it`
	use(f.name, g.name, f2.name, f3.name)
}

type counting interface{ Value() int }

func newCounting() counting { return newCounter() }

func TestAsserted(t *testing.T) {
	c := newCounting()
	use(c.(*counter).n) // want `n of c is read here while a goroutine that newCounting leaves running changes it`
	use(c.Value())
}

// event waits for somebody before it counts: nobody comes here.
type event struct {
	mu sync.Mutex
	n  int
	c  chan int
}

func newEvent() *event {
	e := &event{c: make(chan int)}
	go func() {
		for range e.c {
			e.mu.Lock()
			e.n++
			e.mu.Unlock()
		}
	}()
	return e
}

func TestNoEvent(t *testing.T) {
	e := newEvent()
	use(e.n)
}

// ticking counts from time to time, and may be told to end.
type ticking struct {
	mu   sync.Mutex
	n    int
	quit chan bool
}

func newTicking() *ticking {
	e := &ticking{quit: make(chan bool)}
	go e.run()
	return e
}

func (e *ticking) run() {
	tick := time.NewTicker(time.Second)
	for {
		select {
		case <-e.quit:
			return
		case <-tick.C:
			e.mu.Lock()
			e.n++
			e.mu.Unlock()
		}
	}
}

func TestTicking(t *testing.T) {
	e := newTicking()
	defer close(e.quit)
	use(e.n) // want `n of e is read here while a goroutine that newTicking leaves running changes it, and only that holds a lock`
}

// A consumer hears of the close, which comes before the change.
type hub struct {
	mu   sync.Mutex
	subs []chan int
}

func (h *hub) subscribe() chan int {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := make(chan int)
	h.subs = append(h.subs, c)
	return c
}

func (h *hub) end() {
	h.mu.Lock()
	for _, c := range h.subs {
		close(c)
	}
	h.subs = nil
	h.mu.Unlock()
}

func (h *hub) endLoudly() {
	h.mu.Lock()
	subs := h.subs
	h.subs = nil
	h.mu.Unlock()
	for _, c := range subs {
		close(c)
	}
}

func TestSilent(t *testing.T) {
	h := &hub{}
	c := h.subscribe()
	go func() { h.end() }()
	<-c
	use(len(h.subs)) // want `subs of h is read here while end, in a function that runs at the same time, changes it, and only that holds a lock`
}

func TestLoud(t *testing.T) {
	h := &hub{}
	c := h.subscribe()
	go func() { h.endLoudly() }()
	<-c
	use(len(h.subs))
}

func TestToldAfter(t *testing.T) {
	h := &hub{}
	c, done := h.subscribe(), make(chan bool)
	go func() {
		h.end()
		close(done)
	}()
	<-c
	<-done
	use(len(h.subs))
}

// What happens under a condition is no finding where no lock shows that it may.
func (o *options) lazy() {
	if o.tags == nil {
		o.tags = map[string]string{}
	}
}

func (o *options) once(done bool) {
	if done {
		return
	}
	o.retries++
}

func TestConditions(t *testing.T) {
	o := &options{}
	for range 2 {
		go o.lazy()
		go o.once(true)
	}
}

func TestElements(t *testing.T) {
	list := make([]options, 3)
	pair := []*options{{}, {}}
	for i := range list {
		go fill(&list[i])
	}
	go func() { pair[0].retries = 1 }() // want `retries of pair is changed here`
	go func() { pair[1].retries = 1 }()
	use(pair[0].retries)
}

// queue runs what it is given under its lock.
type queue struct{ mu sync.Mutex }

func (q *queue) do(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
}

func TestUnderLock(t *testing.T) {
	q, n := &queue{}, map[int]int{}
	for i := range 2 {
		go func() {
			q.do(func() { n[i]++ })
		}()
	}
}

// lazyInit makes the map when it is missing: here it never is.
func (o *options) lazyInit() {
	if o.tags == nil {
		o.tags = map[string]string{}
	}
}

func (o *options) add(mu *sync.Mutex) {
	o.lazyInit()
	mu.Lock()
	defer mu.Unlock()
	o.lazyInit()
}

func TestInitialized(t *testing.T) {
	o := &options{tags: map[string]string{}}
	var mu sync.Mutex
	for range 2 {
		go o.add(&mu)
	}
}

// poller reads every at once, and limit only when it is asked to.
type poller struct {
	every time.Duration
	limit int
	quit  chan bool
	ask   chan int
}

func newPoller() *poller {
	p := &poller{every: time.Second, quit: make(chan bool), ask: make(chan int)}
	go p.run()
	return p
}

func (p *poller) run() {
	for {
		select {
		case <-p.quit:
			return
		case n := <-p.ask:
			use(n < p.limit)
		case <-time.After(p.every):
		}
	}
}

func TestSetTooLate(t *testing.T) {
	p := newPoller()
	p.every = time.Millisecond // want `every of p is changed here while a goroutine that newPoller leaves running reads it`
	p.limit = 3
	p.ask <- 1
}

func TestSetInTime(t *testing.T) {
	p := &poller{quit: make(chan bool)}
	p.every = time.Millisecond
	go p.run()
	close(p.quit)
}

// cleaner can be switched off.
type cleaner struct {
	mu    sync.Mutex
	n     int
	every time.Duration
}

func newCleaner(every time.Duration) *cleaner {
	c := &cleaner{every: every}
	go c.run()
	return c
}

func (c *cleaner) run() {
	if c.every <= 0 {
		return
	}
	for range time.Tick(c.every) {
		c.mu.Lock()
		c.n++
		c.mu.Unlock()
	}
}

func TestSwitchedOff(t *testing.T) {
	c := newCleaner(0)
	use(c.n)
}

func newMaybe(every time.Duration) *ticking {
	e := &ticking{quit: make(chan bool)}
	if every > 0 {
		go e.run()
	}
	return e
}

func newMaybeLiteral(every time.Duration) *ticking {
	e := &ticking{quit: make(chan bool)}
	if every > 0 {
		go func() { e.run() }()
	}
	return e
}

func TestNotStarted(t *testing.T) {
	e := newMaybe(0)
	use(e.n)
	f := newMaybeLiteral(0)
	use(f.n)
}

// What is read for the message is read when the test has failed.
func TestMessage(t *testing.T) {
	c := newCounter()
	if c.Value() != 1 {
		t.Errorf("counted %d", c.n)
	}
}
