// Package listeners tells listeners of events, in the order of a queue.
package listeners

import "sync"

// Listener is told of events.
type Listener interface {
	OnEvent(e string)
}

// Hub tells its listeners.
type Hub struct {
	mu    sync.Mutex
	subs  []Listener
	queue chan func()
	done  chan struct{}
}

// New makes a hub that works until it is closed.
func New() *Hub {
	h := &Hub{queue: make(chan func(), 16), done: make(chan struct{})}
	go h.run()
	return h
}

func (h *Hub) run() {
	defer close(h.done)
	for f := range h.queue {
		f()
	}
}

// Add adds a listener.
func (h *Hub) Add(l Listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs = append(h.subs, l)
}

// Publish tells all listeners, later.
func (h *Hub) Publish(e string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.subs {
		h.queue <- func() { l.OnEvent(e) }
	}
}

// Close tells what is left, and waits for that.
func (h *Hub) Close() {
	close(h.queue)
	<-h.done
}

// Watcher is told, and then counted.
type Watcher interface {
	Changed(e string)
}

// Board counts what its watcher has been told.
type Board struct {
	mu    sync.Mutex
	w     Watcher
	count int
}

// NewBoard makes a board with a watcher.
func NewBoard(w Watcher) *Board { return &Board{w: w} }

// Change tells the watcher on a goroutine.
func (b *Board) Change(e string) {
	go func() {
		b.w.Changed(e)
		b.mu.Lock()
		b.count++
		b.mu.Unlock()
	}()
}

// Count tells how often the watcher has been told.
func (b *Board) Count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}
