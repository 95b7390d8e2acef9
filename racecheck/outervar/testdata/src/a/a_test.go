package a

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func work() error            { return errors.New("x") }
func pair() (int, error)     { return 0, nil }
func use(...any)             {}
func ready() <-chan struct{} { return nil }

func TestParallelSubtests(t *testing.T) {
	n, err := pair()
	use(n, err)
	t.Run("A", func(t *testing.T) {
		t.Parallel()
		err = work() // want `err is declared outside this function literal`
		use(err)
	})
	t.Run("B", func(t *testing.T) {
		t.Parallel()
		var m int
		if true {
			m, err = pair() // want `err is declared outside`
		}
		use(m)
	})
	t.Run("own", func(t *testing.T) {
		t.Parallel()
		err := work()
		use(err)
	})
}

func TestReadOnly(t *testing.T) {
	_, err := pair()
	for range 3 {
		t.Run("r", func(t *testing.T) {
			t.Parallel()
			use(err)
		})
	}
}

func TestSerial(t *testing.T) {
	var err error
	t.Run("A", func(t *testing.T) { err = work(); use(err) })
	t.Run("B", func(t *testing.T) { err = work(); use(err) })
}

func TestTable(t *testing.T) {
	var err error
	n := 0
	for _, name := range []string{"a", "b"} {
		last := ""
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err = pair() // want `err is declared outside`
			n += 2          // want `n is declared outside`
			last = name     // a variable of this iteration
			use(err, last)
		})
	}
}

func TestFields(t *testing.T) {
	var s struct{ a, b int }
	p := &s
	t.Run("A", func(t *testing.T) {
		t.Parallel()
		s.a = 1 // want `s is declared outside`
		p.a = 1 // p itself is only read
	})
	t.Run("B", func(t *testing.T) {
		t.Parallel()
		use(s.a, p)
	})
}

func TestGroups(t *testing.T) {
	var err error
	t.Run("group1", func(t *testing.T) {
		t.Run("A", func(t *testing.T) { t.Parallel(); err = work() })
	})
	t.Run("group2", func(t *testing.T) {
		t.Run("A", func(t *testing.T) { t.Parallel(); err = work() })
	})
	use(err)
}

func goroutines() {
	var err error
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		err = work() // want `err is declared outside`
	}()
	go func() {
		defer wg.Done()
		err = work() // want `err is declared outside`
	}()
	wg.Wait()
	use(err)
}

func joined() {
	var err error
	done := make(chan bool)
	go func() { err = work(); done <- true }()
	<-done
	go func() { err = work(); done <- true }()
	<-done
	use(err)
}

func locked() {
	var mu sync.Mutex
	n := 0
	for range 4 {
		go func() {
			mu.Lock()
			defer mu.Unlock()
			n++
		}()
	}
}

func groupGo() {
	var wg sync.WaitGroup
	n := 0
	for range 4 {
		wg.Go(func() { n++ }) // want `n is declared outside`
	}
	wg.Wait()
}

func branches(b bool) {
	err := work()
	use(err)
	if b {
		go func() { err = work() }()
	} else {
		go func() { err = work() }()
	}
}

func cases(n int) {
	err := work()
	use(err)
	switch n {
	case 1:
		go func() { err = work() }()
	case 2:
		go func() { err = work() }()
	}
}

func readUnjoined() {
	var err error
	go func() {
		err = work() // want `err is declared outside`
	}()
	use(err)
}

func byName() {
	n := 0
	work := func() { n++ } // want `n is declared outside`
	other := func() { use(n) }
	go work()
	go other()
}

func timer() {
	n := 0
	time.AfterFunc(1, func() { n++ }) // want `n is declared outside`
	go func() { use(n) }()
}

func nested() {
	var err error
	go func() {
		err = work()
		go func() { use(err) }()
	}()
}
