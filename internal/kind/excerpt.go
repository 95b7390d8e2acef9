// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// excerpt reads what people paste into an issue: the message of a failed test without
// its result. Only the block of an assertion library, or a message at a line of a test
// file that tells what was wanted, speaks for itself.
func excerpt(j *job) []*culprit.Failure {
	if len(j.failures) > 0 || len(j.log.Notes) == 0 {
		return nil
	}
	run := j.log.Notes[0].Run
	if len(j.log.Packages) > 0 {
		// Below packages that passed only gocheck's form is nothing else.
		run = j.log.Notes[len(j.log.Notes)-1].Run
		if run == nil || !j.passing() || slices.Contains(j.log.Packages, run) || len(checks(run.Output.Lines())) == 0 {
			return nil
		}
	}
	if run == nil {
		return nil
	}
	return excerptOf(j.log, &golog.Package{Result: golog.ResultFail, Output: &golog.Text{}}, run.Output)
}

// headless reads a run that failed and shows the message of a test without its header.
// Package testing indents what a test logs, and prints it of tests that failed only.
func headless(log *golog.Log, p *golog.Package) []*culprit.Failure {
	if p.Result != golog.ResultFail || p.BuildFailed != "" || p.PassShown || len(p.Tests)+len(p.Reports)+len(p.Crashes)+len(p.Marks) > 0 {
		return nil
	}
	if m := pick(messages(p.Output.Lines())); m == nil || m.lib == "ginkgo" || indentWidth(m.lines[0].Text) == 0 {
		return nil
	}
	return excerptOf(log, p, p.Output)
}

// excerptOf makes failures of what out says, in the name of run p.
func excerptOf(log *golog.Log, p *golog.Package, out *golog.Text) []*culprit.Failure {
	all := messages(out.Lines())
	m := pick(all)
	if m == nil || m.score < 10 && (m.score < 9 || indentWidth(m.lines[0].Text) != 4) {
		if m = matcher(out.Lines()); m == nil {
			return nil
		}
		all = append(all, m)
	}
	if m.lib != "gocheck" {
		m.testify()
	}
	name := m.test
	if m.lib == "gocheck" {
		name = "" // the one that runs the suites is not shown
	}
	t := &golog.Test{Name: name, Status: culprit.StatusFail, Output: out}
	c := newClaims(log, &golog.Package{Path: p.Path, Result: golog.ResultFail, Tests: []*golog.Test{t}, Output: &golog.Text{}})
	c.spoke[t] = itemsOf(all, m)
	var fs []*culprit.Failure
	for _, k := range All() {
		if k.Match != nil && k.Name != culprit.KindUnknown {
			fs = append(fs, k.Match(c)...)
		}
	}
	for _, f := range fs {
		f.Excluded = nil // too little is shown to exclude anything
		if p.Ended.No > 0 {
			addLine(&f.Evidence, p.Ended)
		}
		if m.test == "" {
			f.Tests = nil
			f.Title = trimTest(f.Title)
			continue
		}
		for i := range f.Tests {
			if m.lib == "gocheck" {
				break // it says so itself
			}
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

// matched is how a failed matcher of gomega begins: a wait that ran out, an error that
// was not wanted, or a value with its type on the next line.
var matched = lazyre.New(`^(?:Timed out after [0-9.]+s\.|(?:Expected|Unexpected) error:|Expected)$`)

// matcher reads the failure of a gomega matcher that no position stands before: what
// ginkgo prints of a failed spec, without the frame around it.
func matcher(ls []golog.Line) *message {
	for i, l := range ls {
		s := strings.TrimSpace(l.Text)
		if s == "Test Panicked" && i > 0 {
			if b := bare.FindStringSubmatch(ls[i-1].Text); b != nil {
				m := &message{lib: "ginkgo", file: b[1], lines: ls[i-1 : min(len(ls), i+maxBlock)]}
				m.line, _ = strconv.Atoi(b[2])
				for _, l := range m.lines[1:] {
					m.text = append(m.text, strings.TrimSpace(l.Text))
				}
				return m
			}
		}
		if !matched.MatchString(s) || (s == "Expected" || strings.HasSuffix(s, " error:")) && (i+1 == len(ls) || !strings.HasPrefix(strings.TrimSpace(ls[i+1].Text), "<")) {
			continue
		}
		m := &message{lib: "gomega"}
		end := i
		for ; end < len(ls) && end < i+maxBlock; end++ {
			s := strings.TrimSpace(ls[end].Text)
			if bare.MatchString(ls[end].Text) || s == "Full Stack Trace" || strings.HasPrefix(s, "------------------------------") {
				break
			}
			m.lines, m.text = append(m.lines, ls[end]), append(m.text, s)
		}
		// The position stands below in version 1 of ginkgo, and above where somebody cut it out.
		for _, at := range append(slices.Clone(ls[end:min(end+1, len(ls))]), ls[max(0, i-1):i]...) {
			if b := bare.FindStringSubmatch(at.Text); b != nil && m.file == "" {
				m.file = b[1]
				m.line, _ = strconv.Atoi(b[2])
			}
		}
		m.trim()
		m.read()
		return m
	}
	return nil
}

var testLine = lazyre.New(`^\s*(?:Test:\s+(Test\S+)|(Test\S+) \([0-9.]+ ?s(?:econds)?\))\s*$`)

// nameTest gives the failure of an excerpt the test that testify's last line names,
// where the lines above it are gone, or that stands with its time above the message.
func (j *job) nameTest() {
	if len(j.log.Packages) > 0 || len(j.failures) != 1 || len(j.failures[0].Tests) > 0 || len(j.log.Notes) == 0 || j.log.Notes[0].Run == nil {
		return
	}
	f := j.failures[0]
	for _, l := range j.log.Notes[0].Run.Output.Lines() {
		if m := testLine.FindStringSubmatch(l.Text); m != nil && len(f.Tests) == 0 {
			f.Tests = append(f.Tests, culprit.TestRef{Name: m[1] + m[2], Status: culprit.StatusUnknown, Role: culprit.RoleCause, Why: "the message names it; the log shows no result"})
			addLine(&f.Evidence, l)
		}
	}
}
