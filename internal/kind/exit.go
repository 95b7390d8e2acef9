// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// exits: a package failed, no test of it did, and nothing tells a better reason:
// os.Exit or log.Fatal in a test or in what it calls. Package testing itself says so
// of os.Exit(0) ("panic: unexpected call to os.Exit(0) during test").
// Near miss: a process that a signal ended, or one that passed all tests.
func exits(c *claims) []*culprit.Failure {
	var out []*culprit.Failure
	for _, cr := range c.crashes {
		if !cr.taken && strings.HasPrefix(cr.value, "unexpected call to os.Exit") {
			out = append(out, c.crashFailure(culprit.KindExit, cr, cr.headline()+in(cr), nil))
		}
	}
	p := c.pkg
	for _, l := range c.output() {
		if l.Text == "signal: interrupt" || l.Text == "signal: terminated" || l.Text == "signal: hangup" {
			return out // kind cancelled
		}
	}
	if len(out) > 0 || c.found || !c.failsAlone() || p.ExitStatus == 0 && c.lastWords().Text == "" && len(c.unfinished()) == 0 {
		return out
	}
	last := c.lastWords()
	title := "the process ended without a result: " + called(p.Path)
	if l, ok := c.fatalLine(); ok {
		last = l
		title = "the process ended itself: " + logMessage(l.Text)
		if p.ExitStatus > 1 || !level.MatchString(l.Text) && p.ExitStatus == 0 {
			title = "the process ended after: " + logMessage(l.Text)
		}
	}
	f := c.processFailure(culprit.KindExit, title, last)
	f.Exit = &culprit.Exit{Code: p.ExitStatus, Process: testBinary(p.Path), Running: c.unfinished(), Last: clip(last.Text, 500)}
	for _, m := range p.Marks {
		if m.Kind == golog.MarkKilled {
			f.Exit.Signal = "killed"
		}
	}
	return append(out, f)
}

// fatal matches what loggers print when they end the process: package log and its
// successors at the fatal level, klog's F lines.
var fatal = lazyre.New(`(?i)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |^F\d{4} \d\d:\d\d|\bfatal\b|level=(fatal|panic)|"level":"(fatal|panic)"`)

// level is the part of fatal that names the level, which package log does not.
var level = lazyre.New(`(?i)^F\d{4} |fatal|panic`)

var clock = lazyre.New(`^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S* |^F\d{4} \d\d:\d\d:\d\d\S*\s+\d+ `)

// fields matches what a structured logger writes, as text or as JSON.
var fields = lazyre.New(`^(?:time=\S+ )?level=\w+ msg=("(?:[^"\\]|\\.)*")|^\{.*"(?:msg|message)":("(?:[^"\\]|\\.)*")`)

// logMessage is the message of a log line, without the time and the level.
func logMessage(s string) string {
	s = clock.ReplaceAllString(strings.TrimSpace(s), "")
	if m := fields.FindStringSubmatch(s); m != nil {
		if text, err := strconv.Unquote(m[1] + m[2]); err == nil {
			return text
		}
	}
	return s
}

// fatalLine is the last line that a fatal logger can have printed.
func (c *claims) fatalLine() (golog.Line, bool) {
	ls := c.output()
	for i := len(ls) - 1; i >= 0 && i > len(ls)-30; i-- {
		if fatal.MatchString(ls[i].Text) && blamesOutput(ls[i].Text) {
			return ls[i], true
		}
	}
	return golog.Line{}, false
}
