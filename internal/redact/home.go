// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// roots are the folders that hold home folders, in lower case.
var roots = [4]string{"/home/", "/users/", `\users\`, `\\users\\`}

// shorten replaces the home folder of a person by "~": /home/NAME, /Users/NAME
// and C:\Users\NAME, the last also with doubled or forward slashes. Only a
// folder with something below it counts. lower is lowered(s).
func shorten(s, lower string) string {
	var b strings.Builder
	end := 0
	find := newFinder(lower)
	for at := 0; at < len(s); {
		i, root := find.from(at)
		if i < 0 {
			break
		}
		from, name := i, i+len(root)
		at = name
		if i < end {
			continue
		}
		if to := nameEnd(s, name); to > name && !services[lower[name:to]] {
			if from = start(s, i, root); from >= end {
				b.WriteString(s[end:from])
				b.WriteByte('~')
				end, at = to, to
			}
		}
	}
	if end == 0 {
		return s
	}
	b.WriteString(s[end:])
	return b.String()
}

// finder gives the places of all roots in order. Each root is searched for once
// over the whole text, so that the work stays linear.
type finder struct {
	lower string
	next  [4]int // the next place of each root at or after what was asked last, -1 for none
}

func newFinder(lower string) *finder {
	f := &finder{lower: lower}
	for k, root := range roots {
		f.next[k] = strings.Index(lower, root)
	}
	return f
}

func (f *finder) from(at int) (int, string) {
	best, which := -1, ""
	for k, root := range roots {
		if f.next[k] >= 0 && f.next[k] < at {
			i := strings.Index(f.lower[at:], root)
			if i >= 0 {
				i += at
			}
			f.next[k] = i
		}
		if i := f.next[k]; i >= 0 && (best < 0 || i < best) {
			best, which = i, root
		}
	}
	return best, which
}

// start gives where the path begins whose home folder root is at i, or -1 when
// the root is in the middle of another path or of an address.
func start(s string, i int, root string) int {
	if i >= 2 && s[i-1] == ':' && isLetter(s[i-2]) && (i == 2 || !isLetter(s[i-3])) && root != "/home/" {
		return i - 2 // a drive
	}
	if root[0] == '\\' {
		return -1
	}
	if before := s[:i]; strings.HasSuffix(before, "/export") {
		return i - len("/export")
	} else if i == 0 || strings.HasSuffix(before, "file://") || strings.HasSuffix(before, "-I") || strings.HasSuffix(before, "-L") {
		return i
	}
	if c := s[i-1]; isLetter(c) || '0' <= c && c <= '9' || strings.IndexByte("_.~/\\-", c) >= 0 || c >= 0x80 {
		return -1
	}
	return i
}

// nameEnd gives where a user's name ends that starts at i: before a slash. It is
// i when there is no name with a slash after it.
func nameEnd(s string, i int) int {
	for j := i; j < len(s) && j-i <= 64; j++ {
		switch c := s[j]; {
		case c == '/' || c == '\\':
			return j
		case isLetter(c) || '0' <= c && c <= '9' || strings.IndexByte("._@+- ", c) >= 0 || c >= 0x80:
			if c == ' ' && (j+1 == len(s) || s[j+1] < 'A' || s[j+1] > 'Z') {
				return i // a blank ends a path, except before a family name
			}
		default:
			return i
		}
	}
	return i
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
