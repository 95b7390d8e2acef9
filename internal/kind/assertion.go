// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// assertions: a test says at a file and line why it failed, and no other kind
// knows the form of what it says. Tests of one table that fail at one line with one
// message are one failure.
func assertions(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindAssertion, func(t *golog.Test, m *message) said {
		if m == nil || m.whole && !spoken(m) || t.Racy && m.score < 8 {
			return said{} // what a test logs that the detector failed is no check
		}
		what := m.headline()
		if what == "" {
			what = "failed without a message"
		}
		s := said{ok: true, own: true, title: steady(what), fill: func(f *culprit.Failure) { f.Assertion = assertionOf(m) }}
		if !m.whole {
			// The line is part of what makes two failures one, and not of the title.
			s.title += strings.Repeat("\x00", 1) + fmt.Sprintf("%s:%d", m.file, m.line)
			fill := s.fill
			title := s.title
			s.fill = func(f *culprit.Failure) {
				f.Title, _, _ = strings.Cut(speaker(t, m)+": "+title, "\x00")
				fill(f)
			}
		}
		return s
	})
}

// spoken reports whether output without a position is a failed check all the same:
// frameworks that print in their own way.
func spoken(m *message) bool {
	for _, s := range m.text {
		if !logged.MatchString(s) && failed.MatchString(s) && !strings.Contains(s, "://") {
			return true
		}
	}
	return false
}
