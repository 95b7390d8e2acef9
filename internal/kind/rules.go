// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/config"
)

// Apply gives failures the kind and note of the first rule of the repository that
// matches each. It runs after all kinds: a rule renames what was found, and neither
// finds nor hides a failure. A data race keeps its kind, because the detector's
// report is no matter of opinion.
func Apply(rules []config.Rule, failures []*culprit.Failure) {
	for _, f := range failures {
		for _, r := range rules {
			if !matches(r, f) {
				continue
			}
			f.Note = r.Note
			if r.Kind != "" && f.Race == nil {
				f.Kind = r.Kind
				f.Excluded = slices.DeleteFunc(f.Excluded, func(x culprit.Excluded) bool { return x.Kind == r.Kind })
			}
			break
		}
	}
}

func matches(r config.Rule, f *culprit.Failure) bool {
	if r.Package != nil && !r.Package.MatchString(f.Package) {
		return false
	}
	if r.Test != nil && !slices.ContainsFunc(f.Tests, func(t culprit.TestRef) bool { return r.Test.MatchString(t.Name) }) {
		return false
	}
	return r.Text == nil || r.Text.MatchString(f.Title) || r.Text.MatchString(f.Evidence.Text)
}
