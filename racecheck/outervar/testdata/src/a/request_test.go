package a

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// Requests at the same time run the handler at the same time.
func TestRequests(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++ // want `hits is declared outside this function literal`
	}))
	defer srv.Close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			http.Get(srv.URL)
		}()
	}
	wg.Wait()
	t.Log(hits)
}

func TestRequestsMux(t *testing.T) {
	var last string
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		last = r.URL.Path // want `last is declared outside this function literal`
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	url := srv.URL + "/a"
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, _ := http.NewRequest("GET", url, nil)
			srv.Client().Do(req)
		})
	}
	_ = last
}

func TestRequestsLocked(t *testing.T) {
	var mu sync.Mutex
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hits++
		mu.Unlock()
	}))
	defer srv.Close()
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			http.Get(srv.URL)
		}()
	}
	wg.Wait()
	t.Log(hits)
}

func TestRequestsAtomic(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits.Add(1) }))
	defer srv.Close()
	for range 4 {
		go http.Get(srv.URL)
	}
}

// One after the other.
func TestRequestsSerial(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
	defer srv.Close()
	for range 4 {
		http.Get(srv.URL)
	}
	done := make(chan bool)
	go func() {
		http.Get(srv.URL)
		close(done)
	}()
	<-done
	t.Log(hits)
}

// One goroutine makes them all.
func TestRequestsOne(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
	defer srv.Close()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for range 4 {
			http.Get(srv.URL)
		}
	}()
	wg.Wait()
	t.Log(hits)
}

// Each has a server of its own.
func TestRequestsOwn(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hits := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
			defer srv.Close()
			http.Get(srv.URL)
			t.Log(hits)
		})
	}
}

// The other server's requests.
func TestRequestsOther(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits++ }))
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer srv.Close()
	defer other.Close()
	for range 4 {
		go http.Get(other.URL)
	}
	http.Get(srv.URL)
	t.Log(hits)
}

// A response that was not waited for.
func TestRequestsBackground(t *testing.T) {
	hits := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++ // want `hits is declared outside this function literal`
	}))
	defer srv.Close()
	go func() {
		http.Get(srv.URL)
	}()
	t.Log(hits)
}

// The handler tells when it is done.
func TestRequestsTold(t *testing.T) {
	hits := 0
	told := make(chan bool)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		told <- true
	}))
	defer srv.Close()
	go func() {
		http.Get(srv.URL)
	}()
	<-told
	t.Log(hits)
}
