// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazy

import (
	"sync"
	"testing"
)

func TestLazy(t *testing.T) {
	c := &Config{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if v, err := c.Get("a"); v != "1" || err != nil {
				t.Error(v, err)
			}
		}()
	}
	wg.Wait()
	if c.vals["a"] != "1" {
		t.Error()
	}
}

func TestLocalOnce(t *testing.T) {
	var (
		once sync.Once
		conn *Config
		wg   sync.WaitGroup
	)
	get := func() *Config {
		once.Do(func() {
			conn = &Config{}
			conn.vals = map[string]string{}
		})
		return conn
	}
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if get().vals == nil {
				t.Error()
			}
		}()
	}
	wg.Wait()
}

func TestParallelSquares(t *testing.T) {
	for i := range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if Square(i) != i*i {
				t.Error(i)
			}
		})
	}
}

func TestOnceErr(t *testing.T) {
	var once sync.Once
	var err error
	fail := func(e error) { once.Do(func() { err = e }) }
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { fail(nil) })
	}
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
}
