// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package libraries

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"text/template"
)

func TestOwnBuffers(t *testing.T) {
	var wg sync.WaitGroup
	outs := make([]string, 3)
	for i := range outs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var b bytes.Buffer
			json.NewEncoder(&b).Encode(i)
			outs[i] = b.String()
		}()
	}
	wg.Wait()
	if strings.Join(outs, "") != "0\n1\n2\n" {
		t.Fatal(outs)
	}
}

func TestLockedRand(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var mu sync.Mutex
	next := func() int {
		mu.Lock()
		defer mu.Unlock()
		return r.Intn(10)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { next() })
	}
	wg.Wait()
	_ = r.Intn(3)
}

func TestTemplate(t *testing.T) {
	tmpl := template.Must(template.New("").Parse("{{.}}"))
	for _, s := range []string{"a", "b"} {
		t.Run(s, func(t *testing.T) {
			t.Parallel()
			var sb strings.Builder
			if err := tmpl.Execute(&sb, s); err != nil || sb.String() != s {
				t.Error(err)
			}
		})
	}
}

func TestPool(t *testing.T) {
	pool := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b := pool.Get().(*bytes.Buffer)
			b.Reset()
			b.WriteString("x")
			if b.Len() != 1 {
				t.Error(b.String())
			}
			pool.Put(b)
		}()
	}
	wg.Wait()
}

type syncWriter struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *syncWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestSyncWriter(t *testing.T) {
	w := &syncWriter{}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { w.Write([]byte("ab")) })
	}
	wg.Wait()
	if w.b.Len() != 6 {
		t.Fatal(w.b.String())
	}
}

func TestBuilderHanded(t *testing.T) {
	sb := &strings.Builder{}
	turn := make(chan *strings.Builder)
	go func() {
		sb := <-turn
		sb.WriteString("b")
		turn <- sb
	}()
	sb.WriteString("a")
	turn <- sb
	sb = <-turn
	sb.WriteString("c")
	if sb.String() != "abc" {
		t.Fatal(sb.String())
	}
}
