// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"strings"

	"github.com/culprit-ci/culprit"
)

// test returns the test of a name. Beyond the budget it is one that counts only.
func (s *stream) test(name []byte, l rawLine) *Test {
	name = name[:min(len(name), maxTestName)]
	if s.cur != nil && s.cur.Name == string(name) {
		return s.cur
	}
	if s.index == nil {
		s.index = s.m.newIndex()
	}
	t, slot, hash := s.index.find(s.pkg.Tests, name)
	if t == nil {
		if s.full() {
			s.over = Test{Name: string(name)}
			return &s.over
		}
		t = s.m.newTest(name)
		l.place(&t.Started)
		s.m.tests++
		s.index.add(slot, hash, len(s.pkg.Tests))
		s.pkg.Tests = append(s.pkg.Tests, t)
	}
	return t
}

// full makes room and reports whether there is none for another test.
func (s *stream) full() bool {
	m := s.m
	if m.tests < maxTests && m.kept < m.opts.MaxKept/2 || m.tests < fewTests {
		return false
	}
	if s.settledPasses*2 > len(s.pkg.Tests) {
		s.compact()
	}
	return m.tests >= 2*maxTests || m.kept >= m.opts.MaxKept
}

// compact forgets the tests that passed.
func (s *stream) compact() {
	s.tellTests()
	kept := s.pkg.Tests[:0]
	s.index.clear()
	for _, t := range s.pkg.Tests {
		if !t.running && t != s.cur && t != s.after && (t.Status == culprit.StatusPass || t.Status == culprit.StatusSkip) {
			s.m.tests--
			s.m.kept -= t.cost()
			s.m.log.LostTests++
			continue
		}
		_, slot, hash := s.index.find(kept, []byte(t.Name))
		s.index.add(slot, hash, len(kept))
		kept = append(kept, t)
	}
	clear(s.pkg.Tests[len(kept):])
	s.pkg.Tests, s.settledPasses = kept, 0
}

// cost is about what a test takes without its output.
func (t *Test) cost() int { return 256 + len(t.Name) }

// known returns the test of a name, nil when it was not seen yet.
func (s *stream) known(name []byte) *Test {
	if s.cur != nil && s.cur.Name == string(name) {
		return s.cur
	}
	if s.index == nil {
		return nil
	}
	t, _, _ := s.index.find(s.pkg.Tests, name)
	return t
}

func (m *machine) newIndex() *nameIndex {
	if n := len(m.indexes); n > 0 {
		x := m.indexes[n-1]
		m.indexes = m.indexes[:n-1]
		return x
	}
	return newNameIndex()
}

// newTest makes a test or takes a spare one. Names share blocks of memory.
func (m *machine) newTest(name []byte) *Test {
	if m.names.Cap()-m.names.Len() < len(name) {
		m.names = strings.Builder{}
		m.names.Grow(max(nameBlock, len(name)))
	}
	from := m.names.Len()
	m.names.Write(name)
	m.kept += 256 + len(name)
	t := (*Test)(nil)
	if n := len(m.spare); n > 0 {
		t = m.spare[n-1]
		m.spare = m.spare[:n-1]
		*t = Test{}
	} else {
		t = &Test{}
	}
	t.Name = m.names.String()[from:]
	return t
}

const (
	fewTests    = 2000 // are kept whatever the budget
	maxTestName = 1024
	nameBlock   = 8 << 10
	maxSpare    = 4096
)

// settled is a result that the caller is to be told.
type settled struct {
	test   *Test
	status culprit.Status
}

// settle tells the caller of a result. In plain text a parent's result stands
// before those of its subtests, and without -v the output follows the result, so
// there a result waits for the next line of go test that is no subtest's.
func (s *stream) settle(t *Test, status culprit.Status) {
	if s.m.opts.OnTest == nil || s.muted {
		return
	}
	if s.pkg.JSON || status == culprit.StatusPass && len(s.untold) == 0 {
		s.m.opts.OnTest(s.pkg, t, status)
		return
	}
	s.untold = append(s.untold, settled{t, status})
}

// tellTests tells the caller of the tests whose output is known by now.
func (s *stream) tellTests() {
	for _, u := range s.untold {
		s.m.opts.OnTest(s.pkg, u.test, u.status)
	}
	s.untold = s.untold[:0]
}
