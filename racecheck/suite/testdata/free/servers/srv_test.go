// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package servers

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

type handler struct {
	mu    sync.Mutex
	paths []string
	body  string
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paths = append(h.paths, r.URL.Path)
	h.body = string(b)
	json.NewEncoder(w).Encode(map[string]int{"n": len(h.paths)})
}

func TestClosed(t *testing.T) {
	h := &handler{}
	srv := httptest.NewServer(h)
	for range 3 {
		resp, err := http.Post(srv.URL+"/x", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	srv.Close()
	if len(h.paths) != 3 || h.body != "hello" {
		t.Error(h.paths)
	}
}

func TestPlainAfterClose(t *testing.T) {
	var got http.Header
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		got = r.Header
	}))
	req, _ := http.NewRequest(http.MethodGet, srv.URL, nil)
	req.Header.Set("X-A", "b")
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	srv.Close()
	if calls != 1 || got.Get("X-A") != "b" {
		t.Error(calls, got)
	}
}

func TestResponse(t *testing.T) {
	var last string
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		last = r.URL.RawQuery
		io.WriteString(w, "ok")
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, q := range []string{"x=1", "y=2"} {
		resp, err := http.Get(srv.URL + "/a?" + q)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(b) != "ok" || last != q {
			t.Error(last)
		}
	}
}

func TestRecorder(t *testing.T) {
	hits := map[string]int{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits[r.URL.Path]++ })
	for _, p := range []string{"/a", "/b", "/a"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", p, nil))
	}
	if hits["/a"] != 2 {
		t.Error(hits)
	}
}

func TestChan(t *testing.T) {
	bodies := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- string(b)
	}))
	t.Cleanup(srv.Close)
	go http.Post(srv.URL, "", strings.NewReader("x"))
	if got := <-bodies; got != "x" {
		t.Error(got)
	}
}
