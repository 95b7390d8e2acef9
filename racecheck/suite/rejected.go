// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite

// Idea is a check that is not in the suite.
type Idea struct {
	Name, Reason string
}

// Rejected lists the ideas that were tried or thought through and left out.
func Rejected() []Idea {
	return []Idea{
		{"copiedlock", "go vet's copylocks reports values with a lock that are passed, assigned or ranged over"},
	}
}
