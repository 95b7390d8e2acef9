package a

import "sync"

type store struct{ by map[string]int }

func check(string) int { return 0 }

func differentKeys(names []string) {
	seen := map[string]int{}
	var wg sync.WaitGroup
	for _, n := range names {
		wg.Add(1)
		go func() {
			defer wg.Done()
			seen[n] = check(n) // want `the map of seen is written here \(seen\[n\]\) by a function of which several run at the same time: different keys do not keep them apart`
		}()
	}
	wg.Wait()
	println(len(seen))
}

func fieldOfStruct(s *store) {
	done := make(chan bool)
	go func() {
		s.by["a"]++ // want `the map of s is written here \(s.by\["a"\]\) while a function that runs at the same time reads it`
		close(done)
	}()
	println(s.by["b"])
	<-done
}

func removed(m map[int]bool) {
	var wg sync.WaitGroup
	wg.Go(func() {
		delete(m, 1) // want `the map of m is written here \(m\) while a function that runs at the same time reads it`
	})
	for k := range m {
		println(k)
	}
	wg.Wait()
}

// Near misses.

func locked(names []string) {
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for _, n := range names {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			seen[n] = check(n)
		})
	}
	wg.Wait()
}

func joinedFirst(m map[int]bool) {
	done := make(chan bool)
	go func() {
		m[1] = true
		close(done)
	}()
	<-done
	m[2] = true
}

func onlyRead(m map[int]bool) {
	for range 3 {
		go func() { println(m[1]) }()
	}
	println(len(m))
}

func oneEach(n int) {
	for range n {
		m := map[int]bool{}
		go func() { m[1] = true }()
	}
}

func elements(n int) {
	out := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i] = i })
	}
	wg.Wait()
}

func oneMapEach(list []map[int]bool) {
	for i := range list {
		go func() { list[i][1] = true }()
	}
}

func perShard(shards map[int]map[string]int) {
	var wg sync.WaitGroup
	for k := range shards {
		shard := shards[k]
		wg.Go(func() { shard["a"]++ })
	}
	wg.Wait()
}

func copyOnWrite(n int) {
	m := map[string]int{}
	var mu sync.Mutex
	for range n {
		go func() {
			mu.Lock()
			next := map[string]int{}
			for k, v := range m {
				next[k] = v
			}
			next["a"]++
			m = next
			mu.Unlock()
		}()
	}
}

func readAtEnd(wg *sync.WaitGroup) {
	m := map[string]int{}
	wg.Go(func() { m["a"] = 1 })
	defer func() { println(len(m), m["a"]) }()
	wg.Wait()
}

func filledByOwner(in chan string) map[string]int {
	m := map[string]int{}
	done := make(chan bool)
	go func() {
		defer close(done)
		for s := range in {
			m[s]++
		}
	}()
	for range 3 {
		in <- "x"
	}
	close(in)
	<-done
	return m
}
