package a

import "sync"

func work() error { return nil }

func unjoined() (err error) {
	go func() {
		err = work() // want `err is a result of the function around`
	}()
	return work()
}

func reads() (n int) {
	go func() {
		println(n) // want `n is a result of the function around`
	}()
	return 1
}

func joined() (err error) {
	var wg sync.WaitGroup
	wg.Go(func() { err = work() })
	wg.Wait()
	return err
}

func before() (err error) {
	if err = work(); err != nil {
		return err
	}
	done := make(chan bool)
	go func() {
		err = work()
		done <- true
	}()
	<-done
	return
}

func itself() (p *int, err error) {
	p = new(int)
	go func() { println(*p) }()
	return p, nil
}

func own() (err error) {
	go func() {
		err := work()
		_ = err
	}()
	return work()
}

// A return gives the second result itself, so it assigns nothing.
func nameless() (_ int, stop func(), _ error) {
	stop = func() {}
	go func() { stop() }()
	return 1, stop, nil
}
