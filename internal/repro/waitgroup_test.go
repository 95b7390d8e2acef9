// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestDoneLines(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "m_test.go")
	write(t, file, `package m

func f() {
	go func() {
		wg.Add(1)
		if x {
			wg.Done()
			return
		}
		wg.Done()
	}()
	go func() {
		wg.Add(1)
		defer wg.Done()
		go func() { wg.Done() }()
	}()
	wg.Wait()
	wg.Add(2)
}

func run(f func()) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		f()
	}()
	go func() {
		f()
		wg.Done()
	}()
}
`)
	for line, want := range map[int][]int{5: {7, 10}, 13: {16}, 17: nil, 18: nil, 22: {26, 29}, 99: nil} {
		if got := doneLines(file, line); !slices.Equal(got, want) {
			t.Errorf("line %d: %v, want %v", line, got, want)
		}
	}
	for line, want := range map[int][]int{7: {5, 13, 18, 22}, 5: nil, 99: nil} {
		if got := addLines(file, line); !slices.Equal(got, want) {
			t.Errorf("the Done of line %d: %v, want %v", line, got, want)
		}
	}
}
