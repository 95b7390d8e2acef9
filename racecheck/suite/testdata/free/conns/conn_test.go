// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package conns

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

type echo struct {
	lines []string
	n     int
}

func (e *echo) serve(c net.Conn) error {
	defer c.Close()
	sc := bufio.NewScanner(c)
	for sc.Scan() {
		e.n++
		e.lines = append(e.lines, sc.Text())
		if _, err := fmt.Fprintln(c, strings.ToUpper(sc.Text())); err != nil {
			return err
		}
	}
	return sc.Err()
}

func TestEcho(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer ln.Close()
	e := &echo{}
	errc := make(chan error, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			errc <- err
			return
		}
		errc <- e.serve(c)
	}()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	for _, w := range []string{"a", "b"} {
		fmt.Fprintln(c, w)
		line, err := r.ReadString('\n')
		if err != nil || strings.TrimSpace(line) != strings.ToUpper(w) {
			t.Fatal(line, err)
		}
	}
	c.Close()
	if err := <-errc; err != nil {
		t.Fatal(err)
	}
	if e.n != 2 || len(e.lines) != 2 {
		t.Fatal(e)
	}
}

func TestPipe(t *testing.T) {
	pr, pw := io.Pipe()
	var sb strings.Builder
	done := make(chan error)
	go func() {
		_, err := io.Copy(&sb, pr)
		done <- err
	}()
	io.WriteString(pw, "hello ")
	io.WriteString(pw, "world")
	pw.Close()
	if err := <-done; err != nil || sb.String() != "hello world" {
		t.Fatal(err, sb.String())
	}
}
