package a

import "sync"

func run(int) int { return 0 }

type server struct{}

func (server) shutdown() {}

func lines(srv server, source []string) {
	events := make(chan string, 16)
	go func() {
		for _, line := range source {
			events <- line
		}
	}()
	srv.shutdown()
	close(events) // want `events is closed here while a function that runs at the same time may send on it, which then panics`
}

func closedByEach(n int) {
	done := make(chan bool)
	for range n {
		go func() {
			run(1)
			close(done) // want `done is closed here by a function of which several run at the same time: the second close panics`
		}()
	}
	<-done
}

type bus struct{ events chan int }

func (b *bus) stop() {
	go func() {
		for i := range 3 {
			b.events <- i
		}
	}()
	close(b.events) // want `b.events is closed here while`
}

// Near misses.

func waited(jobs []int) {
	results := make(chan int, len(jobs))
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(func() { results <- run(job) })
	}
	wg.Wait()
	close(results)
}

func closedBySender() {
	c := make(chan int)
	go func() {
		defer close(c)
		c <- 1
	}()
	for range c {
	}
}

func closer(jobs []int) {
	results := make(chan int)
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(func() { results <- run(job) })
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	for range results {
	}
}

func other(jobs []int) {
	results, quit := make(chan int, len(jobs)), make(chan bool)
	go func() {
		select {
		case results <- 1:
		case <-quit:
		}
	}()
	close(quit)
}

func oneResult() int {
	c := make(chan int)
	go func() { c <- 1 }()
	v := <-c
	close(c)
	return v
}

func firstResult(jobs []int) int {
	results := make(chan int)
	for _, job := range jobs {
		go func() {
			results <- run(job)
		}()
	}
	first := <-results
	close(results) // a race where there are two jobs: nobody counts
	return first
}

type listener struct{ done chan bool }

func oneChannelEach(list []listener) {
	for i := range list {
		go func() {
			run(i)
			close(list[i].done)
		}()
	}
}

func closedAtEnd() int {
	c := make(chan int)
	go func() { c <- 1 }()
	defer close(c) // when the value was received
	return <-c
}

func closedAtEndOfTest(wg *sync.WaitGroup) {
	c := make(chan int, 3)
	for i := range 3 {
		wg.Go(func() { c <- i })
	}
	defer close(c)
	wg.Wait()
}

func handedOver(work chan int) {
	results := make(chan int)
	go func() {
		for w := range work {
			results <- run(w)
		}
		close(results)
	}()
	for range results {
	}
}

func semaphore(jobs []int) {
	sem := make(chan bool, 2)
	for range jobs {
		sem <- true
		go func() { <-sem }()
	}
	for range cap(sem) {
		sem <- true
	}
	close(sem)
}

func condition(c chan int, mu *sync.Mutex, closed *bool) {
	go func() {
		mu.Lock()
		defer mu.Unlock()
		if !*closed {
			c <- 1
		}
	}()
	mu.Lock()
	*closed = true
	close(c)
	mu.Unlock()
}
