// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package results

import (
	"errors"
	"io"
	"sync"
)

func Both(a, b func() error) (err error) {
	var wg sync.WaitGroup
	var errB error
	wg.Add(1)
	go func() {
		defer wg.Done()
		errB = b()
	}()
	err = a()
	wg.Wait()
	return errors.Join(err, errB)
}

func Copy(dst io.Writer, src io.Reader) (n int64, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		n, err = io.Copy(dst, src)
	}()
	<-done
	return n, err
}

func Guarded(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic")
		}
	}()
	f()
	return nil
}

func First(fs ...func() (int, error)) (v int, err error) {
	type res struct {
		v   int
		err error
	}
	c := make(chan res, len(fs))
	for _, f := range fs {
		go func() {
			v, err := f()
			c <- res{v, err}
		}()
	}
	for range fs {
		r := <-c
		if r.err == nil {
			return r.v, nil
		}
		err = r.err
	}
	return 0, err
}

func Locked(n int) (sum int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			sum += i
		})
	}
	wg.Wait()
	return sum
}

func Open() (c io.Closer, err error) {
	var once sync.Once
	ready := make(chan error, 1)
	var opened io.Closer
	go func() {
		once.Do(func() { opened = io.NopCloser(nil) })
		ready <- nil
	}()
	if err = <-ready; err != nil {
		return nil, err
	}
	return opened, nil
}
