// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package actor

import (
	"sync"
	"testing"
)

func TestActor(t *testing.T) {
	a := Open()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { a.Deposit(2) })
	}
	wg.Wait()
	if a.Balance() != 8 {
		t.Error()
	}
	var log []string
	a.Sync(func(s *state) { log = append(log, s.log...) })
	if len(log) != 4 {
		t.Error(log)
	}
	a.Close()
	if a.st.balance != 8 || len(a.st.log) != 4 {
		t.Error(a.st)
	}
}
