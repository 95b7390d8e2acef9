// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// waitRows are how a wait inside of a test tells that it ran out: testify's
// Eventually, gomega's, gotest.tools/poll, k8s wait, contexts, retry helpers.
func waitRows() []row {
	return []row{
		{text: "condition never satisfied"},
		{text: "a spec timeout occurred"}, // ginkgo
		{text: "a node timeout occurred"},
		{text: "condition satisfied"}, // testify Never
		{text: "timed out after "},    // gomega Eventually
		{text: "failed after "},       // gomega Consistently
		{text: "timed out waiting"},
		{text: "timed-out waiting"},
		{text: "timeout waiting"},
		{text: "timeout while waiting"},
		{text: "timeout exceeded"},
		{text: "timeout hit"},
		{text: "timeout expired"},
		{text: "timeout reached"},
		{text: "timeout after"},
		{text: "timed out"},
		{text: "time out"},
		{text: "context deadline exceeded"},
		{text: "deadline exceeded"},
		{text: "deadline passed"},
		{text: "gave up"},
		{text: "giving up"},
		{text: "waited too long"},
		{text: "waiting too long"},
		{text: "took too long"},
		{text: "never became"},
		{text: "never received"},
		{text: "never happened"},
		{text: "never reached"},
		{text: "never got"},
		{text: "did not complete within"},
		{text: "not satisfied within"},
		{text: "still not"},
		{text: "not ready after"},
		{text: "within the timeout"},
		{text: "before timeout"},
		{text: "before the timeout"},
		{text: "before deadline"},
		{text: "before the deadline"},
		{text: "max retries"},
		{text: "retries exhausted"},
		{text: "retries exceeded"},
		{text: "too many retries"},
		{text: "after all attempts"},
		{text: "eventually", and: "fail"},
		{text: "hung", and: "seconds"},
	}
}

// patience matches a wait with its length or its number of attempts in it.
var patience = lazyre.New(`(?i)\b(?:within|in under|for more than|after waiting)\s+[0-9.]+ ?(?:ns|µs|ms|s|m|sec|min|second|minute)s?\b|\bafter [0-9]+ (?:attempts?|retries|tries|seconds|minutes)\b|\b(?:did not|didn't|not|failed to|no)\b.{0,80}\b(?:within|after) [0-9.]+ ?(?:ms|s|m|sec|min|second|minute)s?\b|(?i)^time-?out!?$|^(?:test )?timeout\b`)

// eventuallies: the test waited for something, and its own patience ran out. The
// limit of go test itself is kind timeout; a connection that timed out is network.
// Near miss: a test that wants a timeout and got none compares errors; a duration
// that is asserted ("282ms is not greater than 40s") is no wait.
func eventuallies(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindEventually, func(_ *golog.Test, m *message) said {
		if m == nil || m.whole {
			return said{}
		}
		line, ok := m.says(waitRows())
		if !ok && !m.compares {
			for i, s := range m.text {
				if i < 40 && patience.MatchString(s) && !(expectation.MatchString(s) && m.actual != "") {
					line, ok = s, true
					break
				}
			}
		}
		if !ok && m.lib == "ginkgo" || !ok && m.lib == "gomega" {
			line, ok = saysText(m.headline(), waitRows())
		}
		if !ok {
			return said{}
		}
		what := m.headline()
		if what == "" {
			what = line
		}
		return said{ok: true, own: true, title: steady("wait ran out: " + what), fill: func(f *culprit.Failure) { f.Assertion = assertionOf(m) }}
	})
}
