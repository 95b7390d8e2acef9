// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package parents

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
)

type env struct {
	dir   string
	ln    net.Listener
	conns int
	done  chan struct{}
}

func setup(t *testing.T) *env {
	e := &env{dir: t.TempDir(), done: make(chan struct{})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	e.ln = ln
	go func() {
		defer close(e.done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			e.conns++
			c.Close()
		}
	}()
	t.Cleanup(func() {
		e.ln.Close()
		<-e.done
	})
	return e
}

func TestSubtestsUseEnv(t *testing.T) {
	e := setup(t)
	for _, n := range []string{"a", "b"} {
		t.Run(n, func(t *testing.T) {
			t.Parallel()
			if err := os.WriteFile(filepath.Join(e.dir, n), nil, 0o600); err != nil {
				t.Error(err)
			}
			c, err := net.Dial("tcp", e.ln.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			c.Close()
		})
	}
}

func TestGroupThenClose(t *testing.T) {
	e := setup(t)
	t.Run("all", func(t *testing.T) {
		for range 3 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				c, err := net.Dial("tcp", e.ln.Addr().String())
				if err == nil {
					c.Close()
				}
			})
		}
	})
	e.ln.Close()
	<-e.done
	t.Log(e.conns)
}

func TestCtx(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if ctx.Err() != nil {
				t.Error(ctx.Err())
			}
		})
	}
}
