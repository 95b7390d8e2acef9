// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// testMains: TestMain failed the package: before it ran any test, or after all of
// them passed. The process prints PASS and ends with another status than 0, or it
// ends without having started a test where the log shows starts.
// Near miss: a leak checker in TestMain is kind goroutine-leak, a race counted at
// the end is data-race, and os.Exit inside of a test is kind exit.
func testMains(c *claims) []*culprit.Failure {
	p := c.pkg
	if !c.failsAlone() || c.found {
		return nil
	}
	why := ""
	switch {
	case c.passShown() && (p.ExitStatus > 0 || p.Closed):
		why = "every test passed, and the process ended with a failure"
	case c.verboseLog() && !p.Verbose && len(p.Tests) == 0 && p.Passed == 0 && !p.Output.Empty():
		why = "the process ended before any test started"
	default:
		return nil
	}
	last := c.lastWords()
	f := c.processFailure(culprit.KindTestMain, "TestMain: "+why, last)
	f.Exit = &culprit.Exit{Code: p.ExitStatus, Process: testBinary(p.Path), Last: clip(last.Text, 500)}
	return []*culprit.Failure{f}
}

// passShown reports whether the process printed PASS, or all that started passed.
func (c *claims) passShown() bool {
	for _, l := range c.pkg.Output.Lines() {
		if l.Text == "PASS" {
			return true
		}
	}
	return c.pkg.PassShown || c.pkg.Passed > 0 && len(c.unfinished()) == 0
}

// verboseLog reports whether the log shows the start of tests anywhere.
func (c *claims) verboseLog() bool {
	if c.pkg.JSON {
		return true
	}
	for _, p := range c.log.Packages {
		if p.Verbose {
			return true
		}
	}
	return false
}

// lastWords is the last line that a package printed outside of go test's own.
func (c *claims) lastWords() golog.Line {
	ls := c.output()
	for i := len(ls) - 1; i >= 0; i-- {
		if s := ls[i].Text; s != "PASS" && !closing(s) {
			return ls[i]
		}
	}
	return golog.Line{}
}
