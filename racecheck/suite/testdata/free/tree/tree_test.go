// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"slices"
	"testing"
)

func TestFold(t *testing.T) {
	n := &Node{V: 1, L: &Node{V: 2}, R: &Node{V: 3, L: &Node{V: 4}}}
	if n.Fold() != 10 || n.R.Sum != 7 {
		t.Fatal(n.Sum)
	}
}

func TestSort(t *testing.T) {
	s := []int{3, 1, 2, 5, 4, 0}
	if got := MergeSort(s); !slices.IsSorted(got) {
		t.Fatal(got)
	}
	SortInPlace(s)
	if !slices.IsSorted(s) {
		t.Fatal(s)
	}
}

func TestHalves(t *testing.T) {
	s := []int{3, 1, 2, 5, 4, 0}
	done := make(chan struct{})
	go func() {
		slices.Sort(s[:3])
		close(done)
	}()
	slices.Sort(s[3:])
	<-done
	if s[0] != 1 || s[3] != 0 {
		t.Fatal(s)
	}
}
