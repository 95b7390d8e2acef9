package a

import "sync"

func work() {}

func first() {
	var wg sync.WaitGroup
	for range 3 {
		go func() {
			wg.Add(1) // want `wg.Add is called by the goroutine it counts`
			defer wg.Done()
			work()
		}()
	}
	wg.Wait()
}

func parameter() {
	var group sync.WaitGroup
	go func(wg *sync.WaitGroup) {
		work()
		wg.Add(1) // want `group.Add is called by the goroutine it counts`
		work()
		wg.Done()
	}(&group)
	group.Wait()
}

func before() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		wg.Add(1)
		go func() {
			defer wg.Done()
		}()
	}()
	wg.Wait()
}

func own() {
	go func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() { defer wg.Done() }()
		wg.Wait()
	}()
}

func others(wg *sync.WaitGroup) {
	go func() {
		wg.Add(1)
		go func() { defer wg.Done() }()
	}()
}
