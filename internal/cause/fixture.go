// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// sharedFixture reports whether both accesses are made by the goroutines of
// parallel subtests, to memory that they reach through one variable of the test
// around them: what races is what the fixture refers to, not the variable.
func sharedFixture(c *conclusion) bool {
	for _, s := range c.sides {
		if !ofSubtest(s.access) {
			return false
		}
	}
	x, y := c.touches[0], c.touches[1]
	if x == nil || y == nil || c.own && racecheck.IsLocal(c.subject.v) && c.path == "" {
		return false
	}
	return slices.ContainsFunc(x.chain, func(h holder) bool {
		return racecheck.IsLocal(h.v) && slices.ContainsFunc(y.chain, func(o holder) bool { return o.key == h.key && !private(h, o) })
	})
}

// ofSubtest reports whether a goroutine is that of a subtest: t.Run started it,
// called by a function that is not package testing's own.
func ofSubtest(a *culprit.Access) bool {
	return len(a.Created) > 1 && a.Created[0].Func == "testing.(*T).Run" && !strings.HasPrefix(a.Created[1].Func, "testing.")
}
