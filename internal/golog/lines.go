// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// rawLine is one line of the input. data is valid until the next call of next.
type rawLine struct {
	data           []byte // without the line feed; at most the reader's limit
	no, start, end int64
	cut            bool // data lacks bytes beyond the limit
	odd            bool // data may hold an escape, a 0x16 mark or a NUL
}

func (l rawLine) line(text []byte) Line { return Line{l.no, l.start, l.end, string(text)} }

// place makes a Line without text of l.
func (l rawLine) place(to *Line) { to.No, to.Start, to.End = l.no, l.start, l.end }

// lineReader cuts a stream into lines. A line longer than max keeps its first
// max bytes; the rest is counted and thrown away, so that one line of any
// length costs no memory.
type lineReader struct {
	ctx      context.Context
	r        io.Reader
	sum      *digest
	section  func() string // of the bytes that the last read gave; nil for one section
	name     string        // section of the lines that next returns
	progress func(int64)
	buf      []byte
	pos, n   int
	off      int64 // offset in the input of buf[pos]
	read     int64 // bytes taken from r
	no       int64
	max      int
	long     []byte
	odd      bool
	err      error // of r, io.EOF included
}

// Sectioned is a reader of several texts one after the other, such as the files
// of an archive. A Read never crosses from one into the next, each text ends with
// a line end, and Section names the text of the bytes that the last Read gave.
type Sectioned interface {
	io.Reader
	Section() string
}

func newLineReader(ctx context.Context, r io.Reader, sum *digest, max int, progress func(int64)) *lineReader {
	l := &lineReader{ctx: ctx, r: r, sum: sum, max: max, progress: progress, buf: make([]byte, max+256<<10)}
	if s, ok := r.(Sectioned); ok {
		l.section = s.Section
	}
	return l
}

// fill reads once more behind the unread bytes. It returns false at the end.
func (l *lineReader) fill() bool {
	if l.err != nil {
		return false
	}
	l.sum.wait()
	if l.pos > 0 {
		l.n = copy(l.buf, l.buf[l.pos:l.n])
		l.pos = 0
	}
	for empty := 0; ; empty++ {
		if l.err = l.ctx.Err(); l.err != nil {
			return false
		}
		m, err := l.r.Read(l.buf[l.n:])
		if m < 0 || m > len(l.buf)-l.n {
			l.err = errors.New("reader returned an impossible count")
			return false
		}
		if m == 0 && err == nil && empty > 100 {
			err = io.ErrNoProgress
		}
		fresh := l.buf[l.n : l.n+m]
		l.sum.write(fresh)
		rest := l.n
		l.n += m
		l.read += int64(m)
		l.err = err
		if m > 0 && l.progress != nil {
			l.progress(l.read)
		}
		if m == 0 && err == nil {
			continue
		}
		l.odd = isOdd(fresh) || rest > 0 && l.odd
		if m > 0 && l.section != nil {
			l.name = l.section()
		}
		return m > 0
	}
}

// isOdd reports whether a chunk holds a byte that needs a closer look: an
// escape, the mark of -test.v=test2json, or a NUL. Most logs hold none, and
// looking at a whole chunk costs next to nothing.
func isOdd(b []byte) bool {
	return bytes.IndexByte(b, 0x1b) >= 0 || bytes.IndexByte(b, 0x16) >= 0 || bytes.IndexByte(b, 0) >= 0
}

// next returns the next line, false at the end of the input or on an error.
func (l *lineReader) next() (rawLine, bool) {
	scanned := 0
	for {
		if i := bytes.IndexByte(l.buf[l.pos+scanned:l.n], '\n'); i >= 0 {
			return l.take(scanned+i, 1), true
		}
		scanned = l.n - l.pos
		if scanned >= l.max {
			return l.tooLong(), true
		}
		if !l.fill() {
			if l.n == l.pos || l.err != io.EOF {
				return rawLine{}, false
			}
			return l.take(l.n-l.pos, 0), true
		}
	}
}

func (l *lineReader) take(length, eol int) rawLine {
	l.no++
	line := rawLine{data: l.buf[l.pos : l.pos+length], no: l.no, start: l.off, end: l.off + int64(length+eol), odd: l.odd}
	if length > l.max {
		line.data, line.cut = line.data[:l.max], true
	}
	l.pos += length + eol
	l.off = line.end
	return line
}

func (l *lineReader) tooLong() rawLine {
	l.no++
	line := rawLine{no: l.no, start: l.off, cut: true, odd: true}
	l.long = append(l.long[:0], l.buf[l.pos:l.pos+l.max]...)
	line.data = l.long
	for {
		if i := bytes.IndexByte(l.buf[l.pos:l.n], '\n'); i >= 0 {
			l.off += int64(i + 1)
			l.pos += i + 1
			break
		}
		l.off += int64(l.n - l.pos)
		l.pos = l.n
		if !l.fill() {
			break
		}
	}
	line.end = l.off
	return line
}
