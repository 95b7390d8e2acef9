// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/culprit-ci/culprit/internal/ghapi"
)

// Token is what a request must carry.
const Token = "test-token-of-nobody"

// Me is the account of [Token].
const Me = "culprit-bot[bot]"

// Server is a GitHub: an API, and the storage that logs are fetched from.
type Server struct {
	// API is the address of the API, with a slash at its end.
	API    string
	before func(w http.ResponseWriter, r *http.Request) bool
	after  func(r *http.Request)
	// PerPage is the most entries of a page, whatever is asked for; 0 means 100.
	PerPage int

	t     testing.TB
	doc   *openapi3.T
	blobs *httptest.Server
	api   *httptest.Server

	mu       sync.Mutex
	now      time.Time
	repos    map[string]*Repo
	requests []string
	lastID   int64
}

// Repo is a repository of the server.
type Repo struct {
	s         *Server
	name      string
	runs      []*ghapi.Run
	jobs      []*ghapi.Job
	logs      map[int64]string
	expired   map[int64]bool
	notes     map[int64][]ghapi.Annotation
	artifacts map[int64][]ghapi.Artifact
	archives  map[int64][]byte
	parents   map[string][]string
	pulls     []*ghapi.PullRequest
	issues    []*issue
	comments  []*comment
}

type issue struct {
	ghapi.Issue
	timeline []any
}

type comment struct {
	ghapi.Comment
	issue int
}

// New starts a server that lives as long as the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, doc: load(t), repos: map[string]*Repo{}, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), lastID: 1000}
	s.api = httptest.NewServer(http.HandlerFunc(s.serve))
	s.blobs = httptest.NewServer(http.HandlerFunc(s.serveBlob))
	s.API = s.api.URL + "/"
	t.Cleanup(s.blobs.Close)
	t.Cleanup(s.api.Close)
	return s
}

// Repo gives a repository, new when it is not there.
func (s *Server) Repo(name string) *Repo {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[name]
	if r == nil {
		r = &Repo{s: s, name: name, logs: map[int64]string{}, expired: map[int64]bool{}, notes: map[int64][]ghapi.Annotation{},
			artifacts: map[int64][]ghapi.Artifact{}, archives: map[int64][]byte{}, parents: map[string][]string{}}
		s.repos[name] = r
	}
	return r
}

// Client gives a client with the right token.
func (s *Server) Client() *ghapi.Client {
	s.t.Helper()
	return s.ClientWith(ghapi.Config{Token: Token})
}

// ClientWith gives a client of this server with the rest of a configuration.
func (s *Server) ClientWith(c ghapi.Config) *ghapi.Client {
	s.t.Helper()
	c.Host, c.API = "github.com", s.API
	client, err := ghapi.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// Now is the time of the server; Sleep moves it.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Sleep moves the time of the server.
func (s *Server) Sleep(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Requests lists "METHOD PATH" of all requests so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Writes lists the requests that change something.
func (s *Server) Writes() []string {
	var list []string
	for _, r := range s.Requests() {
		if !strings.HasPrefix(r, "GET ") {
			list = append(list, r)
		}
	}
	return list
}

// call is one request on its way.
type call struct {
	s    *Server
	repo *Repo
	r    *http.Request
	in   *openapi3filter.RequestValidationInput
	body object
}

func (c *call) param(name string) string { return c.in.PathParams[name] }

func (c *call) id(name string) int64 {
	var n int64
	fmt.Sscan(c.param(name), &n)
	return n
}

func (c *call) text(name string) string {
	v, _ := c.body[name].(string)
	return v
}

// reply is what a handler answers; the rest is made from the description.
type reply struct {
	status int
	body   any
	header http.Header
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func notFound() reply {
	return reply{status: http.StatusNotFound, body: object{"message": "Not Found"}}
}

// Before has f see each request first; it answers the request itself when it
// returns true. Nil is nobody. It may be called while the server serves.
func (s *Server) Before(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// After has f run when a request was carried out, before its answer is sent. Nil
// is nobody. It may be called while the server serves.
func (s *Server) After(f func(r *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = f
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	if s.before != nil && s.before(w, r) {
		return
	}
	if auth := r.Header.Get("Authorization"); auth != "Bearer "+Token {
		if auth != "" {
			http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
			return
		}
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	c := &call{s: s, r: r}
	if c.in, err = checkRequest(s.doc, r); err != nil {
		s.fail(w, err)
		return
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &c.body); err != nil {
			s.fail(w, err)
			return
		}
	}
	if owner, name := c.param("owner"), c.param("repo"); owner != "" {
		if c.repo = s.repos[owner+"/"+name]; c.repo == nil {
			s.write(w, c, notFound())
			return
		}
	}
	handle := operations()[r.Method+" "+c.in.Route.Path]
	if handle == nil {
		s.fail(w, fmt.Errorf("no handler for %s %s", r.Method, c.in.Route.Path))
		return
	}
	rep := handle(c)
	if s.after != nil {
		s.after(r)
	}
	s.write(w, c, rep)
}

// fail ends the test: a request or an answer is wrong.
func (s *Server) fail(w http.ResponseWriter, err error) {
	s.t.Error(err)
	http.Error(w, "the test fails", http.StatusNotImplemented)
}

func (s *Server) write(w http.ResponseWriter, c *call, rep reply) {
	header := http.Header{}
	for k, v := range rep.header {
		header[k] = v
	}
	body, err := answer(c.in, rep.status, header, rep.body)
	if err != nil {
		s.fail(w, err)
		return
	}
	for k, v := range header {
		w.Header()[k] = v
	}
	if rep.status == http.StatusOK && c.r.Method == http.MethodGet {
		tag := fmt.Sprintf(`W/"%x"`, hash(body))
		w.Header().Set("ETag", tag)
		if c.r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(rep.status)
	w.Write(body)
}

// serveBlob is the storage: its addresses are signed, and a token has no place there.
func (s *Server) serveBlob(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "" {
		s.t.Error("the token was sent to the storage")
	}
	if r.URL.Query().Get("sig") != "signed" {
		s.t.Error("the storage was asked with another address than the signed one")
	}
	var kind string
	var id int64
	fmt.Sscanf(strings.ReplaceAll(r.URL.Path, "/", " "), "%s %d", &kind, &id)
	for _, repo := range s.repos {
		if log, ok := repo.logs[id]; ok && kind == "log" {
			io.WriteString(w, log)
			return
		}
		if zip, ok := repo.archives[id]; ok && kind == "zip" {
			w.Write(zip)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Server) id() int64 {
	s.lastID++
	return s.lastID
}
