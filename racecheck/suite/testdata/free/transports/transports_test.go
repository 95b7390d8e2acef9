// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package transports

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

type rt func(*http.Request) (*http.Response, error)

func (f rt) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransport(t *testing.T) {
	var urls []string
	c := &http.Client{Transport: rt(func(r *http.Request) (*http.Response, error) {
		urls = append(urls, r.URL.Path)
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
	})}
	for _, p := range []string{"/a", "/b"} {
		resp, err := c.Get("http://x" + p)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if len(urls) != 2 {
		t.Fatal(urls)
	}
}

func TestAttempts(t *testing.T) {
	var attempts atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if attempts.Add(1) < 3 {
			w.WriteHeader(503)
			return
		}
		io.WriteString(w, "ok")
	}))
	defer srv.Close()
	for {
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == 200 {
			break
		}
	}
	if attempts.Load() != 3 {
		t.Fatal()
	}
}

type api struct {
	t      *testing.T
	status int
	reqs   []*http.Request
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.reqs = append(a.reqs, r)
	w.WriteHeader(a.status)
}

func TestSequence(t *testing.T) {
	a := &api{t: t, status: 200}
	srv := httptest.NewServer(a)
	defer srv.Close()
	get := func() int {
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		return resp.StatusCode
	}
	if get() != 200 {
		t.Error()
	}
	a.status = 404
	if get() != 404 || len(a.reqs) != 2 {
		t.Error()
	}
}

func TestSubServers(t *testing.T) {
	for _, code := range []int{200, 404} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			hits := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits++
				w.WriteHeader(code)
			}))
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			srv.Close()
			if hits != 1 || resp.StatusCode != code {
				t.Error(hits)
			}
		})
	}
}
