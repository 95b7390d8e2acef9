// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// pairs are how plain messages tell what was expected from what there was. The
// first group is the actual value unless swapped.
var pairs = []struct {
	re      *lazyre.Regexp
	swapped bool
}{
	{lazyre.New(`(?i)\bgot:?\s+(.+?)[,;]?\s+(?:but )?(?:want|wanted|expected|expecting|expect):?\s+(.+)$`), false},
	{lazyre.New(`(?i)\b(?:expected|want|wanted|expecting|expect):?\s+(.+?)[,;]?\s+(?:but )?(?:got|actual|was|found|received|have|obtained):?\s+(.+)$`), true},
	{lazyre.New(`(?i)\bhave:?\s+(.+?)[,;]?\s+(?:want|expected):?\s+(.+)$`), false},
	{lazyre.New(`\s=\s(.+?)[,;]\s+want:?\s+(.+)$`), false},
	{lazyre.New(`^(?:assertion failed: )?(\S+(?: \([^)]*\))?) != (\S+(?: \([^)]*\))?)(?: // .*)?$`), false},
	{lazyre.New(`:\s(\S+) != (\S+)$`), false},
}

// labels are fields that stand on lines of their own, the value behind them or below.
var labels = map[string]bool{ // true: what was expected
	"expected": true, "want": true, "wanted": true, "exp": true,
	"actual": false, "got": false, "obtained": false, "have": false, "received": false,
}

// values finds the expected and the actual value of a block.
func (m *message) values() {
	if m.lib == "gomega" || m.lib == "ginkgo" {
		m.gomegaValues()
		return
	}
	m.labelled()
	if m.expect == "" && m.actual == "" {
		for _, s := range m.text {
			if m.pair(s) {
				break
			}
		}
	}
	m.diffValue()
	m.compares = m.compares || m.expect != "" && m.actual != "" || m.diff != ""
	if m.lib == "testify" {
		m.compares = comparison(m.testify())
	}
}

func (m *message) pair(s string) bool {
	if len(s) > 2000 {
		return false
	}
	for _, p := range pairs {
		v := p.re.FindStringSubmatch(s)
		if v == nil {
			continue
		}
		m.actual, m.expect = v[1], v[2]
		if p.swapped {
			m.actual, m.expect = v[2], v[1]
		}
		return true
	}
	return false
}

// labelled reads "expected: 1" and "actual  : 2", gocheck's "... obtained int = 1",
// and quicktest's values on the line below.
func (m *message) labelled() {
	for i, s := range m.text {
		s = strings.TrimSpace(strings.TrimPrefix(s, "Error:"))
		s = strings.TrimPrefix(s, "... ")
		name, value, ok := strings.Cut(s, ":")
		if !ok {
			name, value, ok = strings.Cut(s, " = ")
			name, _, _ = strings.Cut(name, " ")
		}
		expected, known := labels[strings.ToLower(strings.TrimSpace(name))]
		if !ok || !known {
			continue
		}
		value = strings.TrimSpace(value)
		if value == "" && i+1 < len(m.text) {
			value = m.text[i+1]
		}
		if expected && m.expect == "" {
			m.expect = clip(value, 1000)
		} else if !expected && m.actual == "" {
			m.actual = clip(value, 1000)
		}
	}
}

// gomegaValues reads "Expected\n <int>: 1\nto equal\n <int>: 2".
func (m *message) gomegaValues() {
	for i, s := range m.text {
		if !strings.HasSuffix(s, "Expected") || i+1 >= len(m.text) {
			continue
		}
		m.actual = value(m.text[i+1])
		for j := i + 2; j < len(m.text); j++ {
			if w, _, _ := strings.Cut(m.text[j], " "); w == "to" || w == "not" {
				m.expect = m.text[j]
				if j+1 < len(m.text) && strings.HasPrefix(m.text[j+1], "<") {
					m.expect += " " + value(m.text[j+1])
				}
				m.compares = true
				return
			}
		}
	}
}

// value drops gomega's type: "<int>: 1" is 1.
func value(s string) string {
	if _, v, ok := strings.Cut(s, ">: "); ok && strings.HasPrefix(s, "<") {
		return clip(v, 1000)
	}
	return clip(s, 1000)
}

// diffValue takes the lines of a difference.
func (m *message) diffValue() {
	var b strings.Builder
	signs := 0
	for i, l := range m.lines {
		s := strings.TrimLeft(l.Text, " \t")
		if i == 0 || s == "" || s[0] != '-' && s[0] != '+' && s[0] != '@' && signs == 0 {
			continue
		}
		if s[0] == '-' || s[0] == '+' {
			signs++
		}
		if b.Len() < 8000 {
			b.WriteString(s + "\n")
		}
	}
	if signs > 0 {
		m.diff = clip(b.String(), 8000)
	}
}

// testify returns the text of the "Error:" field, and notes the "Test:" field.
func (m *message) testify() string {
	out, in := "", false
	for _, s := range m.text {
		name, rest, ok := strings.Cut(s, ":")
		if ok {
			switch name {
			case "Error":
				out, in = strings.TrimSpace(rest), true
				continue
			case "Test":
				m.test = strings.TrimSpace(rest)
				in = false
				continue
			case "Error Trace":
				m.caller(strings.TrimSpace(rest))
				in = false
				continue
			case "Messages":
				in = false
				continue
			}
		}
		if in && (out == "" || strings.HasPrefix(out, "Received unexpected error") && !strings.Contains(out, ": ")) {
			out = strings.TrimSpace(strings.TrimSuffix(out, ":") + ": " + s)
			out = strings.TrimPrefix(out, ": ")
		}
	}
	return out
}

// caller takes the position from the first entry of testify's trace where the one
// before the message is in the library: testify up to 1.1 did not call t.Helper.
func (m *message) caller(entry string) {
	if c := traced.FindStringSubmatch(entry); c != nil && !strings.HasSuffix(m.file, "_test.go") {
		m.file = c[1]
		m.line, _ = strconv.Atoi(c[2])
	}
}

var traced = lazyre.New(`^(\S+_test\.go):(\d+)$`)

// comparison reports whether testify's error is about two values, in which case
// the words in them do not tell what happened.
func comparison(s string) bool {
	for _, p := range []string{"Received unexpected error", "Expected nil, but got", "An error is expected", "Condition ", "Expected value not to be nil", "Should be empty, but was", "Unexpected error"} {
		if strings.HasPrefix(s, p) {
			return strings.HasPrefix(s, "Should be empty") && !strings.Contains(s, "rror")
		}
	}
	return s != ""
}
