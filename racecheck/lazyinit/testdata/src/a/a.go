package a

import (
	"net/http"
	"sync"
)

type client struct{ name string }

type service struct {
	mu     sync.Mutex
	once   sync.Once
	client *client
	conn   *client
	loop   *client
	own    *client
	twin   *client
	ready  bool
	proxy  http.Handler
	retry  int
}

// The lock comes too late for the look.
func (s *service) checked() *client {
	if s.client == nil { // want `service.client is made on its first use, and this looks for it without a lock: the lock is taken only after that`
		s.mu.Lock()
		if s.client == nil {
			s.client = &client{}
		}
		s.mu.Unlock()
	}
	return s.client
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.proxy == nil { // want `service.proxy is made on its first use.* each request runs this`
		s.proxy = http.NotFoundHandler()
	}
	if r.Body == nil { // each request has its own
		r.Body = http.NoBody
	}
	s.proxy.ServeHTTP(w, r)
}

func (s *service) connect() *client {
	if s.conn == nil { // want `service.conn is made on its first use.*a goroutine gets here, and other code does too`
		s.conn = &client{"a"}
	}
	return s.conn
}

func (s *service) start() { go s.run() }

func (s *service) run() {
	_ = s.connect()
	if s.loop == nil { // want `service.loop is made on its first use.*other code uses it too`
		s.loop = &client{}
	}
	if s.own == nil {
		s.own = &client{}
	}
}

func (s *service) Get() *client  { return s.connect() }
func (s *service) Loop() *client { return s.loop }

var (
	shared   *client
	settings map[string]string
)

func get() *client {
	if shared == nil { // want `shared is made on its first use`
		shared = &client{}
	}
	return shared
}

func use() {
	go func() { _ = get() }()
	_ = get()
}

// Near misses.

func (s *service) locked() *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		s.client = &client{}
	}
	return s.client
}

func (s *service) withOnce() *client {
	s.once.Do(func() {
		if s.client == nil {
			s.client = &client{}
		}
	})
	return s.client
}

func newService() *service {
	s := &service{}
	s.defaults()
	if s.conn == nil {
		s.conn = &client{}
	}
	return s
}

func (s *service) defaults() {
	if s.retry == 0 {
		s.retry = 3
	}
}

// One goroutine at a time, for all that the package shows.
func setting(k string) string {
	if settings == nil {
		settings = map[string]string{}
	}
	return settings[k]
}

func (s *service) stop() {
	if !s.ready {
		s.ready = false
	}
}

func (s *service) cloned() {
	go func(c *service) {
		if c.twin == nil {
			c = &service{}
			c.twin = &client{}
		}
	}(s)
}
