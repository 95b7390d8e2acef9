// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// jobCancelled: somebody or something stopped the job: a person, a newer push, or a
// failure of another job of the matrix. It is no failure of this job, and where this
// one shows a failure, that came first and is the reason.
func jobCancelled(j *job) []*culprit.Failure {
	m, ok := markOf(j.log.Marks, golog.MarkCancelled)
	if !ok || len(j.failures) > 0 {
		return nil
	}
	f := &culprit.Failure{Kind: culprit.KindCancelled, Title: steady("cancelled: " + said1(m.Line.Text))}
	f.Evidence = lines([]golog.Line{m.Line}, 0, 0)
	j.cutOff(f, "it had not ended when the job was stopped")
	f.Excluded = culprit.List[culprit.Excluded]{
		{Kind: culprit.KindTimeout, Why: `no "test timed out" line, and the runner names no time limit`},
		{Kind: culprit.KindRunnerLost, Why: "the runner does not say that it was lost"},
		{Kind: culprit.KindAssertion, Why: "no test of this job is shown to fail"},
	}
	return []*culprit.Failure{f}
}

// interrupted: the process of a package was told to end ("signal: interrupt",
// "signal: terminated" by cmd/go) and no test of it failed.
func interrupted(c *claims) []*culprit.Failure {
	if c.found || !c.failsAlone() {
		return nil
	}
	for _, l := range c.output() {
		if l.Text != "signal: interrupt" && l.Text != "signal: terminated" && l.Text != "signal: hangup" {
			continue
		}
		f := c.processFailure(culprit.KindCancelled, "cancelled: "+l.Text, l)
		f.Exit = &culprit.Exit{Signal: strings.TrimPrefix(l.Text, "signal: "), Process: testBinary(c.pkg.Path), Running: c.unfinished()}
		for i := range f.Tests {
			f.Tests[i].Role, f.Tests[i].Why = culprit.RoleCollateral, "it had not ended when the process was told to end"
		}
		return []*culprit.Failure{f}
	}
	return nil
}

var prefixOf = lazyre.New(`^(##\[\w+\]|[A-Za-z]+: |# |🚨 )`)

// said1 is a runner's line without its prefix, up to the end of the sentence.
func said1(s string) string {
	s = prefixOf.ReplaceAllString(s, "")
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(clip(s, 120), ".")
}
