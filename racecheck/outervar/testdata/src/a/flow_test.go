package a

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Joins.

func waited() {
	var wg sync.WaitGroup
	n := 0
	wg.Add(1)
	go func() { defer wg.Done(); n++ }()
	wg.Wait()
	use(n)
}

func doneTooEarly() {
	var wg sync.WaitGroup
	n := 0
	wg.Add(1)
	go func() {
		wg.Done()
		n++ // want `n is declared outside`
	}()
	wg.Wait()
	use(n)
}

func signalledBefore() {
	n := 0
	started := make(chan bool)
	go func() {
		started <- true
		n++ // want `n is declared outside`
	}()
	<-started
	use(n)
}

func otherChannel(other chan bool) {
	n := 0
	done := make(chan bool)
	go func() {
		n++ // want `n is declared outside`
		close(done)
	}()
	<-other
	use(n)
	<-done
}

func timeout() {
	n := 0
	go func() { n++ }() // want `n is declared outside`
	<-time.After(time.Second)
	use(n)
}

func cancelled() {
	n := 0
	ctx, cancel := context.WithCancel(context.Background())
	go func() { n++; cancel() }()
	<-ctx.Done()
	use(n)
}

func passedOn() {
	var wg sync.WaitGroup
	n := 0
	done := make(chan bool)
	wg.Add(1)
	go func() { defer wg.Done(); n++ }()
	go func() { wg.Wait(); close(done) }()
	<-done
	use(n)
}

func oneBranch(b bool) {
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() { n++ }) // want `n is declared outside`
	if b {
		wg.Wait()
	}
	use(n)
}

func helperWaits(wg *sync.WaitGroup) { wg.Wait() }

func byHelper() {
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() { n++ })
	helperWaits(&wg)
	use(n)
}

func inLoop() {
	var wg sync.WaitGroup
	n := 0
	for range 3 {
		wg.Go(func() { n++ })
		wg.Wait()
	}
}

func parentWrites() {
	n := 0
	done := make(chan bool)
	go func() { use(n); close(done) }()
	n = 2 // want `n is written here while a function literal that runs at the same time uses it`
	<-done
}

func reassigned() error {
	_, err := pair()
	done := make(chan bool)
	go func() {
		use(err)
		close(done)
	}()
	if _, err := pair(); err != nil { // its own
		return err
	}
	<-done
	_, err = pair()
	return err
}

// Hand-overs.

func handedOver() {
	n := 0
	in := make(chan bool)
	go func() {
		<-in
		use(n)
	}()
	n = 1
	in <- true
}

func afterHandOver() {
	n := 0
	in := make(chan bool)
	go func() {
		<-in
		use(n)
	}()
	in <- true
	n = 1 // want `n is written here while`
}

func startSignal() {
	n := 0
	start := make(chan struct{})
	for range 3 {
		go func() {
			<-start
			n++ // want `n is declared outside`
		}()
	}
	close(start)
}

func semaphore() {
	n := 0
	sem := make(chan bool, 1)
	for range 3 {
		go func() {
			sem <- true
			n++
			<-sem
		}()
	}
}

// Locks and atomics.

func partialLock() {
	var mu sync.Mutex
	n := 0
	go func() {
		mu.Lock()
		n++ // want `n is declared outside`
		mu.Unlock()
	}()
	use(n)
}

func unlocked() {
	var mu sync.Mutex
	n := 0
	for range 3 {
		go func() {
			mu.Lock()
			mu.Unlock()
			n++ // want `n is declared outside`
		}()
	}
}

func readLocked() {
	var mu sync.RWMutex
	n := 0
	for range 3 {
		go func() {
			mu.RLock()
			defer mu.RUnlock()
			n++ // want `n is declared outside`
		}()
	}
}

func once() {
	var o sync.Once
	n := 0
	for range 3 {
		go func() { o.Do(func() { n++ }) }()
	}
}

// runOnce is made like sync.Once.
type runOnce struct {
	sem  chan bool
	done bool
}

func (o *runOnce) Do(f func()) {
	o.sem <- true
	defer func() { <-o.sem }()
	if !o.done {
		o.done = true
		f()
	}
}

func ownOnce() {
	o := &runOnce{sem: make(chan bool, 1)}
	n := 0
	for range 3 {
		go func() {
			o.Do(func() { n++ })
			use(n)
		}()
	}
}

func atomics() {
	var n int64
	for range 3 {
		go func() { atomic.AddInt64(&n, 1) }() // want `n is declared outside`
	}
	use(n)
}

func onlyAtomics() {
	var n int64
	for range 3 {
		go func() { atomic.AddInt64(&n, 1) }()
	}
	use(atomic.LoadInt64(&n))
}

// Helpers.

func start(f func())      { go f() }
func startTwice(f func()) { start(f) }
func call(f func())       { f() }
func each(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}

func helpers() {
	a, b, c := 0, 0, 0
	startTwice(func() { a++ }) // want `a is declared outside`
	use(a)
	call(func() { b++ })
	use(b)
	each(3, func() { c++ }) // want `c is declared outside`
	use(c)
}

func parallel(t *testing.T) { t.Helper(); t.Parallel() }

func TestHelper(t *testing.T) {
	var err error
	for range 3 {
		t.Run("x", func(t *testing.T) {
			parallel(t)
			err = work() // want `err is declared outside`
		})
	}
	use(err)
}

// Tests.

func TestNested(t *testing.T) {
	for range 3 {
		t.Run("case", func(t *testing.T) {
			err := work()
			use(err)
			t.Run("a", func(t *testing.T) {
				t.Parallel()
				err = work() // want `err is declared outside`
				use(err)
			})
			t.Run("b", func(t *testing.T) {
				t.Parallel()
				err = work() // want `err is declared outside`
				use(err)
			})
		})
	}
}

func TestParallelParents(t *testing.T) {
	var err error
	for range 3 {
		t.Run("case", func(t *testing.T) {
			t.Parallel()
			t.Run("a", func(t *testing.T) {
				err = work() // want `err is declared outside`
				use(err)
			})
		})
	}
}

func TestBeforeParallel(t *testing.T) {
	n := 0
	for range 3 {
		t.Run("case", func(t *testing.T) {
			n++
			t.Parallel()
		})
	}
	use(n)
}

func TestUnjoinedAndParallel(t *testing.T) {
	var err error
	go func() { err = work() }() // want `err is declared outside`
	t.Run("case", func(t *testing.T) {
		t.Parallel()
		use(err)
	})
}

func TestAs(t *testing.T) {
	var target *myError
	for range 3 {
		t.Run("case", func(t *testing.T) {
			t.Parallel()
			use(errors.As(work(), &target)) // want `target is declared outside`
		})
	}
}

type myError struct{}

func (*myError) Error() string { return "" }

func TestBoundParameter(t *testing.T) {
	n := 0
	inc := func(wg *sync.WaitGroup) {
		defer wg.Done()
		n++ // want `n is declared outside`
	}
	twice := func(f func(*sync.WaitGroup)) {
		var wg sync.WaitGroup
		wg.Add(2)
		go f(&wg)
		go f(&wg)
		wg.Wait()
	}
	twice(inc)
	use(n)
}

func innerOutlives() {
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		start(func() { n++ }) // want `n is declared outside`
	})
	wg.Wait()
	use(n)
}

func innerJoined() {
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		done := make(chan bool)
		start(func() { n++; close(done) })
		<-done
	})
	wg.Wait()
	use(n)
}

func returned(run func(func() func())) {
	n := 0
	var wg sync.WaitGroup
	made := make(chan func(), 3)
	for range 3 {
		wg.Go(func() {
			made <- func() { n++ } // somebody runs them one by one
		})
	}
	wg.Wait()
}

func deferredWrite() {
	n := 0
	for range 3 {
		go func() {
			defer func() { n++ }() // want `n is declared outside`
		}()
	}
}

func bound() {
	for range 3 {
		go func() {
			report := func() {
				first := false
				call(func() { first = true }) // its own
				use(first)
			}
			report()
			report()
		}()
	}
}

type caller struct{}

func (caller) invoke(string) error { return nil }
func register(func(string))        {}
func verify(chan bool)             {}

// The handler runs because of the call, for which name has been read.
func causedByCall() {
	called := make(chan bool, 1)
	register(func(string) { called <- true })
	name := "a"
	go func() {
		caller{}.invoke(name)
	}()
	verify(called)
	name = "b"
	use(name)
}

// Here name is read after the call.
func readAfterCall() {
	called := make(chan bool, 1)
	register(func(string) { called <- true })
	name := "a"
	go func() {
		caller{}.invoke("a")
		println(name)
	}()
	verify(called)
	name = "b" // want `name is written here while a function literal that runs at the same time uses it`
	use(name)
}

// Who collects may be behind: that all have sent, and the channel is closed, does not
// wait for it.
func TestCollector(t *testing.T) {
	var first error
	errs := make(chan error)
	go func() {
		for err := range errs {
			first = err // want `first is declared outside`
		}
	}()
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs <- errors.New("x")
		}()
	}
	wg.Wait()
	close(errs)
	t.Log(first)
}
