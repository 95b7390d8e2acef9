//go:build go1.21

package a

import (
	"sync"
)

type res struct{ n int }

func (r *res) release() {}

func goroutines(list []*res) {
	for _, r := range list {
		go func() {
			r.release() // want `r is the loop's one variable`
		}()
	}
}

func index() {
	for i := 0; i < 3; i++ {
		go func() {
			println(i) // want `i is the loop's one variable`
		}()
	}
}

func group(list []*res) {
	var wg sync.WaitGroup
	for _, r := range list {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r.release() // want `r is the loop's one variable`
		}()
	}
	wg.Wait()
}

func passed(list []*res) {
	for _, r := range list {
		go func(r *res) { r.release() }(r)
	}
}

func copied(list []*res) {
	for _, r := range list {
		r := r
		go func() { r.release() }()
	}
}

func joined(list []*res) {
	for _, r := range list {
		done := make(chan bool)
		go func() {
			r.release()
			close(done)
		}()
		<-done
	}
}

func last(list []*res) {
	for _, r := range list {
		if r.n == 1 {
			go func() { r.release() }()
			break
		}
	}
}
