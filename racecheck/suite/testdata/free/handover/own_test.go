// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package handover

import (
	"bytes"
	"strings"
	"testing"
)

type doc struct {
	title string
	lines []string
	meta  map[string]string
}

func produce(n int) <-chan *doc {
	out := make(chan *doc)
	go func() {
		defer close(out)
		for range n {
			d := &doc{meta: map[string]string{}}
			d.title = "t"
			d.meta["k"] = "v"
			out <- d
		}
	}()
	return out
}

func enrich(in <-chan *doc) <-chan *doc {
	out := make(chan *doc, 1)
	go func() {
		defer close(out)
		for d := range in {
			d.title = strings.ToUpper(d.title)
			d.lines = append(d.lines, d.title)
			d.meta["x"] = d.title
			out <- d
		}
	}()
	return out
}

func TestPipeline(t *testing.T) {
	n := 0
	for d := range enrich(produce(5)) {
		d.lines = append(d.lines, "end")
		delete(d.meta, "k")
		if len(d.meta) != 1 || len(d.lines) != 2 {
			t.Error(d)
		}
		n++
	}
	if n != 5 {
		t.Fatal(n)
	}
}

func TestHandOver(t *testing.T) {
	ch := make(chan *doc)
	d := &doc{title: "a"}
	go func() {
		d := <-ch
		d.title = "b"
		ch <- d
	}()
	d.title = "c"
	ch <- d
	d = <-ch
	d.title += "d"
	if d.title != "bd" {
		t.Fatal(d.title)
	}
}

func TestBuffer(t *testing.T) {
	bufs := make(chan *bytes.Buffer, 1)
	buf := new(bytes.Buffer)
	buf.WriteString("a")
	bufs <- buf
	done := make(chan string)
	go func() {
		b := <-bufs
		b.WriteString("b")
		done <- b.String()
	}()
	if got := <-done; got != "ab" {
		t.Fatal(got)
	}
	buf.Reset()
}
