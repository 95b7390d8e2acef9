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
	m     *machine
	lane  *lane
	pkg   *Package
	race  raceScanner
	keys  map[string]*Report
	index *nameIndex
	over  Test // stands for all tests beyond the budget

	settledPasses int
	closed        bool

	cur         *Test // whose output the text shows
	after       *Test // whose log lines follow its indented result line
	afterIndent int
	began       bool // any framing line of this package was seen
	first       bool // the log's first package: its start may be missing
	prev        frameKind
	doubt       *doubt // nil: no line in doubt
	killed      bool   // the line before says that the process was killed
	crash       *Crash // open: its text is still coming
	muted       bool   // the caller was told before
	failedAlone bool   // "FAIL" alone stood in the open crash

	untold []settled // results whose output is still coming

	partial  []byte // event output that lacks its line end
	partialL rawLine
	partialT *Test
}

func (ln *lane) newStream(p *Package) *stream {
	s := ln.spare
	if s == nil {
		s = &stream{}
	}
	ln.spare = nil
	*s = stream{m: ln.m, lane: ln, pkg: p, partial: s.partial[:0], first: ln.packages == 0}
	p.Section, p.Tests, ln.m.spareList = ln.name, ln.m.spareList, nil
	p.Output = ln.m.newText(packageOutput)
	return s
}

func (s *stream) start(t *Test, l rawLine) {
	s.pkg.Verbose = true
	if !t.StartShown {
		t.StartShown = true
		l.place(&t.Started)
	}
	t.runs()
}

// runs records that a run of t began.
func (t *Test) runs() {
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
	if t == &s.over {
		if status == 'f' {
			s.m.log.LostFailures++
		} else {
			s.m.log.LostTests++
		}
	}
	switch status {
	case 'f':
		t.Status, t.Last = culprit.StatusFail, culprit.StatusFail
		t.Failed++
		l.place(&t.Ended)
		s.settle(t, culprit.StatusFail)
		return
	case 's':
		t.Last = culprit.StatusSkip
		s.settle(t, culprit.StatusSkip)
		if t.Status == "" || t.Status == culprit.StatusUnknown && t.Runs == 1 {
			t.Status = culprit.StatusSkip
		}
	default:
		t.Last = culprit.StatusPass
		s.pkg.Passed++
		t.Passed++
		s.settle(t, culprit.StatusPass)
		if t.Status != culprit.StatusFail {
			t.Status = culprit.StatusPass
		}
	}
	if t.Status != culprit.StatusFail {
		l.place(&t.Ended)
		s.m.release(t.Output)
		t.Output = nil
		s.settledPasses++
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
	if t == nil && len(ev.elapsed) > 0 {
		s.pkg.Elapsed = toSeconds(ev.elapsed)
	}
	switch string(ev.action) {
	case "run":
		if t != nil {
			s.start(t, l)
		}
	case "pass", "bench":
		if t != nil {
			t.Elapsed = toSeconds(ev.elapsed)
			s.result(t, 'p', l)
		} else if string(ev.action) == "pass" {
			s.close(l, ResultPass)
		}
	case "skip":
		if t != nil {
			t.Elapsed = toSeconds(ev.elapsed)
			s.result(t, 's', l)
		} else {
			s.close(l, ResultSkip)
		}
	case "fail":
		if t != nil {
			t.Elapsed = toSeconds(ev.elapsed)
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
	text, s.m.outScratch = clean(line, s.m.outScratch)
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
			s.crashFrame(&f)
			if s.after = nil; f.kind == frameResult {
				s.after = s.known(f.name)
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
	text = behindProgress(text)
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
	if len(name) == len(t.Name) {
		return t
	}
	if a := s.known([]byte(name)); a != nil {
		return a
	}
	return t
}

func (s *stream) keep(l rawLine, t *Test, text []byte) {
	if t == nil {
		s.m.add(s.pkg.Output, l, text)
		return
	}
	if t == &s.over {
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
	if s.keys == nil {
		s.keys = map[string]*Report{}
	}
	if s.m.reports >= maxReports || s.m.kept > s.m.opts.MaxKept && s.m.reports > fewReports {
		s.m.log.LostFailures++
		return
	}
	s.m.reports++
	s.m.kept += len(r.Text)
	if key != "" {
		s.keys[key] = r
	}
	s.pkg.Reports = append(s.pkg.Reports, r)
}
