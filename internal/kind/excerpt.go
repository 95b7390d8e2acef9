// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// excerpt reads what people paste into an issue: the message of a failed test without
// its result. Only the block of an assertion library, or a message at a line of a test
// file that tells what was wanted, speaks for itself.
func excerpt(j *job) []*culprit.Failure {
	if len(j.log.Packages) > 0 || len(j.failures) > 0 || len(j.log.Notes) == 0 || j.log.Notes[0].Run == nil {
		return nil
	}
	out := j.log.Notes[0].Run.Output
	m := pick(messages(out.Lines()))
	if m == nil || m.score < 10 {
		return nil
	}
	m.testify()
	t := &golog.Test{Name: m.test, Status: culprit.StatusFail, Output: out}
	c := newClaims(j.log, &golog.Package{Result: golog.ResultFail, Tests: []*golog.Test{t}, Output: &golog.Text{}})
	var fs []*culprit.Failure
	for _, k := range All() {
		if k.Match != nil && k.Name != culprit.KindUnknown {
			fs = append(fs, k.Match(c)...)
		}
	}
	for _, f := range fs {
		f.Excluded = nil // too little is shown to exclude anything
		if m.test == "" {
			f.Tests = nil
			f.Title = trimTest(f.Title)
			continue
		}
		for i := range f.Tests {
			f.Tests[i].Status = culprit.StatusUnknown
			f.Tests[i].Why = "the message names it; the log shows no result"
		}
	}
	return fs
}

// trimTest drops the ": " that stands for a test without a name.
func trimTest(s string) string {
	if len(s) > 2 && s[:2] == ": " {
		return s[2:]
	}
	return s
}
