// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "slices"

// Line is one line of the raw log.
type Line struct {
	// No counts from 1. 0 means that there is no such line.
	No int64
	// Start and End are the half-open byte range in the raw input, line end
	// included.
	Start, End int64
	// Text is the line without wrapper, colours and line end.
	Text string
}

// Text is output, capped: the first lines and the last lines are kept, and the
// number of lines between them.
type Text struct {
	head, prev, cur block
	dropped         int64
	limit           int // bytes of head; prev and cur hold half of that each
}

// block is a run of consecutive lines.
type block struct {
	data  []byte
	lines []lineRef
}

type lineRef struct {
	no, start, end int64
	from, to       int32
}

// refSize is what a kept line costs beyond its bytes.
const refSize = 32

func (b *block) size() int { return len(b.data) + refSize*len(b.lines) }

func (b *block) add(l rawLine, text []byte) {
	from := len(b.data)
	b.data = append(b.data, text...)
	b.lines = append(b.lines, lineRef{l.no, l.start, l.end, int32(from), int32(len(b.data))})
}

func (b *block) reset() { b.data, b.lines = b.data[:0], b.lines[:0] }

func (b *block) appendTo(out []Line) []Line {
	all := string(b.data)
	for _, r := range b.lines {
		out = append(out, Line{r.no, r.start, r.end, all[r.from:r.to]})
	}
	return out
}

// Lines returns the kept lines in order.
func (t *Text) Lines() []Line {
	if t == nil {
		return nil
	}
	out := t.head.appendTo(nil)
	out = t.prev.appendTo(out)
	return t.cur.appendTo(out)
}

// Dropped returns how many lines are missing, and after how many kept lines.
func (t *Text) Dropped() (lines int64, after int) {
	if t == nil {
		return 0, 0
	}
	return t.dropped, len(t.head.lines)
}

// Empty reports whether no line was ever added.
func (t *Text) Empty() bool {
	return t == nil || len(t.head.lines) == 0 && t.dropped == 0 && len(t.cur.lines) == 0
}

func (t *Text) size() int {
	if t == nil {
		return 0
	}
	return t.head.size() + t.prev.size() + t.cur.size()
}

// add appends a line and returns by how much the kept size changed. A line
// longer than a quarter of the limit is cut.
func (t *Text) add(l rawLine, text []byte) int {
	before := t.size()
	if m := t.limit / 4; len(text) > m {
		text = append(slices.Clip(text[:m]), " … (line cut)"...)
	}
	switch {
	case len(t.prev.lines) == 0 && len(t.cur.lines) == 0 && t.head.size()+len(text)+refSize <= t.limit:
		t.head.add(l, text)
	default:
		if t.cur.size()+len(text)+refSize > t.limit/2 {
			t.dropped += int64(len(t.prev.lines))
			t.prev, t.cur = t.cur, t.prev
			t.cur.reset()
		}
		t.cur.add(l, text)
	}
	return t.size() - before
}

func (t *Text) reset(limit int) {
	t.head.reset()
	t.prev.reset()
	t.cur.reset()
	t.dropped, t.limit = 0, limit
}
