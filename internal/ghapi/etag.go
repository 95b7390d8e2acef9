// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package ghapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The bounds of the cache.
const (
	maxAnswer  = 4 << 20 // longer answers are not kept
	maxAnswers = 2000    // more are not kept: the oldest go
)

// cache repeats a GET with the ETag of the answer it kept, and hands out the kept
// body when GitHub says that nothing changed. Such a request does not count
// against the rate limit. GitHub's ETags differ between tokens, so the key
// holds whose answer it is. A cache that cannot be read or written is none.
type cache struct {
	next  http.RoundTripper
	dir   string
	owner string
}

// answer is what is kept of a response.
type answer struct {
	URL    string
	ETag   string
	Header http.Header
	Body   []byte
}

func newCache(next http.RoundTripper, dir, owner string) http.RoundTripper {
	if dir == "" || os.MkdirAll(dir, 0o700) != nil {
		return next
	}
	return &cache{next, dir, owner}
}

// RoundTrip sends the request.
func (c *cache) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || req.Header.Get("Range") != "" {
		return c.next.RoundTrip(req)
	}
	file := c.file(req)
	kept := read(file, req.URL.String())
	if kept != nil {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", kept.ETag)
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	switch {
	case kept != nil && resp.StatusCode == http.StatusNotModified:
		drop(resp)
		return kept.response(resp, req), nil
	case resp.StatusCode == http.StatusOK && resp.Header.Get("ETag") != "" && strings.Contains(resp.Header.Get("Content-Type"), "json"):
		return c.keep(file, req, resp)
	}
	return resp, nil
}

func (c *cache) file(req *http.Request) string {
	sum := sha256.Sum256([]byte(c.owner + "\x00" + req.Header.Get("Accept") + "\x00" + req.URL.String()))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])+".json")
}

func read(file, url string) *answer {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	a := &answer{}
	if json.Unmarshal(data, a) != nil || a.URL != url || a.ETag == "" {
		return nil
	}
	return a
}

// response is the kept answer with the fresh headers about limits.
func (a *answer) response(fresh *http.Response, req *http.Request) *http.Response {
	h := a.Header.Clone()
	for k, v := range fresh.Header {
		if strings.HasPrefix(k, "X-Ratelimit") || k == "Date" {
			h[k] = v
		}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: fresh.Proto, ProtoMajor: fresh.ProtoMajor, ProtoMinor: fresh.ProtoMinor,
		Header: h, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: req,
	}
}

// keep stores an answer and returns it with a body that can still be read.
func (c *cache) keep(file string, req *http.Request, resp *http.Response) (*http.Response, error) {
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(head) > maxAnswer {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(head), failing{err}, resp.Body), resp.Body}
		return resp, nil
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(head))
	header := resp.Header.Clone()
	header.Del("Set-Cookie")
	if data, err := json.Marshal(answer{req.URL.String(), resp.Header.Get("ETag"), header, head}); err == nil {
		c.write(file, data)
	}
	return resp, nil
}

// failing gives an error once, or nothing.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// write replaces the file at once, so that another process sees the old or the
// new answer, and lets the oldest answers go when there are too many.
func (c *cache) write(file string, data []byte) {
	tmp, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err != nil || cerr != nil || os.Rename(tmp.Name(), file) != nil {
		os.Remove(tmp.Name())
		return
	}
	c.prune()
}

func (c *cache) prune() {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= maxAnswers {
		return
	}
	type aged struct {
		name string
		at   time.Time
	}
	var list []aged
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			list = append(list, aged{e.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b aged) int { return a.at.Compare(b.at) })
	for _, a := range list[:max(0, len(list)-maxAnswers*3/4)] {
		os.Remove(filepath.Join(c.dir, a.name))
	}
}
