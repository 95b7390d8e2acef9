// Package lib uses what it is given through interfaces.
package lib

import (
	"sync"
	"time"
)

type Store interface {
	Save(key string)
	Load(key string) string
}

type Service struct {
	cfg Config
	wg  sync.WaitGroup
}

type Config struct {
	Store Store
	Log   Logger
}

type Logger interface{ Log(string) }

func New(s Store) *Service { return &Service{cfg: Config{Store: s}} }

func NewConfig(cfg Config) *Service {
	s := &Service{cfg: cfg}
	return s
}

// Put leaves a goroutine running.
func (s *Service) Put(key string) {
	go s.save(key)
}

func (s *Service) save(key string) { s.cfg.Store.Save(key) }

// PutNow does not.
func (s *Service) PutNow(key string) { s.cfg.Store.Save(key) }

func (s *Service) PutLater(key string) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		s.cfg.Store.Save(key)
	}()
}

func (s *Service) Wait() { s.wg.Wait() }

func (s *Service) Run() {
	for {
		s.cfg.Log.Log("tick")
		time.Sleep(time.Second)
	}
}

// Watcher calls what it was given.
type Watcher struct{ hooks Hooks }

type Hooks struct{ OnEvent func(string) }

func NewWatcher(h Hooks) *Watcher { return &Watcher{hooks: h} }

func (w *Watcher) Emit(s string) {
	if w.hooks.OnEvent != nil {
		go w.hooks.OnEvent(s)
	}
}

func (w *Watcher) EmitNow(s string) { w.hooks.OnEvent(s) }

// Stats are counted by a goroutine.
type Stats struct{ Hits, Misses int }

type Counter struct{ stats *Stats }

func NewCounter(s *Stats) *Counter { return &Counter{stats: s} }

func (c *Counter) Start() {
	go func() {
		for {
			c.stats.Hits++
			time.Sleep(time.Millisecond)
		}
	}()
}

func (c *Counter) Once() { c.stats.Hits++ }

func (c *Counter) Join() { time.Sleep(time.Second) }

// Writer calls the function that it was made with, under a lock.
type Writer struct {
	mu    sync.Mutex
	cfg   WriterConfig
	items []int
}

type WriterConfig struct{ WriteMany func(items ...int) error }

func NewWriter(cfg WriterConfig) *Writer { return &Writer{cfg: cfg} }

func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.items) > 0 {
		return w.cfg.WriteMany(w.items...)
	}
	return nil
}
