// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package subtests

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

type store struct {
	files map[string]int
	open  bool
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{files: map[string]int{}, open: true}
	t.Cleanup(func() { s.open = false; clear(s.files) })
	return s
}

func (s *store) put(k string) { s.files[k]++ }

func TestSub(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			s.put("a")
			if s.files["a"] != 1 {
				t.Error(s)
			}
		})
	}
}

func TestGroup(t *testing.T) {
	counts := make([]int, 3)
	t.Run("group", func(t *testing.T) {
		for i := range counts {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				counts[i]++
			})
		}
	})
	for _, c := range counts {
		if c != 1 {
			t.Error(counts)
		}
	}
}

func TestSerial(t *testing.T) {
	s := newStore(t)
	var order []string
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			order = append(order, name)
			s.put(name)
		})
	}
	if len(order) != 2 || len(s.files) != 2 {
		t.Error(order)
	}
}

func TestSetup(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t)
	s.put("shared")
	file := filepath.Join(dir, "x")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if s.files["shared"] != 1 {
				t.Error()
			}
			_, err := os.Stat(file)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCleanupOrder(t *testing.T) {
	var log []string
	t.Cleanup(func() {
		if len(log) != 3 {
			t.Error(log)
		}
	})
	t.Cleanup(func() { log = append(log, "first") })
	t.Run("x", func(t *testing.T) {
		t.Cleanup(func() { log = append(log, "x") })
		log = append(log, "run")
	})
}
