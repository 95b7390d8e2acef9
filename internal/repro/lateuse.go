// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/lazyre"
)

// afterEnd matches how package testing panics when a test is used that has ended.
var afterEnd = lazyre.New(`(?m)^panic: (?:Log|Fail|Output|Write)\w* in goroutine after \S+ has completed`)

// frameLine matches a position in a stack of the runtime.
var frameLine = lazyre.New(`^\t(.+\.go):(\d+)(?: \+0x[0-9a-f]+)?$`)

// usesEnded reports whether a race is one between the end of a test, in package
// testing, and the use of that test by a goroutine that it left behind. The same
// use panics when it comes a little later: then the runtime says so, and the
// detector has nothing to report.
func usesEnded(r *culprit.Race) bool {
	if r == nil || len(r.Accesses) != 2 {
		return false
	}
	for i, a := range r.Accesses {
		o := r.Accesses[1-i]
		if len(a.Stack) > 0 && strings.HasPrefix(a.Stack[0].Func, "testing.tRunner") &&
			len(o.Stack) > 0 && strings.HasPrefix(o.Stack[0].Func, "testing.(*") {
			return true
		}
	}
	return false
}

// usedLate says whether a process died because the access of this race came after
// the end of its test. lines is that of [Matcher.Match].
func (m *Matcher) usedLate(out []byte, lines func(file string, line int) int) bool {
	if !m.ended {
		return false
	}
	at := afterEnd.FindIndex(out)
	if at == nil {
		return false
	}
	_, dump, ok := bytes.Cut(out[at[1]:], []byte("\ngoroutine "))
	if !ok {
		return false
	}
	for line := range bytes.Lines(dump) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			return false // the goroutine that panicked is the first
		}
		f := frameLine.FindStringSubmatch(text)
		if f == nil {
			continue
		}
		rel, ok := m.rel(f[1])
		if !ok {
			continue
		}
		sp := spot{file: rel}
		sp.line, _ = strconv.Atoi(f[2])
		if lines != nil {
			sp.line = lines(sp.file, sp.line)
		}
		return m.spots[sp] // the innermost frame in the tree
	}
	return false
}
