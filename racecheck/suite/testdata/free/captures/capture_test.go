// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
)

func captureStdout(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = old }()
	var buf bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(&buf, r)
	}()
	f()
	w.Close()
	<-done
	return buf.String()
}

func TestCapture(t *testing.T) {
	if got := captureStdout(t, func() { fmt.Println("x") }); got != "x\n" {
		t.Fatal(got)
	}
}

func TestLog(t *testing.T) {
	var buf bytes.Buffer
	l := log.New(&buf, "", 0)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { l.Print(i) })
	}
	wg.Wait()
	if strings.Count(buf.String(), "\n") != 3 {
		t.Fatal(buf.String())
	}
}

func TestSlog(t *testing.T) {
	var buf bytes.Buffer
	l := slog.New(slog.NewTextHandler(&buf, nil))
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l.Info("m", "i", i)
		}()
	}
	wg.Wait()
	if strings.Count(buf.String(), "\n") != 3 {
		t.Fatal(buf.String())
	}
}

func TestLines(t *testing.T) {
	pr, pw := io.Pipe()
	lines := make(chan string)
	go func() {
		defer close(lines)
		b, _ := io.ReadAll(pr)
		for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
			lines <- l
		}
	}()
	fmt.Fprintln(pw, "a")
	fmt.Fprintln(pw, "b")
	pw.Close()
	var got []string
	for l := range lines {
		got = append(got, l)
	}
	if len(got) != 2 {
		t.Fatal(got)
	}
}
