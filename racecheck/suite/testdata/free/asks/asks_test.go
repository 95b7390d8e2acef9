// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package asks has servers that do something when a request comes.
package asks

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// expect makes a request and looks at the answer.
func expect(t *testing.T, req *http.Request, code int) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != code {
		t.Fatal(resp.StatusCode)
	}
}

func TestAnswers(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	defer func() { <-done }()
	defer ln.Close()
	answer := func(conn net.Conn) {
		defer conn.Close()
		r := bufio.NewReader(conn)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
		}
		if _, err = fmt.Fprint(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"); err != nil {
			return
		}
	}
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			answer(conn)
		}
	}()
	req, err := http.NewRequest(http.MethodGet, "http://"+ln.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, req, http.StatusNoContent)
	expect(t, req, http.StatusNoContent)
}
