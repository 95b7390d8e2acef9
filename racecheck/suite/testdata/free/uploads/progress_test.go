// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package uploads

import (
	"runtime"
	"testing"
)

func TestResult(t *testing.T) {
	u := Begin([][]byte{[]byte("a"), []byte("bc")})
	if n, err := u.Result(); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if u.total != 3 || u.etags[1] != "bc" {
		t.Fatal(u.etags)
	}
}

func TestDoneChan(t *testing.T) {
	u := Begin([][]byte{[]byte("a")})
	<-u.Done()
	if u.total != 1 {
		t.Fatal()
	}
}

func TestProgress(t *testing.T) {
	u := Begin([][]byte{[]byte("a"), []byte("b")})
	for u.Progress() < 2 {
		runtime.Gosched()
	}
	if u.etags[0] != "a" {
		t.Fatal()
	}
	u.fail(nil)
	u.Result()
}

func TestSelect(t *testing.T) {
	u := Begin(nil)
	select {
	case <-u.Done():
	case <-make(chan int):
	}
	u.total++
	if u.err != nil {
		t.Fatal()
	}
}
