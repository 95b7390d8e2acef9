package lib

import (
	"net/http"
	"sync"
	"time"
)

// Subscriber is told by functions that are left in a queue.
type Subscriber interface{ OnMessage(string) }

type Topic struct {
	mu    sync.Mutex
	subs  map[Subscriber]bool
	queue chan func()
	last  string
}

func NewTopic() *Topic {
	t := &Topic{subs: map[Subscriber]bool{}, queue: make(chan func(), 100)}
	go t.run()
	return t
}

func (t *Topic) run() {
	for f := range t.queue {
		f()
	}
}

func (t *Topic) Subscribe(s Subscriber) func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subs[s] = true
	return func() {}
}

func (t *Topic) Publish(e string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = e
	for s := range t.subs {
		t.queue <- func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.subs[s] {
				s.OnMessage(e)
			}
		}
	}
}

// Last waits for nobody.
func (t *Topic) Last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

func (t *Topic) Flush() {}

// Observer is told by a goroutine of its own.
type Observer interface{ Seen(string) }

func Observe(o Observer) func(string) {
	return func(e string) { go o.Seen(e) }
}

// Reporter is told by a function that only goroutines are made of.
type Reporter interface{ Report(string) }

type Desk struct{ reporters []Reporter }

func (d *Desk) Add(r Reporter) { d.reporters = append(d.reporters, r) }

func (d *Desk) Call(e string) {
	for _, r := range d.reporters {
		go d.call(r, e)
	}
}

func (d *Desk) call(r Reporter, e string) {
	time.Sleep(time.Millisecond)
	r.Report(e)
}

// Sink is told by goroutines that can be waited for.
type Sink interface{ Take(string) }

type Fan struct {
	sinks []Sink
	wg    sync.WaitGroup
}

func (f *Fan) Add(s Sink) { f.sinks = append(f.sinks, s) }

func (f *Fan) Emit(e string) {
	for _, s := range f.sinks {
		f.wg.Add(1)
		go func() {
			defer f.wg.Done()
			s.Take(e)
		}()
	}
}

func Settled(f *Fan) { f.wg.Wait() }

// Tap is told in place as well.
type Tap interface{ Hit(string) }

func Spill(t Tap, now bool) {
	if now {
		t.Hit("now")
		return
	}
	go func() { t.Hit("later") }()
}

// Seat is told under the lock under which the guest is counted.
type Seat interface{ Taken(string) }

type Room struct {
	mu     sync.Mutex
	seat   Seat
	guests int
}

func (r *Room) Sit(s Seat) { r.seat = s }

func (r *Room) Enter(who string) {
	go func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seat.Taken(who)
		r.guests++
	}()
}

func (r *Room) Guests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.guests
}

// Clock is looked at whenever a ticker ticks.
type Clock interface{ Now() time.Time }

type Expiry struct {
	clock Clock
	every time.Duration
	quit  chan struct{}
}

type ExpiryOptions struct {
	Clock Clock
	Every time.Duration
}

func NewExpiry(o ExpiryOptions) *Expiry {
	x := &Expiry{clock: o.Clock, every: o.Every, quit: make(chan struct{})}
	go x.loop()
	return x
}

func (x *Expiry) loop() {
	t := time.NewTicker(x.every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			x.clock.Now()
		case <-x.quit:
			return
		}
	}
}

func (x *Expiry) Close() { close(x.quit) }

// Limited gives the handler little time.
func Limited(h http.Handler, d time.Duration) http.Handler {
	return http.TimeoutHandler(h, d, "late")
}

// Auditor is told when the answer has been given.
type Auditor interface{ Record(string) }

type Server struct {
	auditor Auditor
	reqs    chan chan string
}

func NewServer(a Auditor) *Server {
	s := &Server{auditor: a, reqs: make(chan chan string)}
	go s.serve()
	return s
}

func (s *Server) serve() {
	for r := range s.reqs {
		r <- "answer"
		s.auditor.Record("answered")
	}
}

func (s *Server) Get() string {
	r := make(chan string)
	s.reqs <- r
	return <-r
}

// Tally is told of some votes only: the next may come behind it.
type Tally interface{ Count(string) }

type Booth struct {
	tally Tally
	votes chan chan string
}

func NewBooth(t Tally) *Booth {
	b := &Booth{tally: t, votes: make(chan chan string)}
	go b.serve()
	return b
}

func (b *Booth) serve() {
	for v := range b.votes {
		v <- "counted"
		if len(b.votes) > 0 {
			continue
		}
		b.tally.Count("vote")
	}
}

func (b *Booth) Vote() string {
	v := make(chan string)
	b.votes <- v
	return <-v
}
