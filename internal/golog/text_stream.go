// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"

	"github.com/culprit-ci/culprit"
)

// textLine handles a line of plain text with what parseFrame made of it.
func (s *stream) textLine(l rawLine, text []byte, f *frame) {
	if s.pkg.Started.No == 0 {
		s.pkg.Started = l.line(nil)
	}
	carrier := ""
	if s.cur != nil {
		carrier = s.cur.Name
	}
	if s.scan(l, text, carrier) {
		s.began = true
		return
	}
	if f.kind != frameNone {
		if len(s.untold) > 0 && (f.kind != frameResult || f.indent == 0) {
			s.tellTests()
		}
		if f.kind != frameBuild {
			s.lane.build = nil
		}
	}
	if s.crash != nil {
		s.crashFrame(f)
	}
	s.framed(l, text, f)
	if len(text) > 0 {
		s.prev, s.killed = f.kind, text[0] == 's' && bytes.HasPrefix(text, []byte("signal: ")) || text[0] == '*' && bytes.HasPrefix(text, []byte("*** Test killed"))
	}
}

// framed handles a line that is no part of a race report.
func (s *stream) framed(l rawLine, text []byte, f *frame) {
	if s.doubt != nil && s.endedAtDoubt(f) {
		s.endAtDoubt()
		s.lane.text.textLine(l, text, f)
		return
	}
	switch f.kind {
	case frameRun, framePause:
		s.began = true
		s.m.textFrames++
		t := s.test(f.name, l)
		if f.start || f.kind == framePause || t.Status == "" {
			s.start(t, l)
		}
		s.cur, s.after = t, nil
		return
	case frameResult:
		if s.textResult(l, text, f) {
			return
		}
	case framePackage:
		if s.packageLine(l, f) {
			return
		}
	case framePass, frameFail:
		if s.loneResult(l, f) {
			return
		}
	case frameExit:
		s.pkg.ExitStatus = f.exit
	case frameBuild:
		s.lane.build = s.lane.buildOf(f.name)
		s.m.add(s.lane.build.Output, l, text)
		return
	}
	s.textOutput(l, text)
}

// textOutput finds the test that a line of output belongs to.
func (s *stream) textOutput(l rawLine, text []byte) {
	if s.lane.build != nil && s.cur == nil && endsRun(text) {
		s.lane.build = nil
	}
	if s.lane.build != nil && s.cur == nil {
		s.m.add(s.lane.build.Output, l, text)
		return
	}
	text = behindProgress(text)
	s.mark(l, text)
	s.crashLine(l, text)
	t := s.cur
	if s.after != nil {
		if len(text) > 0 && indentOf(text) <= s.afterIndent {
			s.after = nil
		} else {
			t = s.after
		}
	}
	if isRaceMark(text) {
		if t != nil {
			t.Racy = true
			return
		}
	}
	if t == nil {
		s.note(l, text)
	} else if t.Status == culprit.StatusPass {
		return
	}
	if s.began || len(text) > 0 {
		s.keep(l, t, text)
	}
}

// textResult handles "--- FAIL: TestX (0.00s)". False means that it is output.
func (s *stream) textResult(l rawLine, text []byte, f *frame) bool {
	t := s.known(f.name)
	if f.prefix > 0 {
		if _, quoted := cutLoose(text, 1<<wrapTime|1<<wrapPipe|1<<wrapBracket|1<<wrapColon); quoted {
			return false
		}
		if s.pkg.Verbose && (t == nil || !t.running) {
			return false
		}
		s.textOutput(l, text[:f.prefix])
	}
	s.began = true
	s.m.textFrames++
	if t == nil {
		t = s.test(f.name, l)
		t.unstarted = s.pkg.Verbose && f.status == 'f'
	}
	t.Elapsed = toSeconds(f.took)
	s.result(t, f.status, l)
	if s.doubt != nil && s.doubt.test == t {
		s.doubt = nil
	}
	s.after, s.afterIndent = t, f.indent
	if s.cur == t || !s.pkg.Verbose {
		s.cur = nil
	}
	return true
}

// running reports whether a started test has no result yet.
func (s *stream) running() bool {
	for _, t := range s.pkg.Tests {
		if t.running {
			return true
		}
	}
	return false
}

// packageLine handles "ok p", "FAIL p" and "? p". False means that it is
// output: under -v a package cannot end while a test runs, unless the process
// ended before: killed, or with a dump of its goroutines.
func (s *stream) packageLine(l rawLine, f *frame) bool {
	if f.status == 'f' && s.pkg.Verbose && s.prev != frameFail && s.prev != frameExit && !s.killed && !s.died() && s.cur != nil && s.running() {
		if s.doubt == nil {
			s.doubt = &doubt{line: l, path: string(f.name), test: s.cur}
		}
		return false
	}
	s.m.textFrames++
	s.lane.goPackages++
	note := string(f.note)
	if f.status == 's' || bytes.HasSuffix(f.note, []byte(" failed]")) || bytes.HasSuffix(f.note, []byte("failed")) {
		p := &Package{Path: string(f.name), Section: s.lane.name, Result: ResultSkip, Closed: true, Started: l.line(nil), Ended: l.line(nil)}
		if f.status == 'f' {
			p.Result, p.BuildFailed = ResultFail, note
			s.lane.fails = append(s.lane.fails, p)
		}
		s.lane.build = nil
		s.m.log.Packages = append(s.m.log.Packages, p)
		s.lane.packages++
		if s.m.opts.OnPackage != nil {
			s.m.opts.OnPackage(s.m.log, p)
		}
		return true
	}
	s.pkg.Path, s.pkg.short = string(f.name), false
	s.pkg.Cached = note == "cached"
	s.pkg.Elapsed = toSeconds(f.took)
	if f.status == 'p' {
		s.pkg.Result = ResultNone
		s.close(l, ResultPass)
	} else {
		s.close(l, ResultFail)
	}
	s.lane.next()
	return true
}

// doubt is a line "FAIL p" in the middle of a test: either the test printed it,
// and its result is still to come, or the process ended there (os.Exit in a test
// leaves nothing else: go test prints the exit status only of a silent process).
type doubt struct {
	line rawLine
	path string
	test *Test
}

// endedAtDoubt reports whether a later line shows that the process did end: a
// top-level test starts, or a package ends, while the test has neither paused
// nor got a result. One process runs top-level tests one after the other until
// they pause.
func (s *stream) endedAtDoubt(f *frame) bool {
	switch f.kind {
	case framePause:
		if string(f.name) == s.doubt.test.Name {
			s.doubt = nil
		}
	case frameRun:
		return f.start && s.doubt.test.running && !bytes.Contains(f.name, []byte("/"))
	case framePackage:
		return s.doubt.test.running && s.prev != frameFail && s.prev != frameExit && !s.killed && !s.died()
	}
	return false
}

// endAtDoubt closes the package where the doubtful line stands.
func (s *stream) endAtDoubt() {
	d := s.doubt
	s.doubt = nil
	s.m.textFrames++
	s.pkg.Path = d.path
	s.close(d.line, ResultFail)
	s.lane.next()
}

// next starts the next package of plain text.
func (ln *lane) next() {
	if ln.text.closed {
		ln.spare = ln.text
	}
	ln.text = ln.newStream(&Package{})
	ln.build = nil
}

// loneResult handles "PASS" and "FAIL" on a line of their own: the end of the
// test binary's own output, or go test's last line.
func (s *stream) loneResult(l rawLine, f *frame) bool {
	if s.cur != nil && s.cur.running && !s.died() {
		return false
	}
	s.m.textFrames++
	if f.kind == framePass {
		s.began, s.pkg.PassShown = true, true
		if s.pkg.Result == ResultNone {
			s.pkg.Result = ResultPass
		}
	} else {
		if !s.began && s.lane.packages > 0 {
			s.m.mark(&s.m.log.Marks, MarkRunFailed, l.line([]byte("FAIL")))
			return true
		}
		s.began = true
		s.pkg.Result = ResultFail
	}
	s.cur, s.after = nil, nil
	s.pkg.Ended = l.line(nil)
	return true
}
