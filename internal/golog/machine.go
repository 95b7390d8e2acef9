// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/culprit-ci/culprit"
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
	// Format is what the log is known to be, one of [Formats]; "" and "auto"
	// look at the bytes.
	Format string
	// OnTest is called when a run of a test has ended and its output is known;
	// p.Path is empty where plain text has not told it yet. OnPackage is called
	// when the run of a package has ended, with the log so far. What they are given
	// is theirs to read until they return.
	OnTest    func(p *Package, t *Test, status culprit.Status)
	OnPackage func(l *Log, p *Package)
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
	maxFailed      = 5_000 // packages that did not pass
	maxReports     = 500
	fewReports     = 20 // are kept whatever the budget
	maxMarks       = 64 // of one package
	maxAllMarks    = 10_000
	maxOpen        = 2_000 // packages whose events are mixed
)

// Read reads a log to its end. It fails only when r fails or ctx ends, or when
// opts.Format is none; anything in the bytes is tolerated.
func Read(ctx context.Context, r io.Reader, opts Options) (*Log, error) {
	if opts.MaxLine <= 0 {
		opts.MaxLine = defaultMaxLine
	}
	if opts.MaxKept <= 0 {
		opts.MaxKept = defaultMaxKept
	}
	m := newMachine(opts)
	if err := m.force(opts.Format); err != nil {
		return nil, err
	}
	sum := newDigest()
	defer sum.close()
	in := newLineReader(ctx, r, sum, opts.MaxLine, opts.Progress)
	m.ahead = func() []byte { return in.buf[in.pos:in.n] }
	for {
		l, ok := in.next()
		if !ok {
			break
		}
		m.line(l, in.name)
	}
	if in.err != nil && in.err != io.EOF {
		return nil, in.err
	}
	m.end()
	log := m.log
	log.Ref.Bytes, log.Ref.Lines = in.off, in.no
	log.Ref.SHA256 = sum.hex()
	log.Ref.Format, log.Ref.Wrapper = m.format(), m.wrapper(in.no)
	log.Job = m.header.job
	return log, nil
}

// machine is the line machine: it strips wrappers, tells events from text, and
// hands each line to the stream of its package.
type machine struct {
	log        *Log
	opts       Options
	kept       int // bytes of output kept
	tests      int
	pool       []*Text
	spare      []*Test
	spareList  []*Test
	indexes    []*nameIndex
	names      strings.Builder
	scratch    []byte // the line without escapes
	frame      frame
	outScratch []byte // the output of an event without escapes
	events     eventReader
	header     header
	wrap       wrapping
	ahead      func() []byte // what was read and is to come
	only       string        // the format that was forced
	root       *lane
	lanes      []*lane
	sections   map[string]*lane
	section    string
	joined     int // jobs that stand one after the other
	reports    int
	marks      int
	failed     int  // packages that did not pass
	open       int  // packages of events that have not ended
	xmlFirst   bool // the log begins with a JUnit file
	rows       []markRow
	job        *jobTable
	words      [256][]string // see noteWords
	notes      int64         // notes beyond maxNotes

	jsonLines, textFrames, gotestsum, junit, nul int64
}

func newMachine(opts Options) *machine {
	m := &machine{log: &Log{}, opts: opts, rows: markRows(), job: newJobTable(), words: noteWords(), sections: map[string]*lane{}}
	m.root = m.newLane("")
	return m
}

func (m *machine) line(l rawLine, section string) {
	if section != m.section {
		m.enter(section)
	}
	data := trimCR(l.data)
	if l.odd {
		data = m.plain(data)
	}
	if l.no == 1 {
		data = bytes.TrimPrefix(data, bom)
	}
	if len(data) == 0 {
		m.root.line(l, data)
		return
	}
	ln := m.root
	if m.mayWrap(l, data) && !m.wrap.off {
		if data[0] == 0xef && bytes.HasPrefix(data, bom) {
			data = data[len(bom):]
			if n, _ := rfc3339(data); n > 0 && l.no > 1 {
				ln = m.nextJob()
			}
		}
		var c cutResult
		data, ln, c = m.unwrap(ln, data)
		if c.kind == wrapGitLab || c.kind == wrapCRI {
			ln.join(l, data, c)
			return
		}
	}
	if c := data0(data); c == '-' || c == ' ' || m.wrap.excerpt {
		var drop bool
		if ln, data, drop = m.inExcerpt(ln, l, data); drop {
			return
		}
	}
	ln.line(l, data)
}

func data0(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// plain counts a NUL and removes escapes.
func (m *machine) plain(data []byte) []byte {
	if bytes.IndexByte(data, 0) >= 0 {
		m.nul++
	}
	if bytes.Contains(data, []byte("\x1b_bk;t=")) {
		m.wrap.signs[signBuildkite]++
	}
	data, m.scratch = clean(data, m.scratch)
	return data
}

// enter goes on with another text of an archive.
func (m *machine) enter(section string) {
	m.section = section
	ln := m.sections[section]
	if ln == nil {
		if len(m.lanes) >= maxLanes {
			return
		}
		ln = m.newLane(cutName([]byte(section)))
		m.sections[section] = ln
	}
	m.root = ln
}

// nextJob starts the lane of another job: each raw log of GitHub Actions begins
// with a byte order mark, so one in the middle tells that logs were joined.
func (m *machine) nextJob() *lane {
	m.joined++
	if len(m.lanes) < maxLanes {
		m.root = m.newLane(fmt.Sprintf("job %d", m.joined+1))
	}
	return m.root
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
	for i := 0; i < len(m.lanes); i++ {
		m.lanes[i].end()
	}
	m.orderNotes()
	m.log.Binary = m.nul > 0 && m.jsonLines == 0 && m.textFrames == 0 && m.reports == 0 && m.junit == 0
}
