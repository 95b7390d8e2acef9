// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"unicode"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// plain makes hostile text fit for one line: no control characters, no
// characters that reorder or hide text (Unicode bidi and format characters, see
// trojansource.codes), white space folded.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// block is like plain for text of several lines.
func block(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.Map(func(r rune) rune {
			switch {
			case r == '\t':
				return r
			case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
				return -1
			}
			return r
		}, strings.ToValidUTF8(l, "\uFFFD")), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// code puts hostile text into a Markdown code span, in which neither HTML nor
// mentions nor references mean anything. The delimiter is longer than any run
// of backticks inside; a pipe is escaped for tables by the caller.
func code(s string) string {
	s = plain(s)
	if s == "" {
		return "–"
	}
	d := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return d + s + d
}

// fence puts hostile text of several lines into a fenced block.
func fence(s, info string) string {
	s = block(s)
	d := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	return d + info + "\n" + s + "\n" + d + "\n"
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

var (
	special = lazyre.New("[\\\\`*_{}\\[\\]<>()#+!|~&$^=:-]")
	// mention matches what GitHub turns into a notification or a reference, and
	// what it turns into a link.
	mention = lazyre.New(`(?i)(@)(\w)|(#)(\d)|(GH)(-\d)|(https?|ftp)(://)|(www)(\.)|(\w@\w)`)
)

// prose makes hostile text part of a Markdown sentence: punctuation is escaped,
// and mentions, references and bare links are broken up by an empty comment,
// which is not displayed and separates the text nodes that GitHub looks at.
func prose(s string) string {
	s = plain(s)
	var b strings.Builder
	for s != "" {
		m := mention.FindStringSubmatchIndex(s)
		if m == nil {
			b.WriteString(special.ReplaceAllString(s, `\$0`))
			break
		}
		cut := m[0] + 1
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] == m[0] && m[g+1] < m[1] {
				cut = m[g+1]
			}
		}
		b.WriteString(special.ReplaceAllString(s[:cut], `\$0`))
		b.WriteString("<!-- -->")
		s = s[cut:]
	}
	return b.String()
}

// cell is prose or code for a table, where a pipe would end the cell even in a
// code span.
func cell(s string) string {
	return strings.ReplaceAll(s, "|", `\|`)
}
