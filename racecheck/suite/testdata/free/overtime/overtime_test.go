// Package overtime has handlers under a time limit.
package overtime

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func limited(h http.Handler, d time.Duration) http.Handler {
	return http.TimeoutHandler(h, d, "late")
}

func TestInTime(t *testing.T) {
	var log bytes.Buffer
	seen := ""
	h := limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.URL.Path
		fmt.Fprintln(&log, r.URL.Path)
	}), time.Minute)
	srv := httptest.NewServer(h)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if seen != "/a" || !strings.Contains(log.String(), "/a") {
		t.Error(log.String())
	}
}

func TestLateWaits(t *testing.T) {
	var log bytes.Buffer
	over := make(chan struct{})
	h := limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		time.Sleep(20 * time.Millisecond)
		fmt.Fprintln(&log, r.URL.Path)
	}), time.Millisecond)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/a", nil))
	if rec.Code != http.StatusServiceUnavailable {
		t.Error(rec.Code)
	}
	<-over
	if !strings.Contains(log.String(), "/a") {
		t.Error(log.String())
	}
}

type safe struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestLateLocked(t *testing.T) {
	log := &safe{}
	h := limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(5 * time.Millisecond)
		fmt.Fprintln(log, r.URL.Path)
	}), time.Millisecond)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/a", nil))
	t.Log(log.String())
}
