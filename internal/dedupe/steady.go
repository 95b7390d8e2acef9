// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"strings"
	"unicode"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

var (
	// uuids are written in groups, some of which may look like words.
	uuids = lazyre.New(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`)
	// temps is the folder of temporary files of macOS; the random names below it are
	// numbers, as everywhere.
	temps = lazyre.New(`(?:/private)?/var/folders/[^/\s]+/[^/\s]+/T\b`)
	// longNumbers in a word are a process, a port or a clock, not a part of a name.
	longNumbers = lazyre.New(`[0-9]{4,}`)
	// several are values in a row, of which there may be more or fewer next time.
	several = lazyre.New(`\bN(?:[\s,.]+N\b)+`)
)

// steady makes of a text what stays the same between runs: a number, address, hash,
// identifier or duration becomes N, and a list of them one N. Words and signs stay:
// "a != b" is another check than "a == b".
func steady(s string) string {
	s = uuids.ReplaceAllString(s, "N")
	s = temps.ReplaceAllString(s, "/tmp")
	var b strings.Builder
	start := -1
	word := func(end int) {
		if start < 0 {
			return
		}
		b.WriteString(steadyWord(s[start:end]))
		start = -1
	}
	for i, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' {
			if start < 0 {
				start = i
			}
			continue
		}
		word(i)
		b.WriteRune(r)
	}
	word(len(s))
	return several.ReplaceAllString(strings.Join(strings.Fields(b.String()), " "), "N")
}

// steadyWord keeps names with a number in them, as "utf8", "TestA1" or "node3".
func steadyWord(w string) string {
	digits, hex := 0, 0
	for i := range len(w) {
		switch c := w[i]; {
		case '0' <= c && c <= '9':
			digits++
			hex++
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			hex++
		}
	}
	switch {
	case digits == 0:
		return w
	case '0' <= w[0] && w[0] <= '9', hex == len(w) && len(w) >= 6, random(w):
		return "N"
	}
	return longNumbers.ReplaceAllString(w, "N")
}

// random reports whether a word was drawn: letters and digits change places in it
// more often than in any name.
func random(w string) bool {
	if len(w) < 8 {
		return false
	}
	switches := 0
	for i := 1; i < len(w); i++ {
		if ('0' <= w[i] && w[i] <= '9') != ('0' <= w[i-1] && w[i-1] <= '9') {
			switches++
		}
	}
	return switches >= 4
}

// cut takes the beginning of a text.
func cut(s string, n int) string { return s[:min(n, len(s))] }
