// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Combine makes one candidate of several for different variables of one package:
// tests that show several races pass only when all are mended. A nil candidate
// means that two of them change the same place in different ways.
func Combine(list []*Candidate) (*Candidate, error) {
	merged := map[string][]edit{}
	aside := map[string]string{}
	var strategies, messages []string
	for _, c := range list {
		if c.edits == nil {
			return nil, nil
		}
		if !slices.Contains(strategies, c.Strategy) {
			strategies = append(strategies, c.Strategy)
		}
		messages = append(messages, c.Message)
		maps.Copy(aside, c.aside)
		for rel, edits := range c.edits {
			for _, e := range edits {
				if slices.Contains(merged[rel], e) {
					continue // both import the same, or lock the same statement
				}
				for _, o := range merged[rel] {
					if e.n > 0 && o.n > 0 && e.offset < o.offset+o.n && o.offset < e.offset+e.n {
						return nil, nil
					}
				}
				merged[rel] = append(merged[rel], e)
			}
		}
	}
	// At one place what takes a value aside and gives its lock back comes before
	// what takes a lock around the statement: it may be the same one.
	for _, edits := range merged {
		slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(opens(a), opens(b)) })
	}
	s := &subject{tree: list[0].tree, aside: aside}
	return s.candidate(strings.Join(strategies, "+"), strings.Join(messages, "; "), merged)
}

// opens is 1 for an insertion that takes a lock and does not give it back.
func opens(e edit) int {
	if e.n == 0 && (strings.HasSuffix(e.text, ".Lock()\n") || strings.HasSuffix(e.text, ".RLock()\n")) {
		return 1
	}
	return 0
}
