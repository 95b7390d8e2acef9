// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// specs reads the failed specs of a ginkgo suite, whose package has one test.
//
// Version 2 prints "[FAILED] message" and then "In [It] at: file:line"; version
// 1 prints "• Failure [0.001 seconds]", the names of the containers, the
// message, and the position on a line of its own. Each failure is printed again
// in the summary: one position with one message is one failure.
func specs(ls []golog.Line) []*message {
	var out []*message
	seen := map[string]bool{}
	for i := 0; i < len(ls) && len(out) < maxBlocks; i++ {
		m, end := spec(ls, i)
		if m == nil {
			continue
		}
		i = end
		key := m.file + ":" + strconv.Itoa(m.line) + strings.Join(m.text, "\n")
		if m.file == "" || len(m.text) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		m.score = 2
		out = append(out, m)
	}
	if len(out) == 0 {
		return summarized(ls)
	}
	return out
}

// summarized reads the failures out of the list at the end of a suite that failed,
// where it is all that is left: the name of a spec, and the position below it.
func summarized(ls []golog.Line) []*message {
	if !slices.ContainsFunc(ls, func(l golog.Line) bool { return strings.HasPrefix(strings.TrimSpace(l.Text), "FAIL! -- ") }) {
		return nil
	}
	var out []*message
	for i := 0; i+1 < len(ls) && len(out) < maxBlocks; i++ {
		s := strings.TrimSpace(ls[i].Text)
		mark, name, ok := strings.Cut(s, "] ")
		at := bare.FindStringSubmatch(ls[i+1].Text)
		if !ok || at == nil {
			continue
		}
		m := &message{lib: "ginkgo", file: at[1], lines: ls[i : i+2], text: []string{name}, score: 2}
		m.line, _ = strconv.Atoi(at[2])
		switch strings.ToUpper(mark) {
		case "[FAIL":
		case "[PANIC!", "[PANICKED!":
			m.text = []string{"Test Panicked", name}
		case "[TIMEDOUT":
			m.text = []string{"A spec timeout occurred", name}
		default:
			continue
		}
		out = append(out, m)
	}
	return out
}

// spec reads the failure that starts at line i, nil when none does.
func spec(ls []golog.Line, i int) (m *message, end int) {
	text := strings.TrimSpace(ls[i].Text)
	old := strings.HasPrefix(text, "• Failure [") || strings.HasPrefix(text, "• Failure in Spec ")
	first, panicked := "", false
	for _, p := range []string{"[FAILED] ", "[PANICKED] ", "[TIMEDOUT] "} {
		if strings.HasPrefix(text, "{") { // a JUnit message, as Prow shows it
			text = text[max(0, strings.Index(text, p)):]
		}
		if rest, ok := strings.CutPrefix(text, p); ok && !strings.HasPrefix(rest, "[") {
			first, panicked = rest, p == "[PANICKED] "
		}
	}
	if first == "" && !old {
		return nil, i
	}
	m = &message{lib: "ginkgo"}
	node, placed := false, false // version 1: the names have got to the spec, and to its position
	if first != "" {
		m.lines, m.text = append(m.lines, ls[i]), append(m.text, first)
	}
	for end = i; end+1 < len(ls) && end < i+maxBlock; end++ {
		l := ls[end+1]
		s := strings.TrimSpace(l.Text)
		b := bare.FindStringSubmatch(l.Text)
		if old && b != nil && node && (!placed || m.inner(l)) {
			placed = true
			m.lines, m.text = append(m.lines, l), append(m.text, s)
			continue
		}
		node = node || specNode.MatchString(s)
		if b != nil && m.file == "" && (strings.Contains(s, "at: ") || old && (placed || !node && hasMessage(m.text))) {
			m.file = b[1]
			m.line, _ = strconv.Atoi(b[2])
			if panicked {
				continue // the value comes below the position
			}
			end++
			break
		}
		if strings.HasPrefix(s, "[FAILED] ") || strings.HasPrefix(s, "[PANICKED] ") || strings.HasPrefix(s, "•") || strings.HasPrefix(s, "------------------------------") {
			break
		}
		m.lines, m.text = append(m.lines, l), append(m.text, s)
	}
	if old {
		m.dropNames()
		m.lines, m.text = append([]golog.Line{ls[i]}, m.lines...), append([]string{""}, m.text...)
	}
	return m, end
}

// inner reports whether the position l is one more container's or the spec's: where a
// node around it failed, the names go on below, each a level deeper and with its
// position right below it.
func (m *message) inner(l golog.Line) bool {
	n := len(m.lines)
	if n < 2 || m.text[n-1] == "" || !bare.MatchString(m.lines[n-2].Text) {
		return false
	}
	width := indentWidth(l.Text)
	return indentWidth(m.lines[n-1].Text) == width && indentWidth(m.lines[n-2].Text) < width
}

// specNode matches the line of version 1 that names the node which failed: what stands
// before the next position belongs to its name.
var specNode = lazyre.New(`\[(It|BeforeEach|AfterEach|JustBeforeEach|JustAfterEach|BeforeSuite|AfterSuite|Measurement)\]`)

// hasMessage reports whether version 1's text has got past the containers' names.
func hasMessage(text []string) bool {
	for _, s := range text {
		if failed.MatchString(s) || troubled.MatchString(s) || s == "Expected" {
			return true
		}
	}
	return false
}

// dropNames cuts the names and positions of containers off the front.
func (m *message) dropNames() {
	cut := 0
	for i, s := range m.text {
		if bare.MatchString(s) {
			cut = i + 1
		}
	}
	for cut < len(m.text)-1 && (m.text[cut] == "" || strings.HasPrefix(m.text[cut], "[")) {
		cut++
	}
	if cut < len(m.text) {
		m.text, m.lines = m.text[cut:], m.lines[cut:]
	}
}

// conveys reads goconvey's failures: "* /path/x_test.go", "Line 36:", the message.
func conveys(ls []golog.Line) []*message {
	var out []*message
	for i := 0; i+2 < len(ls) && len(out) < maxBlocks; i++ {
		file, ok := strings.CutPrefix(strings.TrimSpace(ls[i].Text), "* ")
		if !ok || !strings.HasSuffix(file, ".go") {
			continue
		}
		number, ok := strings.CutPrefix(strings.TrimSpace(ls[i+1].Text), "Line ")
		n, err := strconv.Atoi(strings.TrimSuffix(number, ":"))
		if !ok || err != nil {
			continue
		}
		m := &message{lib: "goconvey", file: file, line: n, lines: ls[i : i+2 : i+2]}
		for _, l := range ls[i+2:] {
			s := strings.TrimSpace(l.Text)
			if s == "" || len(m.lines) > maxBlock {
				break
			}
			m.lines, m.text = append(m.lines, l), append(m.text, s)
		}
		if len(m.text) > 0 {
			m.score = 2
			out = append(out, m)
		}
	}
	return out
}
