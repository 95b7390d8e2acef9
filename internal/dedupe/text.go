// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package dedupe

import (
	"strings"
	"unicode"
)

// maxTokens bounds the texts that are compared: the beginning of the evidence
// tells what failed.
const maxTokens = 400

// text is a text as the words in it that stay the same between runs.
type text []string

// newText splits a text into lower-case words. Numbers, addresses, durations and
// hashes are left out, and so are time stamps, which are made of numbers.
func newText(s string) text {
	var t text
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		if len(w) < 2 || varies(w) {
			continue
		}
		t = append(t, strings.ToLower(w))
		if len(t) == maxTokens {
			break
		}
	}
	return t
}

// varies reports whether a word is a number, an address, a hash or a duration.
func varies(w string) bool {
	digits, hex, letters := 0, 0, 0
	for _, r := range w {
		switch {
		case '0' <= r && r <= '9':
			digits++
			hex++
		case 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F':
			hex++
			letters++
		default:
			letters++
		}
	}
	switch {
	case digits == 0:
		return false
	case letters <= 2: // 12, 0x1f is 0 x1f, 3s, 15ms, T12
		return true
	}
	return hex == len(w) && len(w) >= 6 || strings.HasPrefix(w, "0x") || digits*2 > len(w)
}

// alike says how alike two texts are, from 0 to 1: the share of words that stay
// when one is edited into the other. A text that is part of a much longer one,
// as evidence is of an issue, is compared with the best part of it.
//
// The edit distance takes time that grows with the product of the lengths, so
// pairs that cannot come near are left out by a count of pairs of words: k edits
// change at most 2k of them (Ukkonen 1992, "Approximate string-matching with
// q-grams and maximal matches", lemma for q = 2).
func (t text) alike(other text) float64 {
	short, long := t, other
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) == 0 {
		return 0
	}
	if len(long) > 2*len(short) {
		if len(t) > len(other) {
			return 0 // the candidate is much shorter than the failure: it shows too little
		}
		long = long.part(short)
	}
	n := max(len(short), len(long))
	const least = 0.5 // below, nobody asks how far below
	limit := int(float64(n) * (1 - least))
	if shared(short, long) < n-1-2*limit {
		return 0
	}
	d := distance(short, long, limit)
	if d > limit {
		return 0
	}
	return 1 - float64(d)/float64(n)
}

// part gives the stretch of t, as long as u, that shares the most words with u.
func (t text) part(u text) text {
	want := map[string]int{}
	for _, w := range u {
		want[w]++
	}
	best, at, have := -1, 0, 0
	seen := map[string]int{}
	for i, w := range t {
		if seen[w]++; seen[w] <= want[w] {
			have++
		}
		if i >= len(u) {
			old := t[i-len(u)]
			if seen[old] <= want[old] {
				have--
			}
			seen[old]--
		}
		if i >= len(u)-1 && have > best {
			best, at = have, i-len(u)+1
		}
	}
	return t[at:min(at+len(u), len(t))]
}

// shared counts the pairs of neighbouring words that both texts have.
func shared(a, b text) int {
	count := map[[2]string]int{}
	for i := range len(a) - 1 {
		count[[2]string{a[i], a[i+1]}]++
	}
	n := 0
	for i := range len(b) - 1 {
		pair := [2]string{b[i], b[i+1]}
		if count[pair] > 0 {
			count[pair]--
			n++
		}
	}
	return n
}

// distance is the Levenshtein distance in words, or limit+1 if it is longer. Only
// the band of the table within limit of the diagonal is computed.
func distance(a, b text, limit int) int {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > limit {
		return limit + 1
	}
	far := limit + 1
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = min(j, far)
	}
	for i := 1; i <= len(a); i++ {
		from, to := max(1, i-limit), min(len(b), i+limit)
		diagonal := row[from-1]
		if from == 1 {
			row[0] = min(i, far)
		} else {
			row[from-1] = far
		}
		best := row[from-1]
		for j := from; j <= to; j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			up := far
			if j < i+limit || i == 1 {
				up = row[j] + 1
			}
			diagonal = row[j]
			row[j] = min(cost, up, row[j-1]+1, far)
			best = min(best, row[j])
		}
		if best > limit {
			return far
		}
	}
	return row[len(b)]
}
