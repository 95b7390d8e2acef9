// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit/internal/golog"
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
		text := strings.TrimSpace(ls[i].Text)
		rest, ok := strings.CutPrefix(text, "[FAILED] ")
		old := !ok && (strings.HasPrefix(text, "• Failure [") || strings.HasPrefix(text, "• Failure in Spec "))
		if !ok && !old || ok && strings.HasPrefix(rest, "[") {
			continue
		}
		m := &message{lib: "ginkgo"}
		if ok {
			m.lines, m.text = append(m.lines, ls[i]), append(m.text, rest)
		}
		from := i + 1
		for j := from; j < len(ls) && j < from+maxBlock; j++ {
			s := strings.TrimSpace(ls[j].Text)
			if b := bare.FindStringSubmatch(ls[j].Text); b != nil && (strings.Contains(s, "at: ") || old && len(m.text) > 0 && i != j && hasMessage(m.text)) {
				m.file = b[1]
				m.line, _ = strconv.Atoi(b[2])
				i = j
				break
			}
			if strings.HasPrefix(s, "[FAILED] ") || strings.HasPrefix(s, "•") || strings.HasPrefix(s, "------------------------------") {
				i = j - 1
				break
			}
			m.lines, m.text = append(m.lines, ls[j]), append(m.text, s)
			i = j
		}
		if old {
			m.dropNames()
		}
		key := m.file + ":" + strconv.Itoa(m.line) + strings.Join(m.text, "\n")
		if m.file == "" || len(m.text) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		m.score = 2
		out = append(out, m)
	}
	return out
}

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
