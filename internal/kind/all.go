// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// Kind recognises one kind of failure.
type Kind struct {
	Name culprit.Kind
	// Match returns the failures of this kind in one package's run. Tests that
	// a failure accounts for are claimed in c and are not offered again.
	Match func(c *claims) []*culprit.Failure
}

// All returns the kinds in order of precedence: an earlier one claims its
// tests first. A data race comes before unknown because the tests it fails
// have no failure of their own.
func All() []Kind {
	return []Kind{
		{culprit.KindDataRace, dataRaces},
		{culprit.KindUnknown, unknowns},
	}
}

// claims is one package's run and which of its tests are accounted for.
type claims struct {
	log     *golog.Log
	pkg     *golog.Package
	claimed map[*golog.Test]bool
	found   bool // an earlier kind found a failure
}
