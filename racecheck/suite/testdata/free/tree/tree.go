// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package tree

import "sync"

type Node struct {
	L, R *Node
	Sum  int
	V    int
}

func (n *Node) Fold() int {
	if n == nil {
		return 0
	}
	var l, r int
	var wg sync.WaitGroup
	wg.Add(2)
	go func() { defer wg.Done(); l = n.L.Fold() }()
	go func() { defer wg.Done(); r = n.R.Fold() }()
	wg.Wait()
	n.Sum = l + r + n.V
	return n.Sum
}

func MergeSort(s []int) []int {
	if len(s) < 2 {
		return s
	}
	m := len(s) / 2
	left := make(chan []int, 1)
	go func() { left <- MergeSort(append([]int(nil), s[:m]...)) }()
	r := MergeSort(append([]int(nil), s[m:]...))
	l := <-left
	out := make([]int, 0, len(s))
	for len(l) > 0 && len(r) > 0 {
		if l[0] < r[0] {
			out, l = append(out, l[0]), l[1:]
		} else {
			out, r = append(out, r[0]), r[1:]
		}
	}
	return append(append(out, l...), r...)
}

func SortInPlace(s []int) {
	if len(s) < 2 {
		return
	}
	p, i := s[0], 0
	for j := 1; j < len(s); j++ {
		if s[j] < p {
			i++
			s[i], s[j] = s[j], s[i]
		}
	}
	s[0], s[i] = s[i], s[0]
	done := make(chan struct{})
	go func() {
		SortInPlace(s[:i])
		close(done)
	}()
	SortInPlace(s[i+1:])
	<-done
}
