package b

import (
	"sync"
	"sync/atomic"
)

func count() bool {
	var sent, joined int32
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		atomic.AddInt32(&joined, 1)
		wg.Done()
		atomic.AddInt32(&sent, 1)
	}()
	wg.Wait()
	return sent == 1 && joined == 1
}
