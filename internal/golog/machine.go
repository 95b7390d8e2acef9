// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
)

// Options bound and observe a [Read]. The zero value is ready to use.
type Options struct {
	// Progress is called with the number of bytes read so far, about once per
	// 256 KiB; nil means no calls.
	Progress func(bytesRead int64)
	// MaxLine is how many bytes of a line are looked at; 0 means 256 KiB.
	MaxLine int
	// MaxKept bounds the bytes of output kept in all; 0 means 24 MiB.
	MaxKept int
}

// Bounds of what is kept, so that a log of any size stays under 64 MiB.
const (
	defaultMaxLine = 256 << 10
	defaultMaxKept = 24 << 20
	testOutput     = 24 << 10 // head of one test's output; as much again as tail
	packageOutput  = 32 << 10
	smallOutput    = 2 << 10 // once three quarters of the budget are spent
	maxTests       = 100_000
	maxPackages    = 20_000
	maxReports     = 500
	maxMarks       = 64
)

// Read reads a log to its end. It fails only when r fails or ctx ends;
// anything in the bytes is tolerated.
func Read(ctx context.Context, r io.Reader, opts Options) (*Log, error) {
	if opts.MaxLine <= 0 {
		opts.MaxLine = defaultMaxLine
	}
	if opts.MaxKept <= 0 {
		opts.MaxKept = defaultMaxKept
	}
	h := sha256.New()
	in := newLineReader(ctx, r, h, opts.MaxLine, opts.Progress)
	m := newMachine(opts)
	for {
		l, ok := in.next()
		if !ok {
			break
		}
		m.line(l)
	}
	if in.err != nil && in.err != io.EOF {
		return nil, in.err
	}
	m.end()
	log := m.log
	log.Ref.Bytes, log.Ref.Lines = in.off, in.no
	log.Ref.SHA256 = hex.EncodeToString(h.Sum(nil))
	log.Ref.Format, log.Ref.Wrapper = m.format(), m.wrapper()
	log.Job = m.header.job
	return log, nil
}

// machine is the line machine: it strips the wrapper, tells events from text,
// and hands each line to the stream of its package.
type machine struct {
	log     *Log
	opts    Options
	kept    int // bytes of output kept
	tests   int
	pool    []*Text
	scratch []byte
	events  eventReader
	header  header
	streams map[string]*stream // by package, events only
	lastPkg *stream
	text    *stream // the package that plain text is telling about
	build   *Build  // the build that plain text is telling about
	builds  map[string]*Build

	jsonLines, textFrames, stamped, gotestsum, nul int64
	base                                           int  // indentation that a paste added
	flush                                          bool // a framing line without indentation was seen
	lastText                                       frameKind
	reports                                        int
	rows                                           []markRow
	job                                            *jobTable
	words                                          [256][]string // see noteWords
	notes                                          int64         // notes beyond maxNotes
}

func newMachine(opts Options) *machine {
	m := &machine{log: &Log{}, opts: opts, streams: map[string]*stream{}, builds: map[string]*Build{}, rows: markRows(), job: newJobTable(), words: noteWords()}
	m.text = m.newStream(&Package{})
	return m
}

func (m *machine) line(l rawLine) {
	data := l.data
	if l.no == 1 {
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	if bytes.IndexByte(data, 0) >= 0 {
		m.nul++
	}
	if len(data) > stampLen-1 && data[0] >= '0' && data[0] <= '9' {
		rest, stamp := cutStamp(data)
		if stamp != nil {
			m.stamped++
			m.header.stamp(stamp)
			data = bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf"))
		}
	}
	if len(data) > 1 && data[0] == '{' && data[1] == '"' && m.event(l, bytes.TrimRight(data, "\r")) {
		return
	}
	var text []byte
	text, m.scratch = clean(data, m.scratch)
	m.textLine(l, text)
}

// event handles a test2json event; false means that the line is none.
func (m *machine) event(l rawLine, data []byte) bool {
	// A test may print events as text: while a text test runs they are output.
	if m.jsonLines == 0 && m.text.cur != nil && m.text.cur.running {
		return false
	}
	ev, ok := m.events.parse(data)
	if !ok {
		return false
	}
	m.jsonLines++
	if len(ev.importPath) > 0 && len(ev.pkg) == 0 {
		m.buildEvent(l, ev)
		return true
	}
	s := m.lastPkg
	if s == nil || s.closed || s.pkg.Path != string(ev.pkg) {
		s = m.streams[string(ev.pkg)]
		if s == nil {
			s = m.newStream(&Package{Path: string(ev.pkg), JSON: true, Started: l.line(nil)})
			m.streams[s.pkg.Path] = s
		}
		m.lastPkg = s
	}
	s.event(l, ev)
	return true
}

func (m *machine) buildEvent(l rawLine, ev event) {
	b := m.buildOf(ev.importPath)
	if string(ev.action) == "build-fail" {
		b.Failed = true
		return
	}
	out := bytes.TrimSuffix(ev.output, []byte("\n"))
	if ev.hasOutput && len(out) > 0 {
		m.add(b.Output, l, out)
	}
}

func (m *machine) buildOf(path []byte) *Build {
	b := m.builds[string(path)]
	if b == nil {
		b = &Build{ImportPath: string(path), Output: m.newText(packageOutput)}
		if len(m.builds) < maxPackages {
			m.builds[b.ImportPath] = b
			m.log.Builds = append(m.log.Builds, b)
		}
	}
	return b
}

// textLine handles a line that is not an event.
func (m *machine) textLine(l rawLine, text []byte) {
	m.header.line(text)
	indent := 0
	if len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		indent = indentOf(text)
	}
	if m.base > 0 && indent > 0 {
		cut := min(indent, m.base)
		text, indent = text[cut:], indent-cut
	}
	f := parseFrame(text)
	if indent > 0 && f.kind == frameNone {
		f = m.pasted(text, indent)
	} else if f.kind != frameNone && f.indent == 0 {
		m.flush = true
	}
	if f.kind == frameNone {
		f = resultInside(text)
	}
	if m.jobMark(l, text) {
		return
	}
	m.text.textLine(l, text, f)
	m.lastText = f.kind
}

// pasted recognises a framing line that a paste indented, and remembers by how
// much. Once a framing line stood at the margin, indented ones are quotations.
func (m *machine) pasted(text []byte, indent int) frame {
	if m.flush {
		return frame{}
	}
	f := parseFrame(text[indent:])
	if f.kind == frameRun && f.start || f.kind == framePackage && f.status != 's' {
		m.base += indent
		f.indent = 0
		return f
	}
	return frame{}
}

func (m *machine) newText(limit int) *Text {
	if m.kept > m.opts.MaxKept/4*3 {
		limit = min(limit, smallOutput)
	}
	if n := len(m.pool); n > 0 {
		t := m.pool[n-1]
		m.pool = m.pool[:n-1]
		t.reset(limit)
		return t
	}
	return &Text{limit: limit}
}

// release takes back output that nobody needs.
func (m *machine) release(t *Text) {
	if t == nil {
		return
	}
	m.kept -= t.size()
	if len(m.pool) < 16 {
		m.pool = append(m.pool, t)
	}
}

func (m *machine) add(t *Text, l rawLine, text []byte) {
	if m.kept > m.opts.MaxKept {
		t.dropped++
		return
	}
	m.kept += t.add(l, text)
}

// end closes what is still open, in the order in which it began.
func (m *machine) end() {
	m.text.end()
	open := make([]*stream, 0, len(m.streams))
	for _, s := range m.streams {
		if !s.closed {
			open = append(open, s)
		}
	}
	slices.SortFunc(open, func(a, b *stream) int { return int(a.pkg.Started.No - b.pkg.Started.No) })
	for _, s := range open {
		s.end()
	}
	m.orderNotes()
	m.log.Binary = m.nul > 0 && m.jsonLines == 0 && m.textFrames == 0 && m.reports == 0
}

func (m *machine) format() string {
	switch {
	case m.jsonLines > 0 && m.textFrames > 0:
		return "mixed"
	case m.jsonLines > 0:
		return "test2json"
	case m.gotestsum > 0:
		return "gotestsum"
	case m.textFrames > 0 || m.reports > 0:
		return "go-test"
	}
	return ""
}

func (m *machine) wrapper() string {
	if m.stamped > 0 && m.stamped*2 >= m.header.lines {
		return "github-actions"
	}
	return "none"
}
