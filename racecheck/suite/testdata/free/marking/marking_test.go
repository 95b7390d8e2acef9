// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package marking has a goroutine that starts others, which feed it again.
package marking

import (
	"errors"
	"sync"
	"testing"
)

func mark(roots []int, visit func(int, func(int)) error) (int, error) {
	var (
		work = make(chan int)
		seen = map[int]bool{}
		wg   sync.WaitGroup

		once  sync.Once
		first error
	)
	go func() {
		for w := range work {
			if seen[w] {
				wg.Done()
				continue
			}
			seen[w] = true
			go func(w int) {
				defer wg.Done()
				send := func(n int) {
					wg.Add(1)
					work <- n
				}
				if err := visit(w, send); err != nil {
					once.Do(func() { first = err })
				}
			}(w)
		}
	}()
	for _, r := range roots {
		wg.Add(1)
		work <- r
	}
	wg.Wait()
	close(work)
	if first != nil {
		return 0, first
	}
	return len(seen), nil
}

func TestMark(t *testing.T) {
	n, err := mark([]int{1, 2}, func(w int, send func(int)) error {
		if w < 8 {
			send(2 * w)
		}
		return nil
	})
	if err != nil || n != 4 {
		t.Fatal(n, err)
	}
	if _, err := mark([]int{1}, func(int, func(int)) error { return errors.New("no") }); err == nil {
		t.Fatal()
	}
}
