// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// markRow says which line suggests what.
type markRow struct {
	kind   MarkKind
	prefix string
}

// markRows are tried in order; the prefix stands at the start of a line, as
// the runtime and cmd/go print it.
func markRows() []markRow {
	return []markRow{
		{MarkTimeout, "panic: test timed out after "},
		{MarkTimeout, "*** Test killed"},
		{MarkLogAfter, "panic: Log in goroutine after "},
		{MarkLogAfter, "panic: Fail in goroutine after "},
		{MarkMapFatal, "fatal error: concurrent map "},
		{MarkAllAsleep, "fatal error: all goroutines are asleep"},
		{MarkKilled, "fatal error: runtime: out of memory"},
		{MarkKilled, "runtime: out of memory"},
		{MarkKilled, "signal: killed"},
		{MarkPanic, "panic: "},
		{MarkPanic, "fatal error: "},
		{MarkPanic, "SIGSEGV: "},
		{MarkPanic, "SIGABRT: "},
		{MarkPanic, "SIGQUIT: "},
		{MarkCountedRace, "Found "},
	}
}

// mark notes a line that suggests another kind.
func (s *stream) mark(l rawLine, text []byte) {
	if len(text) < 8 {
		return
	}
	switch text[0] {
	case 'p', 'f', 's', 'r', '*', 'S', 'F':
	default:
		return
	}
	for _, row := range s.m.rows {
		if !bytes.HasPrefix(text, []byte(row.prefix)) {
			continue
		}
		if row.kind == MarkCountedRace && !bytes.Contains(text, []byte(" data race")) {
			continue
		}
		if row.kind == MarkPanic || row.kind == MarkTimeout || row.kind == MarkLogAfter || text[0] == 'f' {
			s.inPanic = true
		}
		s.m.mark(&s.pkg.Marks, row.kind, l.line(text[:min(len(text), 300)]))
		return
	}
}

func (m *machine) mark(to *[]Mark, kind MarkKind, line Line) {
	if len(*to) < maxMarks {
		*to = append(*to, Mark{kind, line})
	}
}

// jobMark notes what the runner says of the job.
func (m *machine) jobMark(l rawLine, text []byte) bool {
	if len(text) < 10 || text[0] != '#' && text[0] != 'E' && text[0] != 'm' {
		return false
	}
	text = bytes.TrimPrefix(text, []byte("##[error]"))
	text = bytes.TrimPrefix(text, []byte("Error: "))
	kind := MarkKind("")
	switch {
	case bytes.HasPrefix(text, []byte("The operation was canceled")),
		bytes.HasPrefix(text, []byte("The runner has received a shutdown signal")),
		bytes.HasPrefix(text, []byte("The hosted runner lost communication")),
		bytes.HasPrefix(text, []byte("The job was canceled")):
		kind = MarkCancelled
	case bytes.HasPrefix(text, []byte("Process completed with exit code ")),
		bytes.HasPrefix(text, []byte("make: *** ")), bytes.HasPrefix(text, []byte("make[")) && bytes.Contains(text, []byte("]: *** ")):
		kind = MarkJobFailed
	default:
		return false
	}
	m.mark(&m.log.Marks, kind, l.line(text[:min(len(text), 300)]))
	return true
}
