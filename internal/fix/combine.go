// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"slices"
	"strings"
)

// Combine makes one candidate of several for different variables of one package:
// tests that show several races pass only when all are mended. A nil candidate
// means that two of them change the same place in different ways.
func Combine(list []*Candidate) (*Candidate, error) {
	merged := map[string][]edit{}
	var strategies, messages []string
	for _, c := range list {
		if c.edits == nil {
			return nil, nil
		}
		if !slices.Contains(strategies, c.Strategy) {
			strategies = append(strategies, c.Strategy)
		}
		messages = append(messages, c.Message)
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
	s := &subject{tree: list[0].tree}
	return s.candidate(strings.Join(strategies, "+"), strings.Join(messages, "; "), merged)
}
