// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rpcs

import (
	"encoding/gob"
	"net"
	"net/rpc"
	"sync"
	"testing"
)

type Arith struct {
	mu    sync.Mutex
	calls int
}

func (a *Arith) Double(in int, out *int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	*out = in * 2
	return nil
}

func TestRPC(t *testing.T) {
	srv := rpc.NewServer()
	a := &Arith{}
	if err := srv.Register(a); err != nil {
		t.Fatal(err)
	}
	c1, c2 := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.ServeConn(c2)
	}()
	client := rpc.NewClient(c1)
	var out int
	if err := client.Call("Arith.Double", 4, &out); err != nil || out != 8 {
		t.Fatal(err)
	}
	call := client.Go("Arith.Double", 5, &out, nil)
	<-call.Done
	if out != 10 {
		t.Fatal(out)
	}
	client.Close()
	<-served
	if a.calls != 2 {
		t.Fatal(a.calls)
	}
}

type frame struct{ N int }

func TestGob(t *testing.T) {
	a, b := net.Pipe()
	var got []frame
	done := make(chan error, 1)
	go func() {
		dec := gob.NewDecoder(b)
		for range 3 {
			var f frame
			if err := dec.Decode(&f); err != nil {
				done <- err
				return
			}
			got = append(got, f)
		}
		done <- nil
	}()
	enc := gob.NewEncoder(a)
	for i := range 3 {
		if err := enc.Encode(frame{i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil || len(got) != 3 {
		t.Fatal(err)
	}
}
