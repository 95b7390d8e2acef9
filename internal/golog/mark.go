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
// the runtime (panic.go, signal_*.go, malloc.go) and cmd/go print it.
func markRows() []markRow {
	return []markRow{
		{MarkTimeout, "panic: test timed out after "},
		{MarkTimeout, "*** Test killed"},
		{MarkLogAfter, "panic: Log in goroutine after "},
		{MarkLogAfter, "panic: Fail in goroutine after "},
		{MarkLogAfter, "panic: Output called after "},
		{MarkLogAfter, "panic: Write called after "},
		{MarkMapFatal, "fatal error: concurrent map "},
		{MarkMapFatal, "panic: concurrent map "}, // as people retype it
		{MarkAllAsleep, "fatal error: all goroutines are asleep"},
		{MarkAllAsleep, "panic: deadlock: "}, // testing/synctest
		{MarkAllAsleep, "fatal error: all goroutines in bubble are blocked"},
		{MarkAllAsleep, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!"},
		{MarkMemory, "fatal error: runtime: out of memory"},
		{MarkMemory, "fatal error: runtime: cannot allocate memory"},
		{MarkMemory, "fatal error: cannot allocate memory"},
		{MarkMemory, "fatal error: out of memory"},
		{MarkMemory, "runtime: out of memory"},
		{MarkMemory, "runtime: VirtualAlloc of "},
		{MarkMemory, "runtime: cannot allocate memory"},
		{MarkMemory, "runtime/cgo: out of memory"},
		{MarkMemory, "fatal error: runtime: cannot map pages"},
		{MarkMemory, "FATAL: ThreadSanitizer: failed to allocate"},
		{MarkMemory, "runtime: may need to increase max user processes"},
		{MarkKilled, "signal: killed"},
		{MarkPanic, "panic: "},
		{MarkPanic, "fatal error: "},
		{MarkPanic, "fatal: morestack on g"},
		{MarkPanic, "runtime: goroutine stack exceeds "},
		{MarkPanic, "unexpected fault address "},
		{MarkPanic, "Exception 0x"},
		{MarkPanic, "SIGSEGV: "},
		{MarkPanic, "SIGABRT: "},
		{MarkPanic, "SIGQUIT: "},
		{MarkPanic, "SIGBUS: "},
		{MarkPanic, "SIGILL: "},
		{MarkPanic, "SIGFPE: "},
		{MarkPanic, "SIGTRAP: "},
		{MarkPanic, "SIGSYS: "},
		{MarkPanic, "[signal SIG"}, // below the panic, where that was cut off
		// What cmd/go says of a process that a signal ended, and Windows of one that
		// an exception did.
		{MarkPanic, "signal: segmentation "},
		{MarkPanic, "signal: abort"},
		{MarkPanic, "signal: bus error"},
		{MarkPanic, "signal: illegal instruction"},
		{MarkPanic, "signal: floating point exception"},
		{MarkPanic, "signal: trace/"},
		{MarkPanic, "exit status 0xc0"},
		{MarkCountedRace, "Found "},
	}
}

// mark notes a line that suggests another kind.
func (s *stream) mark(l rawLine, text []byte) {
	if len(text) < 6 {
		return
	}
	switch text[0] {
	case 'p', 'f', 's', 'r', 'u', 'e', '*', 'S', 'F', 'E':
	case '[':
		if s.crash != nil {
			return
		}
	default:
		return
	}
	if string(text) == "panic:" {
		s.m.mark(&s.pkg.Marks, MarkPanic, l.line(text))
		s.crashMark(MarkPanic, l, text)
		return
	}
	for _, row := range s.m.rows {
		if !bytes.HasPrefix(text, []byte(row.prefix)) {
			continue
		}
		if row.kind == MarkCountedRace && !bytes.Contains(text, []byte(" data race")) {
			continue
		}
		if isCrash(row.kind) && text[0] != '*' {
			s.crashMark(row.kind, l, text)
		}
		s.m.mark(&s.pkg.Marks, row.kind, l.line(text[:min(len(text), 300)]))
		return
	}
}

func (m *machine) mark(to *[]Mark, kind MarkKind, line Line) {
	if len(*to) < maxMarks && m.marks < maxAllMarks {
		m.marks++
		*to = append(*to, Mark{kind, line})
	}
}
