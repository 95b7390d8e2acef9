package a

import "sync"

type peers struct {
	sync.RWMutex
	byID map[int]string
	n    int
	both int
	name string
}

type server struct {
	mu    sync.Mutex
	peers *peers
}

func newServer() *server { return &server{peers: &peers{byID: map[int]string{}}} }

func (s *server) add(id int, name string) {
	p := s.peers
	p.Lock()
	defer p.Unlock()
	p.byID[id] = name
	p.n++
	p.name = name
}

func (s *server) drop(id int) {
	s.peers.Lock()
	delete(s.peers.byID, id)
	s.peers.n--
	s.peers.Unlock()
	s.peers.name = ""
}

func (s *server) count() int {
	s.peers.RLock()
	defer s.peers.RUnlock()
	return len(s.peers.byID) + s.peers.n
}

// What is written under both may be read under either.
func (s *server) mark(i int) {
	s.mu.Lock()
	s.peers.Lock()
	s.peers.both = i
	s.peers.Unlock()
	s.mu.Unlock()
}

func (s *server) unmark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers.Lock()
	defer s.peers.Unlock()
	s.peers.both = 0
}

func (s *server) marked() int {
	s.peers.RLock()
	defer s.peers.RUnlock()
	return s.peers.both
}

// Those who change the table are called under the lock of the server.
type table struct {
	mu   sync.Mutex
	rows map[string]int
	cols map[string]int
}

type base struct {
	mu  sync.Mutex
	t   table
	set func(string)
}

func (b *base) row(name string) {
	b.t.mu.Lock()
	b.t.rows[name]++
	b.t.mu.Unlock()
}

func (b *base) unrow(name string) {
	b.t.mu.Lock()
	delete(b.t.rows, name)
	b.t.mu.Unlock()
}

func (b *base) Row(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row(name)
	b.unrow(name)
}

func newBase() *base {
	b := &base{}
	b.row("first")
	b.set = b.col
	return b
}

func (b *base) Rows() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.t.rows)
}

func (b *base) col(name string) {
	b.t.mu.Lock()
	b.t.cols[name]++
	b.t.cols["all"]++
	b.t.mu.Unlock()
}

func (b *base) Set(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(name)
}

func (b *base) Cols() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.t.cols)
}

// waitUntil looks under the lock of the peers.
func (s *server) waitUntil(done func() bool) {
	for range 3 {
		s.peers.Lock()
		ok := done()
		s.peers.Unlock()
		if ok {
			return
		}
	}
}

func (s *server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waitUntil(func() bool { return s.peers.n == 0 })
}

// The lock of what a field leads to is for that.
type receiver struct {
	mu     sync.RWMutex
	tracks []*track
	n      int
}

type track struct {
	mu sync.Mutex
	id string
}

func (r *receiver) add(t *track) {
	r.mu.Lock()
	r.tracks = append(r.tracks, t)
	r.mu.Unlock()
}

func (r *receiver) clear() {
	r.mu.Lock()
	r.tracks = nil
	r.mu.Unlock()
}

func (r *receiver) len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := 0
	for range 3 {
		n += len(r.tracks) + cap(r.tracks)
		n += len(r.tracks) + cap(r.tracks)
		n += len(r.tracks) + cap(r.tracks)
		n += len(r.tracks) + cap(r.tracks)
		n += len(r.tracks) + cap(r.tracks)
	}
	return n
}

func configure(r *receiver, id string) {
	for i := range r.tracks {
		r.tracks[i].mu.Lock()
		r.tracks[i].id = id
		r.tracks[i].mu.Unlock()
	}
}

// Who alone writes may look without the lock of the readers.
type writer struct {
	sync.RWMutex
	file *file
	num  int
	log  []int
}

type file struct {
	sync.Mutex
	size int
}

func (w *writer) next() {
	w.Lock()
	w.num++
	w.Unlock()
	w.file.Lock()
	w.write(1)
	w.file.Unlock()
}

func (w *writer) write(n int) {
	w.file.size += n
	w.log = append(w.log, w.num)
}

func (w *writer) back() {
	w.Lock()
	w.num--
	w.Unlock()
}

func (w *writer) at(num int) bool {
	w.RLock()
	defer w.RUnlock()
	return num == w.num || num == w.num+1
}

// A helper takes the locks of all parts for whoever writes.
type striped struct {
	mu    sync.Mutex
	parts [4]part
	gen   int
}

type part struct {
	mu  sync.Mutex
	buf []int
}

func (s *striped) stopAll() {
	for i := range s.parts {
		s.parts[i].mu.Lock()
	}
}

func (s *striped) goOn() {
	for i := range s.parts {
		s.parts[i].mu.Unlock()
	}
}

func (s *striped) advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopAll()
	s.gen++
	s.goOn()
}

func (s *striped) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopAll()
	s.gen = 0
	s.goOn()
}

func (s *striped) get() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gen
}

func (s *striped) note(i int) {
	p := &s.parts[i]
	p.mu.Lock()
	p.buf = append(p.buf, s.gen)
	p.mu.Unlock()
}

// Who writes has ended when it is waited for.
type queue struct {
	done chan struct{}
	free struct {
		sync.Mutex
		list []int
	}
	state struct {
		sync.Mutex
		closed bool
	}
}

func (q *queue) run() {
	defer close(q.done)
	for i := range 3 {
		q.free.Lock()
		q.free.list = append(q.free.list, i)
		q.free.Unlock()
	}
}

func (q *queue) pop() int {
	q.free.Lock()
	defer q.free.Unlock()
	n := q.free.list[0]
	q.free.list = q.free.list[1:]
	return n
}

func (q *queue) close() []int {
	<-q.done
	q.state.Lock()
	defer q.state.Unlock()
	q.state.closed = true
	return q.free.list
}

// The lock is that of the owner, handed in.
type broker struct {
	mu   sync.Mutex
	subs map[string]*subscriber
}

type subscriber struct {
	mu      *sync.Mutex // that of the broker
	streams []int
}

func (b *broker) subscribe(name string) *subscriber {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &subscriber{mu: &b.mu}
	b.subs[name] = s
	return s
}

func (s *subscriber) open(i int) {
	s.mu.Lock()
	s.streams = append(s.streams, i)
	s.mu.Unlock()
}

func (s *subscriber) shut() {
	s.mu.Lock()
	s.streams = nil
	s.mu.Unlock()
}

func (s *subscriber) first() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[0] + s.streams[len(s.streams)-1]
}

func (b *broker) count(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.subs[name].streams)
}

// All that writes is called under the lock of the only owner.
type jitter struct {
	mu    sync.Mutex
	state int
}

func (j *jitter) push(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state += n
}

func (j *jitter) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state = 0
}

func (j *jitter) get() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state + j.state + j.state
}

type receiving struct {
	mu     sync.Mutex
	jitter *jitter
}

func (r *receiving) read(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jitter.push(n)
	if r.jitter.state > 3 {
		return r.jitter.get()
	}
	return 0
}

func (r *receiving) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jitter.clear()
}
