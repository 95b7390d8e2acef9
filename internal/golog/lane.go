// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"cmp"
	"slices"
)

// lane is one of the texts that a log holds interleaved or one after the other:
// a job, a step, a service, a branch. Most logs have one.
type lane struct {
	m       *machine
	name    string
	text    *stream            // the package that plain text is telling about
	spare   *stream            // to use again
	build   *Build             // the build that plain text is telling about
	streams map[string]*stream // by package, events only
	lastPkg *stream
	builds  map[string]*Build
	kids    map[string]*lane
	failed  map[string]*Package // the first failed run of each package

	packages   int
	goPackages int        // closed by a line of go test
	fails      []*Package // failed packages that a summary may tell again

	jsonLines int64
	base      int  // indentation that a paste added
	flush     bool // a framing line without indentation was seen
	sum       *summary
	xml       *xmlReader

	held     []byte // a line that the next one may continue
	heldLine rawLine
	holding  bool
}

// maxLanes bounds the texts that are told apart; the rest shares the parent's.
const maxLanes = 512

func (m *machine) newLane(name string) *lane {
	ln := &lane{m: m, name: name, streams: map[string]*stream{}}
	ln.text = ln.newStream(&Package{})
	m.lanes = append(m.lanes, ln)
	return ln
}

// child gives the lane of a key inside ln.
func (ln *lane) child(kind wrapKind, key []byte) *lane {
	if kid := ln.kids[string(key)]; kid != nil {
		return kid
	}
	if len(ln.m.lanes) >= maxLanes {
		return ln
	}
	name := cutName(key)
	if kind == wrapBuildKit {
		name = "#" + name
	}
	if ln.name != "" {
		name = ln.name + " / " + name
	}
	kid := ln.m.newLane(name)
	if ln.kids == nil {
		ln.kids = map[string]*lane{}
	}
	ln.kids[string(key)] = kid
	return kid
}

// maxName bounds the name of a section.
const maxName = 200

func cutName(key []byte) string {
	return string(bytes.ToValidUTF8(bytes.TrimSpace(key[:min(len(key), maxName)]), []byte("\uFFFD")))
}

// join holds back a line of a lane whose lines may go on in the next one.
func (ln *lane) join(l rawLine, text []byte, c cutResult) {
	if ln.holding && (c.join || c.kind == wrapCRI) {
		room := max(0, ln.m.opts.MaxLine-len(ln.held))
		ln.held = append(ln.held, text[:min(len(text), room)]...)
		ln.heldLine.end = l.end
	} else {
		ln.release()
		ln.held = append(ln.held[:0], text...)
		ln.heldLine, ln.holding = l, true
	}
	if c.kind == wrapCRI && !c.part {
		ln.release()
	}
}

// release hands on the line that was held back.
func (ln *lane) release() {
	if ln.holding {
		ln.holding = false
		text := ln.held
		ln.held = nil
		ln.line(ln.heldLine, text)
		if ln.held == nil {
			ln.held = text[:0]
		}
	}
}

// open reports whether a run of tests is under way, so that what looks like a
// wrapper may be output of a test.
func (ln *lane) open() bool {
	return ln.text.began || slices.ContainsFunc([]*stream{ln.lastPkg}, func(s *stream) bool { return s != nil && !s.closed })
}

// line hands a line without wrappers to what reads it.
func (ln *lane) line(l rawLine, data []byte) {
	if len(data) > 1 {
		switch {
		case data[0] == '{' && data[1] == '"':
			if ln.event(l, data) {
				return
			}
		case ln.xml != nil || data[0] == '<':
			if ln.xmlLine(l, data) {
				return
			}
		}
	} else if ln.xml != nil && ln.xmlLine(l, data) {
		return
	}
	if m := ln.m; m.only == "test2json" || m.only == "junit" {
		m.header.line(data)
		return
	}
	ln.textLine(l, data)
}

// event handles a test2json event; false means that the line is none.
func (ln *lane) event(l rawLine, data []byte) bool {
	m := ln.m
	// A test may print events as text: while a text test runs they are output.
	if ln.jsonLines == 0 && ln.text.cur != nil && ln.text.cur.running || m.only == "go-test" || m.only == "gotestsum" {
		return false
	}
	ev, ok := m.events.parse(data)
	if !ok {
		return false
	}
	m.jsonLines++
	ln.jsonLines++
	ln.give(l, ev)
	return true
}

// give hands an event to its package or build.
func (ln *lane) give(l rawLine, ev event) {
	if len(ev.importPath) > 0 && len(ev.pkg) == 0 {
		ln.buildEvent(l, ev)
		return
	}
	s := ln.lastPkg
	if s == nil || s.closed || s.pkg.Path != string(ev.pkg) {
		s = ln.streams[string(ev.pkg)]
		if s == nil {
			if ln.m.open >= maxOpen || len(ev.pkg) > maxTestName {
				// One that is not known to have failed may have: the log is not whole.
				if string(ev.action) == "fail" || ln.m.log.LostFailures == 0 {
					ln.m.log.LostFailures++
				}
				return
			}
			s = ln.newStream(&Package{Path: string(ev.pkg), JSON: true, Started: l.line(nil)})
			ln.streams[s.pkg.Path] = s
			ln.m.open++
		}
		ln.lastPkg = s
	}
	s.event(l, ev)
}

func (ln *lane) buildEvent(l rawLine, ev event) {
	b := ln.buildOf(ev.importPath)
	if string(ev.action) == "build-fail" {
		b.Failed, b.Ended = true, l.line(nil)
		return
	}
	out := bytes.TrimSuffix(ev.output, []byte("\n"))
	if ev.hasOutput && len(out) > 0 {
		ln.m.add(b.Output, l, out)
	}
}

func (ln *lane) buildOf(path []byte) *Build {
	path = path[:min(len(path), maxTestName)]
	b := ln.builds[string(path)]
	if b == nil {
		b = &Build{ImportPath: string(path), Section: ln.name, Output: ln.m.newText(packageOutput)}
		if len(ln.m.log.Builds) < maxOpen {
			if ln.builds == nil {
				ln.builds = map[string]*Build{}
			}
			ln.builds[b.ImportPath] = b
			ln.m.log.Builds = append(ln.m.log.Builds, b)
		}
	}
	return b
}

// textLine handles a line that is not an event.
func (ln *lane) textLine(l rawLine, text []byte) {
	m := ln.m
	m.header.line(text)
	if len(text) > 0 && (text[0] == '#' || text[0] == '[' || text[0] == ':') {
		if ln.jobMark(l, text) {
			return
		}
		if text = m.command(text); text == nil {
			return
		}
	}
	indent := 0
	if len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		indent = indentOf(text)
	}
	if ln.base > 0 && indent > 0 {
		cut := min(indent, ln.base)
		text, indent = text[cut:], indent-cut
	}
	f := &m.frame
	f.read(text)
	if indent > 0 && f.kind == frameNone {
		*f = ln.pasted(text, indent)
	} else if f.kind != frameNone && f.indent == 0 {
		ln.flush = true
	} else if f.kind == frameResult && !ln.flush && bytes.IndexByte(f.name, '/') < 0 {
		ln.base += f.indent // only subtests are indented
		f.indent = 0
	}
	if f.kind == frameNone {
		if !ln.text.began && !ln.open() && m.switchOn(l, text) || l.no == 2 && m.numbered(text) {
			data, in, _ := m.unwrap(ln, text)
			in.line(l, data)
			return
		}
		*f = resultInside(text)
		if ln.jobMark(l, text) {
			return
		}
	}
	if m.wrap.guess != 0 && f.kind != frameNone {
		m.confirm(ln, f)
	}
	if ln.sum != nil || f.kind >= frameGotestsumFail {
		if ln.summaryLine(l, text, f) {
			return
		}
	}
	ln.text.textLine(l, text, f)
}

// pasted recognises a framing line that a paste indented, and remembers by how
// much. Once a framing line stood at the margin, indented ones are quotations.
func (ln *lane) pasted(text []byte, indent int) frame {
	if ln.flush {
		return frame{}
	}
	f := parseFrame(text[indent:])
	if f.kind == frameRun && f.start || f.kind == framePackage && f.status != 's' || f.kind == frameBuild && bytes.HasSuffix(f.name, []byte(".test]")) && !ln.text.began {
		ln.base += indent
		f.indent = 0
		return f
	}
	return frame{}
}

func (ln *lane) end() {
	ln.release()
	ln.endSummary()
	ln.text.end()
	for _, s := range ln.openStreams() {
		s.end()
	}
}

// openStreams are the packages of events that have not ended, in the order in
// which they began.
func (ln *lane) openStreams() []*stream {
	open := make([]*stream, 0, len(ln.streams))
	for _, s := range ln.streams {
		if !s.closed {
			open = append(open, s)
		}
	}
	slices.SortFunc(open, func(a, b *stream) int {
		return cmp.Or(cmp.Compare(a.pkg.Started.No, b.pkg.Started.No), cmp.Compare(a.pkg.Path, b.pkg.Path))
	})
	return open
}
