// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package slices

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestChunks(t *testing.T) {
	data := make([]int, 100)
	var wg sync.WaitGroup
	for chunk := range slices.Chunk(data, 30) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range chunk {
				chunk[i] = 1
			}
		}()
	}
	wg.Wait()
	sum := 0
	for _, v := range data {
		sum += v
	}
	if sum != 100 {
		t.Fatal(sum)
	}
}

func TestStride(t *testing.T) {
	const n = 4
	data := make([]float64, 32)
	var wg sync.WaitGroup
	wg.Add(n)
	for w := 0; w < n; w++ {
		go func(w int) {
			defer wg.Done()
			for i := w; i < len(data); i += n {
				data[i] = float64(i)
			}
		}(w)
	}
	wg.Wait()
	if data[31] != 31 {
		t.Fatal(data)
	}
}

func TestCursor(t *testing.T) {
	out := make([]int, 50)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(out) {
					return
				}
				out[i] = i
			}
		})
	}
	wg.Wait()
	if out[49] != 49 {
		t.Fatal(out)
	}
}

func TestAppendLocked(t *testing.T) {
	var (
		mu  sync.Mutex
		out []int
		wg  sync.WaitGroup
	)
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			v := i * i
			mu.Lock()
			out = append(out, v)
			mu.Unlock()
		}()
	}
	wg.Wait()
	slices.Sort(out)
	if out[9] != 81 {
		t.Fatal(out)
	}
}

func TestRows(t *testing.T) {
	rows := [][]int{make([]int, 3), make([]int, 3)}
	var wg sync.WaitGroup
	for y := range rows {
		wg.Go(func() {
			row := rows[y]
			for x := range row {
				row[x] = x * y
			}
		})
	}
	wg.Wait()
	if rows[1][2] != 2 {
		t.Fatal(rows)
	}
}

func TestClone(t *testing.T) {
	base := []int{3, 1, 2}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			own := slices.Clone(base)
			slices.Sort(own)
			own = append(own, 9)
			if own[0] != 1 {
				t.Error(own)
			}
		})
	}
	wg.Wait()
	base[0] = 0
}

func TestProducerChunks(t *testing.T) {
	work := make(chan []int)
	ret := make(chan int, 10)
	go func() {
		defer close(work)
		all := make([]int, 9)
		for i := 0; i < 9; i += 3 {
			part := all[i : i+3]
			part[0] = i
			work <- part
		}
	}()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for p := range work {
				p[1] = 1
				ret <- p[0] + p[1]
			}
		})
	}
	wg.Wait()
	close(ret)
	sum := 0
	for v := range ret {
		sum += v
	}
	if sum != 12 {
		t.Fatal(sum)
	}
}
