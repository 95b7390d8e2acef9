// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"strings"

	"github.com/culprit-ci/culprit"
)

// stream is the output of one package's test run in the making.
type stream struct {
	m      *machine
	pkg    *Package
	race   raceScanner
	keys   map[string]*Report
	closed bool

	cur         *Test // whose output the text shows
	after       *Test // whose log lines follow its indented result line
	afterIndent int
	began       bool // any framing line of this package was seen
	first       bool // the log's first package: its start may be missing
	prev        frameKind
	doubt       *doubt // nil: no line in doubt
	killed      bool   // the line before says that the process was killed
	crash       *Crash // open: its text is still coming
	failedAlone bool   // "FAIL" alone stood in the open crash

	partial  []byte // event output that lacks its line end
	partialL rawLine
	partialT *Test
}

func (m *machine) newStream(p *Package) *stream {
	s := &stream{m: m, pkg: p, keys: map[string]*Report{}}
	p.byName = map[string]*Test{}
	p.Output = m.newText(packageOutput)
	s.first = len(m.log.Packages) == 0
	return s
}

func (s *stream) test(name []byte, l rawLine) *Test {
	if s.cur != nil && s.cur.Name == string(name) {
		return s.cur
	}
	t := s.pkg.byName[string(name)]
	if t == nil {
		t = &Test{Name: string(name), Started: l.line(nil)}
		s.m.tests++
		s.pkg.byName[t.Name] = t
		s.pkg.Tests = append(s.pkg.Tests, t)
	}
	return t
}

func (s *stream) start(t *Test, l rawLine) {
	s.pkg.Verbose = true
	if !t.StartShown {
		t.StartShown = true
		t.Started = l.line(nil)
	}
	if !t.running {
		t.running = true
		t.Runs++
	}
	if t.Status == "" {
		t.Status = culprit.StatusUnknown
	}
}

// result records how a run of t ended.
func (s *stream) result(t *Test, status byte, l rawLine) {
	if !t.running {
		t.Runs++
	}
	t.running = false
	switch status {
	case 'f':
		t.Status, t.Last = culprit.StatusFail, culprit.StatusFail
		t.Failed++
		t.Ended = l.line(nil)
		return
	case 's':
		t.Last = culprit.StatusSkip
		if t.Status == "" || t.Status == culprit.StatusUnknown && t.Runs == 1 {
			t.Status = culprit.StatusSkip
		}
	default:
		t.Last = culprit.StatusPass
		s.pkg.Passed++
		if t.Status != culprit.StatusFail {
			t.Status = culprit.StatusPass
		}
	}
	if t.Status != culprit.StatusFail {
		t.Ended = l.line(nil)
		s.m.release(t.Output)
		t.Output = nil
		s.forget(t)
	}
}

// forget drops a passed test when there are too many to keep.
func (s *stream) forget(t *Test) {
	if s.m.tests <= maxTests || len(s.pkg.Tests) == 0 || s.pkg.Tests[len(s.pkg.Tests)-1] != t {
		return
	}
	s.pkg.Tests = s.pkg.Tests[:len(s.pkg.Tests)-1]
	delete(s.pkg.byName, t.Name)
	s.m.tests--
	s.m.log.LostTests++
	if s.cur == t {
		s.cur = nil
	}
}

// event handles one test2json event of this package.
func (s *stream) event(l rawLine, ev event) {
	var t *Test
	if len(ev.test) > 0 {
		t = s.test(ev.test, l)
		s.cur = t
	}
	if ev.hasOutput {
		s.output(l, t, ev.output)
	}
	switch string(ev.action) {
	case "run":
		if t != nil {
			s.start(t, l)
		}
	case "pass", "bench":
		if t != nil {
			s.result(t, 'p', l)
		} else if string(ev.action) == "pass" {
			s.close(l, ResultPass)
		}
	case "skip":
		if t != nil {
			s.result(t, 's', l)
		} else {
			s.close(l, ResultSkip)
		}
	case "fail":
		if t != nil {
			s.result(t, 'f', l)
			return
		}
		if len(ev.failedBuild) > 0 {
			s.pkg.FailedBuild = string(ev.failedBuild)
			if s.pkg.BuildFailed == "" {
				s.pkg.BuildFailed = "build failed"
			}
		}
		s.close(l, ResultFail)
	}
}

// output joins the fragments of a line: test2json flushes what a test printed
// without a line end.
func (s *stream) output(l rawLine, t *Test, out []byte) {
	for len(out) > 0 {
		line, rest, whole := bytes.Cut(out, []byte("\n"))
		if len(s.partial) > 0 || !whole {
			if len(s.partial) == 0 {
				s.partialL, s.partialT = l, t
			}
			s.partial = append(s.partial, line[:min(len(line), max(0, s.m.opts.MaxLine-len(s.partial)))]...)
			s.partialL.end = l.end
			if !whole {
				return
			}
			s.flushPartial()
		} else {
			s.jsonLine(l, t, line)
		}
		out = rest
	}
}

func (s *stream) flushPartial() {
	if len(s.partial) > 0 {
		line := s.partial
		s.partial = s.partial[:0]
		s.jsonLine(s.partialL, s.partialT, line)
	}
}

// jsonLine handles a whole line of output told by events. Framing is told by
// the events themselves, except what cmd/go says of the package.
func (s *stream) jsonLine(l rawLine, t *Test, line []byte) {
	var text []byte
	text, s.m.scratch = clean(line, s.m.scratch)
	name := ""
	if t != nil {
		name = t.Name
	}
	if s.scan(l, text, name) || len(text) == 0 {
		return
	}
	switch text[0] {
	case '=', '-', ' ':
		if f := parseFrame(text); f.kind == frameRun || f.kind == framePause || f.kind == frameResult {
			s.crashFrame(f)
			if s.after = nil; f.kind == frameResult {
				s.after = s.pkg.byName[string(f.name)]
			}
			return
		}
	case 'e', 'F':
		if t != nil {
			break
		}
		switch f := parseFrame(text); f.kind {
		case frameExit:
			s.pkg.ExitStatus = f.exit
		case framePackage:
			if s.pkg.Path == "" {
				s.pkg.Path = string(f.name) // events of a lone test binary name no package
			}
			if f.status == 'f' && s.pkg.Result == ResultNone && string(f.name) == s.pkg.Path {
				s.pkg.Result = ResultFail
				if bytes.HasSuffix(f.note, []byte("failed")) {
					s.pkg.BuildFailed = string(f.note)
				}
			}
		}
	}
	s.mark(l, text)
	s.crashLine(l, text)
	t = s.outdented(t, text)
	if isRaceMark(text) && t != nil {
		t.Racy = true
		return
	}
	s.keep(l, t, text)
}

// outdented finds the test that a line below a result line belongs to. Where
// package testing prints a test's log below its result (before Go 1.14, and without
// -v), test2json gives what follows a subtest's log to the subtest; only the
// indentation, four columns for each level, tells that it is the parent's.
func (s *stream) outdented(t *Test, text []byte) *Test {
	if t == nil || t != s.after {
		return t
	}
	name, level := t.Name, strings.Count(t.Name, "/")
	for want := indentOf(text)/4 - 1; level > want && want >= 0; level-- {
		name = name[:strings.LastIndexByte(name, '/')]
	}
	if a := s.pkg.byName[name]; a != nil {
		return a
	}
	return t
}

func (s *stream) keep(l rawLine, t *Test, text []byte) {
	if t == nil {
		s.m.add(s.pkg.Output, l, text)
		return
	}
	if t.Output == nil {
		t.Output = s.m.newText(testOutput)
	}
	s.m.add(t.Output, l, text)
}

// scan feeds the race scanner; true means that the line is part of a report.
func (s *stream) scan(l rawLine, text []byte, carrier string) bool {
	if !s.race.active && s.race.sep.No == 0 && !mayStartRace(text) {
		return false
	}
	done, mine := s.race.feed(l, text, carrier)
	if done != nil {
		s.addReport(done)
	}
	return mine
}

// mayStartRace is a quick test for a separator or the warning.
func mayStartRace(text []byte) bool {
	if len(text) < len("==================") {
		return false
	}
	switch text[0] {
	case 'W', ' ', '\t':
		return bytes.HasPrefix(text[indentOf(text):], []byte("WARNING:")) || text[len(text)-1] == '='
	}
	return text[len(text)-1] == '='
}

func (s *stream) addReport(r *Report) {
	key := r.key()
	if old := s.keys[key]; old != nil && key != "" && (old.Damaged == "" || r.Damaged != "") {
		old.Repeats++
		return
	}
	if s.m.reports >= maxReports {
		s.m.log.LostFailures++
		return
	}
	s.m.reports++
	if key != "" {
		s.keys[key] = r
	}
	s.pkg.Reports = append(s.pkg.Reports, r)
}

// close ends the package's run.
func (s *stream) close(l rawLine, result Result) {
	s.flushPartial()
	s.endReport("")
	p := s.pkg
	if result != ResultPass || p.Result == ResultNone {
		// An output line "FAIL p" outweighs a pass event: test2json of Go 1.11
		// called a package passed that failed by a race after its tests.
		p.Result = result
	}
	p.Ended = l.line(nil)
	p.Closed = true
	s.closed = true
	if p.JSON {
		delete(s.m.streams, p.Path)
	}
	s.finish()
}

// endReport ends a report that is still open.
func (s *stream) endReport(why string) {
	if !s.race.active {
		return
	}
	if s.race.foreign <= maxWaitForRace && len(s.race.r.Race.Accesses) == 0 && why != "" {
		s.m.mark(&s.pkg.Marks, MarkLostReport, s.race.r.First)
	}
	if r := s.race.finish(why, false); r != nil {
		s.addReport(r)
	}
}

// end handles the end of the log.
func (s *stream) end() {
	s.flushPartial()
	if s.doubt != nil && s.doubt.test.running && !s.died() {
		s.pkg.Path = s.doubt.path
		s.close(s.doubt.line, ResultFail)
		return
	}
	s.endReport("the log ends inside it")
	s.closed = true
	s.finish()
}

// finish frees what nobody needs and hands the package to the log.
func (s *stream) finish() {
	p := s.pkg
	if !p.Closed && p.Result == ResultPass && (s.racedAfterPass() || s.crashedAfterPass()) {
		p.Result = ResultFail
	}
	if p.Result == ResultPass || p.Result == ResultSkip {
		s.m.tests -= len(p.Tests)
		for _, t := range p.Tests {
			s.m.release(t.Output)
		}
		for _, c := range p.Crashes {
			s.m.release(c.Text)
		}
		p.Tests, p.byName, p.Reports, p.Marks, p.Crashes = nil, nil, nil, nil, nil
		s.m.release(p.Output)
		p.Output = nil
		if len(s.m.log.Packages) >= maxPackages {
			return
		}
	} else {
		s.dropQuoted()
	}
	if p.JSON || p.Closed || s.began || len(p.Tests) > 0 || len(p.Reports) > 0 || len(p.Marks) > 0 || p.Result != ResultNone {
		s.m.log.Packages = append(s.m.log.Packages, p)
	}
}

// racedAfterPass reports whether the detector ended the process of a test binary
// run by hand: it prints PASS, then its count, and exits with code 66. Only the
// detector's own last line tells that from a report that a test printed.
func (s *stream) racedAfterPass() bool {
	for _, m := range s.pkg.Marks {
		if m.Kind == MarkCountedRace {
			return len(s.pkg.Reports) > 0
		}
	}
	return false
}

// dropQuoted removes results that a test printed as text: under -v each test
// is started before it fails. The first package is spared, because the log may
// begin behind the start.
func (s *stream) dropQuoted() {
	p := s.pkg
	if s.first || !p.Verbose || p.JSON {
		return
	}
	kept := p.Tests[:0]
	for _, t := range p.Tests {
		if t.unstarted && !t.StartShown {
			delete(p.byName, t.Name)
			continue
		}
		kept = append(kept, t)
	}
	p.Tests = kept
}
