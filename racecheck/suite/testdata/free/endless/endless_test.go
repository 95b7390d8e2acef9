// Package endless has types that are slices of themselves, as encoding/gob's tests do:
// to look into them never ends.
package endless

import (
	"sync"
	"testing"
)

type list []list

type even []odd

type odd []even

type pointed []*pointed

func depth(l list) int {
	if len(l) == 0 {
		return 0
	}
	return 1 + depth(l[0])
}

func sizes(e even, p pointed, more ...list) int { return len(e) + len(p) + len(more) }

func TestDepth(t *testing.T) {
	l, e, p := list{{{}}}, even{{}}, pointed{{}}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if depth(l)+sizes(e, p, l) != 5 {
				t.Error(depth(l), sizes(e, p, l))
			}
		})
	}
	wg.Wait()
}
