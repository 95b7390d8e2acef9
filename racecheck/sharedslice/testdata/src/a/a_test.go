package a

import (
	"fmt"
	"sync"
	"testing"
)

func run(...int) {}

func TestOptions(t *testing.T) {
	common := append([]int{}, 1, 2, 3)
	for _, extra := range []int{4, 5} {
		t.Run("x", func(t *testing.T) {
			t.Parallel()
			opts := append(common, extra) // want `append writes behind common in a function of which several run at the same time: they share the room there`
			run(opts...)
		})
	}
}

func twoAppend() {
	base := make([]int, 0, 10)
	var wg sync.WaitGroup
	wg.Go(func() {
		a := append(base, 1) // want `append writes behind base while a function that runs at the same time appends to it too`
		run(a...)
	})
	b := append(base, 2)
	wg.Wait()
	run(b...)
}

func fixedIndex(n int) {
	last := make([]int, 1)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			last[0] = i // want `last\[0\] is written here by a function of which several run at the same time`
		})
	}
	wg.Wait()
}

func readAll(n int) {
	out := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			out[i] = i // want `an element of out is written here while a function that runs at the same time reads all of them`
		})
	}
	for _, v := range out {
		fmt.Println(v)
	}
	wg.Wait()
}

// Near misses.

func TestLiteral(t *testing.T) {
	common := []int{1, 2, 3} // no room behind it: append copies
	for _, extra := range []int{4, 5} {
		t.Run("x", func(t *testing.T) {
			t.Parallel()
			run(append(common, extra)...)
			opts := append(common, extra)
			run(opts...)
		})
	}
}

func oneEach(n int) {
	out := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i] = i })
	}
	wg.Wait()
	for _, v := range out {
		fmt.Println(v)
	}
}

func differentIndex() {
	out := make([]int, 2)
	var wg sync.WaitGroup
	wg.Go(func() { out[0] = 1 })
	wg.Go(func() { out[1] = 2 })
	wg.Wait()
}

func TestClipped(t *testing.T) {
	common := append([]int{}, 1, 2, 3)
	for _, extra := range []int{4, 5} {
		t.Run("x", func(t *testing.T) {
			t.Parallel()
			opts := append(common[:len(common):len(common)], extra)
			run(opts...)
		})
	}
}

func locked(n int) {
	var mu sync.Mutex
	last := make([]int, 1)
	for i := range n {
		go func() {
			mu.Lock()
			last[0] = i
			mu.Unlock()
		}()
	}
}

func TestSerial(t *testing.T) {
	common := append([]int{}, 1, 2, 3)
	for _, extra := range []int{4, 5} {
		t.Run("x", func(t *testing.T) {
			opts := append(common, extra)
			run(opts...)
		})
	}
}

func oneRowEach(rows [][]int) {
	var wg sync.WaitGroup
	for i := range rows {
		wg.Go(func() { rows[i][0] = i })
	}
	wg.Wait()
}

func inPlace(items []int) {
	var wg sync.WaitGroup
	for i, v := range items {
		wg.Go(func() { items[i] = v * 2 }) // the loop reads the next ones
	}
	wg.Wait()
}

func copied(items []int) {
	var wg sync.WaitGroup
	for i, v := range append([]int{}, items...) {
		wg.Go(func() { items[i] = v * 2 })
	}
	wg.Wait()
}

func printedAtEnd(n int) {
	out := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i] = i })
	}
	defer func() {
		for _, v := range out {
			fmt.Println(v)
		}
	}()
	wg.Wait()
}

func roundByRound(n int) {
	out := make([]int, n)
	for range 3 {
		var wg sync.WaitGroup
		for i := range out {
			wg.Go(func() { out[i]++ })
		}
		wg.Wait()
		fmt.Println(out)
	}
}

func onePairEach(pairs [][2]int) {
	for i := range pairs {
		go func() { pairs[i][0] = 1 }()
	}
}

func halves(all []int) {
	left, right := all[:2], all[2:]
	var wg sync.WaitGroup
	wg.Go(func() { left[0] = 1 })
	wg.Go(func() { right[0] = 2 })
	wg.Wait()
}

func appendedOnce(wg *sync.WaitGroup) {
	base := make([]int, 0, 10)
	wg.Go(func() {
		a := append(base, 1)
		run(a...)
	})
	wg.Wait()
	b := append(base, 2)
	run(b...)
}
