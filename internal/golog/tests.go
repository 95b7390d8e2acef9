// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"strings"

	"github.com/culprit-ci/culprit"
)

func (s *stream) test(name []byte, l rawLine) *Test {
	if s.cur != nil && s.cur.Name == string(name) {
		return s.cur
	}
	if s.index == nil {
		s.index = s.m.newIndex()
	}
	t, slot, hash := s.index.find(s.pkg.Tests, name)
	if t == nil {
		t = s.m.newTest(name)
		t.Started = l.line(nil)
		s.m.tests++
		s.index.add(slot, hash, len(s.pkg.Tests))
		s.pkg.Tests = append(s.pkg.Tests, t)
	}
	return t
}

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
	nameBlock = 8 << 10
	maxSpare  = 4096
)

// settle tells the caller of a result. The output of a failed test in plain text
// without -v follows its result, so that test settles at the next line of go test.
func (s *stream) settle(t *Test, status culprit.Status) {
	if s.m.opts.OnTest == nil {
		return
	}
	s.tellTest()
	if s.pkg.JSON || status == culprit.StatusPass {
		s.m.opts.OnTest(s.pkg, t, status)
		return
	}
	s.untold, s.untoldStatus = t, status
}

// tellTest tells the caller of the test whose output is known by now.
func (s *stream) tellTest() {
	if t := s.untold; t != nil {
		s.untold = nil
		s.m.opts.OnTest(s.pkg, t, s.untoldStatus)
	}
}

// forget drops a passed test when there are too many to keep.
func (s *stream) forget(t *Test) {
	if s.m.tests <= maxTests || len(s.pkg.Tests) == 0 || s.pkg.Tests[len(s.pkg.Tests)-1] != t {
		return
	}
	s.pkg.Tests = s.pkg.Tests[:len(s.pkg.Tests)-1]
	s.index.drop(t.Name)
	s.m.tests--
	s.m.log.LostTests++
	if s.cur == t {
		s.cur = nil
	}
}
