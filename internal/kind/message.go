// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// message is what a failed test says: the block of its output that most likely
// made it fail.
type message struct {
	lib    string
	file   string
	line   int
	lines  []golog.Line // of the block, the first one with the position
	text   []string     // the same without position and indentation
	score  int
	whole  bool // no block was recognised: lines are the test's last output
	expect string
	actual string
	diff   string
	// compares is true when the message shows two texts that differ: words in
	// them do not tell what happened.
	compares bool
	test     string // testify's "Test:" line, gocheck's "Suite.TestX"
	lower    []string
}

// place is a position at the start of a line, as package testing, gocheck and
// the assertion libraries print it: "x_test.go:12: got 1", also with the test's
// name before it (Go 1.14), a full path (-test.fullpath), or as the Markdown
// link that copying out of a web page makes of it.
var place = lazyre.New(`^([ \t]*)(?:((?:Test|Benchmark|Fuzz|Example)[^\s:]*): )?\[?((?:[A-Za-z]:)?[^\s:\[\]()"'=]+\.go):(\d+)(?:\]\([^)\s]*\))?:(?: (.*)|(\s*))$`)

// trace is the first line of testify's block where the line with the place is gone.
var trace = lazyre.New(`^(\s*)Error Trace:\s+(\S+\.go):(\d+)$`)

// bare is a position on a line of its own, as ginkgo and convey print it.
var bare = lazyre.New(`^[ \t]*(?:(?:In \[[A-Za-z]+\] )?at: |\* )?((?:[A-Za-z]:)?[/\\][^\s:]+\.go):(\d+)(?: @ .*)?$`)

const (
	maxBlock  = 400 // lines
	maxBlocks = 2000
)

// messages cuts a test's output into blocks that start with a position.
func messages(ls []golog.Line) []*message {
	var out []*message
	var cur *message
	indent := 0
	for _, l := range ls {
		if m := place.FindStringSubmatch(l.Text); m != nil && (cur == nil || len(m[1]) <= indent || cur.lib == "" && len(cur.text) == 0) {
			if len(out) >= maxBlocks {
				break
			}
			n, _ := strconv.Atoi(m[4])
			cur = &message{file: m[3], line: n, test: m[2], lines: []golog.Line{l}}
			cur.text = append(cur.text, strings.TrimSpace(m[5]))
			indent = len(m[1])
			out = append(out, cur)
			continue
		}
		if m := trace.FindStringSubmatch(l.Text); m != nil && cur == nil && len(out) < maxBlocks {
			n, _ := strconv.Atoi(m[3])
			cur = &message{file: m[2], line: n, lines: []golog.Line{l}, text: []string{strings.TrimSpace(l.Text)}}
			indent = -1 // where the place was cut off, so was the indentation
			out = append(out, cur)
			continue
		}
		if cur == nil || len(cur.lines) > maxBlock {
			continue
		}
		text := strings.TrimSpace(l.Text)
		if text != "" && indentWidth(l.Text) <= indent && !continues(text) {
			cur = nil
			continue
		}
		cur.lines = append(cur.lines, l)
		cur.text = append(cur.text, text)
	}
	if cs := checks(ls); len(cs) > 0 {
		out = append(outside(out, cs), cs...)
	}
	out = append(append(out, specs(ls)...), conveys(ls)...)
	for _, m := range out {
		m.trim()
		m.read()
	}
	return out
}

// indentWidth is the width of the white space before a line.
func indentWidth(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// continues reports whether a line without indentation belongs to the message:
// gocheck's "... obtained", and testify's fields before 1.2.
func continues(text string) bool {
	if strings.HasPrefix(text, "... ") {
		return true
	}
	for _, p := range []string{"Error Trace:", "Error:", "Test:", "Messages:"} {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// trim drops empty lines at the end of a block.
func (m *message) trim() {
	for len(m.text) > 1 && m.text[len(m.text)-1] == "" {
		m.text, m.lines = m.text[:len(m.text)-1], m.lines[:len(m.lines)-1]
	}
}

// failed are words that the message of a failed check holds rather than a log line.
var failed = lazyre.New(`(?i)\b(got|want|wanted|expected|expect|unexpected|obtained|mismatch|not equal|should|must|assertion failed|not true|missing call|doesn't match|does not match|differs?|!=|incorrect|wrong)\b| != |\(-want \+got\)|\(-got \+want\)`)

var troubled = lazyre.New(`(?i)\b(error|err|fail(ed|ure)?|fatal|cannot|could not|can't|unable|invalid|timed? ?out|timeout|refused|denied|panic|leak|no such|not found|deadline|in use)\b|Error\b`)

// logged is how log lines start that t.Log prints for a logger.
var logged = lazyre.New(`(?i)^\[?(\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|level=|time=|ts=|(trace|debug|info|warn|warning)\b|[DIW]\d{4} )|\b(level=(debug|info|warn)|"level":"(debug|info|warn))`)

// retried is what a log line says of trouble that does not end the test.
var retried = lazyre.New(`(?i)\b(retry(ing)?|will retry|ignor(ing|ed)|skipping|falling back|attempt [0-9]+)\b`)

// read finds out what a block is.
func (m *message) read() {
	all := strings.Join(m.text, "\n")
	m.library(all)
	m.values()
	switch {
	case strings.HasSuffix(m.file, "_test.go"):
		m.score += 2
	case m.file == "panic.go":
		m.score -= 6 // a deferred call after the test had failed already
	}
	switch {
	case m.lib != "" && m.lib != "testing" || leakHead.MatchString(m.text[0]):
		m.score += 12
	case logged.MatchString(m.text[0]) || retried.MatchString(all):
		m.score -= 6
	case failed.MatchString(all):
		m.score += 8
	case troubled.MatchString(all):
		m.score += 5
	}
	if m.lib == "" {
		m.lib = "testing"
	}
}

// library recognises whose form the block has.
func (m *message) library(all string) {
	switch {
	case m.lib != "":
	case m.file == "testscript.go" || m.file == "script_test.go" && strings.Contains(all, "\nFAIL: "):
		m.lib = "testscript"
	case strings.Contains(all, "Error Trace:") || strings.Contains(all, "\nError:") && strings.Contains(all, "\nTest:"):
		m.lib = "testify"
	case strings.Contains(all, "... obtained") || strings.Contains(all, "... expected"):
		m.lib = "gocheck"
	case strings.HasPrefix(strings.TrimSpace(all), "error:\n") && strings.Contains(all, "\nstack:"):
		m.lib = "quicktest"
	case strings.HasPrefix(all, "assertion failed: "):
		m.lib = "gotest.tools"
	case strings.Contains(all, "Unexpected call to ") || strings.Contains(all, "missing call(s) to "):
		m.lib = "gomock"
	case strings.Contains(all, "(-want +got)") || strings.Contains(all, "(-got +want)") || strings.Contains(all, "(-expected +actual)"):
		m.lib = "go-cmp"
	case strings.HasPrefix(strings.TrimSpace(all), "Expected\n<"), strings.HasPrefix(all, "Timed out after "), strings.HasPrefix(strings.TrimSpace(all), "Unexpected error:\n<"):
		m.lib = "gomega"
	case isPattern.MatchString(m.text[0]):
		m.lib = "is"
	}
}

// sure reports whether no test prints the block that goes on to pass.
func (m *message) sure() bool {
	switch m.lib {
	case "gomock", "go-cmp", "quicktest", "gotest.tools", "gomega", "ginkgo":
		return true
	}
	return strings.HasPrefix(m.text[0], "test panicked: ") || leakHead.MatchString(m.text[0])
}

// leakHead is how a leak checker begins, and only one that fails the test.
var leakHead = lazyre.New(`^(?:found unexpected goroutines:|(?:leaktest: )?[Ll]eaked goroutine: goroutine \d+ \[)`)

var isPattern = lazyre.New(`^(\S.* != \S.*|not true: .*|err: .*)( // .*)?$`)

// pick returns the message that most likely made a test fail, nil when there is none.
//
// A library's block is a failure for sure. Of plain messages, the first that
// sounds like a failed check wins; the last one has a bonus, because t.Fatal ends
// a test.
func pick(all []*message) *message {
	var top *message
	for i, m := range all {
		if len(m.text) == 1 && m.text[0] == "" {
			continue
		}
		if i == len(all)-1 {
			m.score += 4
		}
		if top == nil || m.score > top.score || m.score == top.score && m.score < 8 {
			top = m
		}
	}
	return top
}

// tail is the last output of a test without a message of the known forms.
func tail(ls []golog.Line) *message {
	const most = 60
	ls = ls[max(0, len(ls)-most):]
	m := &message{whole: true, lib: "testing"}
	for _, l := range ls {
		if s := strings.TrimSpace(l.Text); s != "" {
			m.lines, m.text = append(m.lines, l), append(m.text, s)
		}
	}
	if len(m.text) == 0 {
		return nil
	}
	return m
}

// headline is the message in one line, without the fields of a library.
func (m *message) headline() string {
	if m.lib == "testify" {
		if h := m.testify(); h != "" {
			if strings.HasSuffix(h, "qual:") && len(m.expect) < 80 && len(m.actual) < 80 {
				h += " expected " + m.expect + ", actual " + m.actual
			}
			return clip(h, 200)
		}
	}
	for i, s := range m.text {
		switch {
		case m.lib == "testscript" && !strings.HasPrefix(s, "FAIL: ") && i < len(m.text)-1:
			continue
		case s == "" || s == "error:":
			continue
		case m.lib == "gocheck" && i > 0 && !strings.HasPrefix(s, "..."):
			return clip(s, 200)
		case m.lib == "gocheck":
			continue
		}
		if inner := m.unwanted(i); inner != "" {
			return clip(inner, 200)
		}
		if strings.HasSuffix(s, "Expected") && len(m.text) > i+3 {
			return clip(strings.Join(m.text[i:i+4], " "), 200)
		}
		return clip(s, 200)
	}
	return ""
}

// message returns the whole message, clipped.
func (m *message) message() string { return clip(strings.TrimSpace(strings.Join(m.text, "\n")), 4000) }

// unwanted is the error that a matcher of gomega did not want, when line i begins with
// "Expected error:": it prints the value with its type first, and the text below.
func (m *message) unwanted(i int) string {
	if !strings.HasSuffix(m.text[i], "xpected error:") {
		return ""
	}
	for k := len(m.text) - 1; k > i+1; k-- {
		if s := m.text[k]; (s == "not to have occurred" || s == "occurred") && m.text[k-1] != "" && !strings.HasSuffix(m.text[k-1], "}") {
			return m.text[k-1]
		}
	}
	return ""
}
