// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// coverageRows are how tools and scripts say that the coverage is too low. go test
// itself has no threshold.
func coverageRows() []row {
	return []row{
		{text: "coverage", and: "below"},
		{text: "coverage", and: "less than", not: "greater"},
		{text: "coverage", and: "lower than"},
		{text: "coverage", and: "under the"},
		{text: "coverage", and: "too low"},
		{text: "coverage", and: "not enough"},
		{text: "coverage", and: "insufficient"},
		{text: "coverage", and: "did not meet"},
		{text: "coverage", and: "does not meet"},
		{text: "coverage", and: "doesn't meet"},
		{text: "coverage", and: "not met"},
		{text: "coverage", and: "threshold", not: "satisfied: yes"},
		{text: "coverage", and: "decreased"},
		{text: "coverage", and: "dropped"},
		{text: "coverage", and: "fail", not: "upload"},
		{text: "coverage", and: "minimum"},
		{text: "coverage", and: "at least"},
		{text: "coverage", and: " < "},
	}
}

// twoPercents matches a share beside the least one, in a tool that does not name what
// it measures.
var twoPercents = lazyre.New(`(?i)\d ?% ?\((?:minimum|required|threshold):? \d+(?:\.\d+)? ?%\)`)

// missed are words of which one must stand beside the threshold in a passing log.
var missed = lazyre.New(`(?i)\b(fail(ed|ure|s)?|below|error|not met|too low|less than|lower than|insufficient|under|decreased|dropped|NO|<)\b| < `)

var percent = lazyre.New(`\d+(?:\.\d+)? ?%?`)

// jobCoverage: all tests passed, and the coverage is below what the job asks for.
// Near miss: go test's own "coverage: 41.2% of statements", and the threshold that a
// tool prints when it is met.
func jobCoverage(j *job) []*culprit.Failure {
	if len(j.failures) > 0 {
		return nil
	}
	for i, n := range j.log.Notes {
		s := n.Line.Text
		low := strings.ToLower(s)
		if j.used[i] || strings.HasPrefix(strings.TrimSpace(low), "coverage: ") && strings.Contains(low, "of statements") || !saysLine(s, coverageRows()) && !twoPercents.MatchString(s) || !missed.MatchString(s) || strings.Contains(low, "warning") {
			continue
		}
		numbers := shares(s)
		if len(numbers) == 0 && j.passing() {
			continue
		}
		j.used[i] = true
		f := &culprit.Failure{Kind: culprit.KindCoverage, Title: "coverage is below its threshold", Coverage: &culprit.Coverage{}}
		switch {
		case len(numbers) >= 2 && (strings.Contains(low, "threshold (") || strings.Index(low, "threshold") < strings.Index(low, numbers[0]) && strings.HasPrefix(low, "threshold")):
			f.Coverage.Required, f.Coverage.Actual = numbers[0], numbers[1]
		case len(numbers) >= 2:
			f.Coverage.Actual, f.Coverage.Required = numbers[0], numbers[1]
		case len(numbers) == 1 && strings.Contains(low, "threshold ("):
			f.Coverage.Required = numbers[0]
			j.measured(f, i)
		case len(numbers) == 1:
			f.Coverage.Actual = numbers[0]
		default:
			j.compared(f, i)
		}
		f.Evidence = lines([]golog.Line{n.Line}, 0, 0)
		f.Excluded = culprit.List[culprit.Excluded]{{Kind: culprit.KindAssertion, Why: "no test is shown to fail"}}
		return []*culprit.Failure{f}
	}
	return nil
}

// shares are the numbers of a line, those with a percent sign where two have one.
func shares(s string) []string {
	var all, with []string
	for _, m := range percent.FindAllString(s, -1) {
		m = strings.TrimSpace(m)
		all = append(all, m)
		if strings.HasSuffix(m, "%") {
			with = append(with, m)
		}
	}
	if len(with) >= 2 {
		return with
	}
	return all
}

// measured finds the coverage in the lines around that of its threshold.
func (j *job) measured(f *culprit.Failure, i int) {
	for _, n := range j.log.Notes[max(0, i-2):min(len(j.log.Notes), i+4)] {
		if v := shares(n.Line.Text); len(v) > 0 && strings.HasSuffix(v[0], "%") && strings.Contains(strings.ToLower(n.Line.Text), "total") && !strings.Contains(strings.ToLower(n.Line.Text), "threshold (") {
			f.Coverage.Actual = v[0]
			return
		}
	}
}

// compared finds both numbers in the line above one that has none.
func (j *job) compared(f *culprit.Failure, i int) {
	if i > 0 && saysLine(j.log.Notes[i-1].Line.Text, coverageRows()) {
		if v := shares(j.log.Notes[i-1].Line.Text); len(v) == 2 {
			f.Coverage.Actual, f.Coverage.Required = v[0], v[1]
			return
		}
	}
	f.Coverage = nil
}
