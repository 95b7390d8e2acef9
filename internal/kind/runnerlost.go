// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// jobRunnerLost: the machine that ran the job went away. It says nothing of the
// code, and what had not ended by then has no result.
// The CI systems' own words are in golog (jobRows), because no section of go test
// holds them.
func jobRunnerLost(j *job) []*culprit.Failure {
	m, ok := markOf(j.log.Marks, golog.MarkRunnerLost)
	if !ok {
		return nil
	}
	f := &culprit.Failure{Kind: culprit.KindRunnerLost, Title: steady("runner lost: " + said1(m.Line.Text))}
	f.Evidence = lines([]golog.Line{m.Line}, 0, 0)
	j.cutOff(f, "it had not ended when the runner went away")
	f.Excluded = culprit.List[culprit.Excluded]{
		{Kind: culprit.KindTimeout, Why: `no "test timed out" line`},
		{Kind: culprit.KindCancelled, Why: "the runner names a reason of its own"},
	}
	return []*culprit.Failure{f}
}
