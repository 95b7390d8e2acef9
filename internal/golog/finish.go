// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"strings"

	"github.com/culprit-ci/culprit"
)

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
		if s.lane.streams[p.Path] == s {
			delete(s.lane.streams, p.Path)
			s.m.open--
		}
	}
	s.finish()
	if s.lane.lastPkg == s {
		s.lane.lastPkg, s.lane.spare = nil, s
	}
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
	s.tellTests()
	if !p.Closed && p.Result == ResultPass && (s.racedAfterPass() || s.crashedAfterPass()) {
		p.Result = ResultFail
	}
	kept := p.JSON || p.Closed || s.began || len(p.Tests) > 0 || len(p.Reports) > 0 || len(p.Marks) > 0 || p.Result != ResultNone
	if s.index != nil {
		s.index.clear()
		s.m.indexes, s.index = append(s.m.indexes, s.index), nil
	}
	if kept {
		kept = !s.rerun()
		if s.m.opts.OnPackage != nil && !s.muted {
			s.m.opts.OnPackage(s.m.log, p)
		}
	}
	if p.Result == ResultPass || p.Result == ResultSkip {
		s.m.tests -= len(p.Tests)
		for _, t := range p.Tests {
			s.m.release(t.Output)
			s.m.kept -= t.cost()
			t.Output = nil
		}
		for _, r := range p.Reports {
			s.m.kept -= len(r.Text)
		}
		if len(s.m.spare) < maxSpare {
			s.m.spare = append(s.m.spare, p.Tests...)
			s.m.spareList = p.Tests[:0]
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
		p.byName = make(map[string]*Test, len(p.Tests))
		for _, t := range p.Tests {
			p.byName[t.Name] = t
		}
	}
	if kept && p.Result != ResultPass && p.Result != ResultSkip {
		s.m.failed++
	}
	if kept && s.m.failed > maxFailed {
		s.m.log.LostFailures++
		s.abandon()
		return
	}
	if kept {
		s.m.log.Packages = append(s.m.log.Packages, p)
		s.lane.packages++
		if p.Result == ResultFail && !p.JSON {
			s.lane.fails = append(s.lane.fails, p)
		}
	}
}

// abandon forgets a package that is told better elsewhere.
func (s *stream) abandon() {
	s.tellTests()
	for _, t := range s.pkg.Tests {
		s.m.release(t.Output)
		s.m.kept -= t.cost()
		t.Output = nil
	}
	s.m.release(s.pkg.Output)
	s.m.tests -= len(s.pkg.Tests)
	s.closed = true
}

// rerun adds the results of a later run of the same package to the failed tests
// of an earlier one: a test that failed and then passed has failed in one of two
// runs. True means that the later run tells nothing else.
func (s *stream) rerun() bool {
	p := s.pkg
	if p.Path == "" || len(p.Tests) == 0 {
		return false
	}
	old := s.lane.failed[p.Path]
	if old == nil {
		if p.Result == ResultFail {
			if s.lane.failed == nil {
				s.lane.failed = map[string]*Package{}
			}
			s.lane.failed[p.Path] = p
		}
		return false
	}
	only := failedOnly(p, old)
	again := only && p.Result == ResultFail && len(p.Reports) == 0 && len(p.Crashes) == 0
	for _, t := range p.Tests {
		was := old.byName[t.Name]
		if was == nil || !was.Failing() {
			again = again && !t.Failing()
			continue
		}
		if t.Status == culprit.StatusPass || t.Status == culprit.StatusFail {
			was.Runs += t.Runs
			was.Last, was.Reran = t.Status, was.Reran || only
			if t.Status == culprit.StatusFail {
				was.Failed += t.Failed
			}
		}
	}
	return again
}

// failedOnly reports whether a run p is of tests that failed in an earlier run:
// gotestsum --rerun-fails and its like run those and their parents.
func failedOnly(p, old *Package) bool {
	for _, t := range p.Tests {
		name, _, _ := strings.Cut(t.Name, "/")
		if was := old.byName[name]; was == nil || !was.Failing() {
			return false
		}
	}
	return true
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
			continue
		}
		kept = append(kept, t)
	}
	p.Tests = kept
}
