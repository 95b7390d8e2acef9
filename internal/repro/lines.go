// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"sort"
	"strings"
	"unicode"

	"github.com/aymanbagabas/go-udiff"
)

// Change is a changed tree seen from the original one.
type Change struct {
	Files   Files
	forward map[string][]int // file to: line of the original (from 1) to line of the change
	back    map[string][]int
	touched map[string]map[int]bool // lines of the original that are changed
	added   map[string]map[int]bool // lines of the change that the original does not have
}

// NewChange compares files with those of the sandbox. A file that the tree does
// not have is new.
func (s *Sandbox) NewChange(files Files) *Change {
	c := &Change{Files: files, forward: map[string][]int{}, back: map[string][]int{}, touched: map[string]map[int]bool{}, added: map[string]map[int]bool{}}
	for rel, after := range files {
		before, err := s.Read(nil, rel)
		if err != nil {
			c.added[rel] = touched(string(after), "")
			continue
		}
		c.added[rel] = touched(string(after), string(before))
		c.forward[rel] = lineMap(string(before), string(after))
		c.touched[rel] = touched(string(before), string(after))
		c.back[rel] = lineMap(string(after), string(before))
	}
	return c
}

// To gives the line of the change for a line of the original.
func (c *Change) To(file string, line int) int { return lookup(c.forward[file], line) }

// From gives the line of the original for a line of the change.
func (c *Change) From(file string, line int) int { return lookup(c.back[file], line) }

func lookup(lines []int, line int) int {
	if line > 0 && line < len(lines) {
		return lines[line]
	}
	return line
}

// lineMap maps each line of a text to that of a changed one. A line that was
// replaced by several goes to the one that shares most words with it.
func lineMap(before, after string) []int {
	old, now := strings.Split(before, "\n"), strings.Split(after, "\n")
	oldAt := starts(old)
	m := make([]int, len(old)+1)
	edits := udiff.Lines(before, after)
	udiff.SortEdits(edits)
	shift, next := 0, 1 // what an unchanged line moves by; the next line to map
	for _, e := range edits {
		first, end := lineAt(oldAt, e.Start), lineAt(oldAt, e.End)
		for ; next < first; next++ {
			m[next] = next + shift
		}
		n := strings.Count(e.New, "\n")
		from := first + shift
		for ; next < end; next++ {
			m[next] = alike(old[next-1], now, from, min(from+n, len(now)+1))
		}
		shift += n - (end - first)
	}
	for ; next <= len(old); next++ {
		m[next] = next + shift
	}
	return m
}

// starts are the byte offsets of lines.
func starts(lines []string) []int {
	at, off := make([]int, len(lines)), 0
	for i, l := range lines {
		at[i] = off
		off += len(l) + 1
	}
	return at
}

// lineAt is the line, from 1, that begins at or holds a byte offset.
func lineAt(at []int, off int) int {
	return sort.Search(len(at), func(i int) bool { return at[i] > off })
}

// alike is the line among now[from:end] (from 1) that shares most words with
// line; the first one where none does.
func alike(line string, now []string, from, end int) int {
	words := map[string]bool{}
	for _, w := range fields(line) {
		words[w] = true
	}
	best, most := from, 0
	for i := from; i < end; i++ {
		n := 0
		for _, w := range fields(now[i-1]) {
			if words[w] {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

func fields(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

// Touches reports whether the change alters a line of the original.
func (c *Change) Touches(file string, line int) bool { return c.touched[file][line] }

// Wrote reports whether a line of the changed tree is the change's own.
func (c *Change) Wrote(file string, line int) bool { return c.added[file][line] }

// touched are the lines of before that after does not have any more.
func touched(before, after string) map[int]bool {
	at, lines := starts(strings.Split(before, "\n")), map[int]bool{}
	for _, e := range udiff.Lines(before, after) {
		for l := lineAt(at, e.Start); l < lineAt(at, e.End); l++ {
			lines[l] = true
		}
	}
	return lines
}
