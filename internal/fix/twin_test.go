// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix_test

import (
	"strings"
	"testing"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/fix"
)

// copied has a counter that a callback writes, and the same in a second subtest;
// the third waits for the callback, the next two call it at once, and the last only
// has the name.
const copied = `
import (
	"sync"
	"testing"
)

func later(f func() error) { go f() }

func now(f func() error) error { return f() }

func TestRetries(t *testing.T) {
	t.Run("custom", func(t *testing.T) {
		attempts := 0
		later(func() error {
			attempts++ // RACE
			return nil
		})
		if attempts > 3 { // RACE
			t.Fatal(attempts)
		}
	})
	t.Run("default", func(t *testing.T) {
		attempts := 0
		later(func() error {
			attempts++
			return nil
		})
		if attempts != 5 {
			t.Fatal(attempts)
		}
	})
	t.Run("waits", func(t *testing.T) {
		attempts := 0
		var wg sync.WaitGroup
		wg.Add(1)
		later(func() error {
			attempts++
			wg.Done()
			return nil
		})
		wg.Wait()
		if attempts != 5 {
			t.Fatal(attempts)
		}
	})
	t.Run("in place", func(t *testing.T) {
		attempts := 0
		if err := now(func() error {
			attempts++
			return nil
		}); err != nil || attempts != 1 {
			t.Fatal(attempts, err)
		}
	})
	t.Run("in place, by name", func(t *testing.T) {
		attempts := 0
		f := func() error {
			attempts++
			return nil
		}
		f = f
		if f() != nil || attempts != 1 {
			t.Fatal(attempts)
		}
	})
	t.Run("own", func(t *testing.T) {
		later(func() error {
			attempts := 0
			attempts++
			return nil
		})
	})
}
`

// TestTwins: the repair of a variable also mends its copies in the same test, and
// is offered alone after that.
func TestTwins(t *testing.T) {
	t.Parallel()
	tr, f := program(t, "1.26", "attempts", copied)
	f.Cause.Pattern = culprit.PatternCapturedOuterVariable
	list, why, err := fix.Candidates(t.Context(), tr, f)
	if err != nil || len(list) < 2 {
		t.Fatal(list, why, err)
	}
	for i, want := range []int{2, 1} {
		if got := strings.Count(list[i].Patch, "+\t\tvar attempts atomic.Int64"); list[i].Strategy != fix.Atomic || got != want || list[i].Rejected {
			t.Errorf("candidate %d (%s) mends %d variables, want %d:\n%s%v", i, list[i].Strategy, got, want, list[i].Patch, list[i].Checks)
		}
	}
}
