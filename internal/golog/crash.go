// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// Crash is what a process printed when it died: a panic, a fatal error of the
// runtime, a signal, or the alarm of -timeout, with the goroutines below it.
type Crash struct {
	// Kind is the mark of the first line, or of a more telling one before the
	// first goroutine.
	Kind  MarkKind
	First Line
	// Text runs from the first line to the next framing line.
	Text *Text
	// Carrier is the test whose output held the first line, "" when none did.
	// It does not say who crashed.
	Carrier string
	// Dumped is true when a line "goroutine N [state]:" followed.
	Dumped bool
	// Quoted is true when the same run went on afterwards: the text was printed
	// by a test, and nothing crashed.
	Quoted bool
}

// Bounds of what is kept of crashes.
const (
	maxCrashes  = 8
	crashOutput = 128 << 10 // head; as much again as tail
)

// isCrash reports whether a mark is the first line of a crash.
func isCrash(k MarkKind) bool {
	switch k {
	case MarkPanic, MarkTimeout, MarkMapFatal, MarkAllAsleep, MarkLogAfter, MarkMemory:
		return true
	}
	return false
}

// behindProgress cuts the dots of a framework off the front of a crash: ginkgo, gocheck
// and goconvey print one for each spec and no line end, and the process dies behind them.
func behindProgress(text []byte) []byte {
	if len(text) == 0 || text[0] != '.' && text[0] != 0xe2 && text[0] != 'S' && text[0] != 'P' {
		return text
	}
	rest := bytes.TrimLeft(text, "•.SPF+*x✔✘")
	if len(rest) == len(text) || !bytes.ContainsAny(text[:len(text)-len(rest)], "•.✔✘") {
		return text
	}
	if bytes.HasPrefix(rest, []byte("panic: ")) || bytes.HasPrefix(rest, []byte("fatal error: ")) || bytes.HasPrefix(rest, []byte("SIGQUIT: ")) {
		return rest
	}
	return text
}

// crashMark opens a crash, or tells more of the one that is open.
func (s *stream) crashMark(kind MarkKind, l rawLine, text []byte) {
	if c := s.crash; c != nil && !c.Dumped {
		if c.Kind == MarkPanic {
			c.Kind = kind
		}
		return
	}
	if n := len(s.pkg.Crashes); n > 0 && (text[0] == 's' || text[0] == 'e') {
		return // how the process ended that the crash before is of
	} else if n >= maxCrashes {
		s.crash = nil
		return
	}
	c := &Crash{Kind: kind, First: l.line(text[:min(len(text), 300)]), Text: s.m.newText(crashOutput)}
	if s.cur != nil {
		c.Carrier = s.cur.Name
	}
	s.crash = c
	s.pkg.Crashes = append(s.pkg.Crashes, c)
}

// crashLine adds a line of output to the open crash.
func (s *stream) crashLine(l rawLine, text []byte) {
	c := s.crash
	if c == nil {
		return
	}
	if rest := text[indentOf(text):]; !c.Dumped && bytes.HasPrefix(rest, []byte("goroutine ")) && bytes.IndexByte(rest, '[') > 0 {
		c.Dumped = true
	}
	s.m.add(c.Text, l, text)
}

// crashFrame ends the open crash at a framing line, which may show that the
// process lived on. Package testing reports the failed test before the panic
// goes on, so nothing of the test that carries a crash follows it.
func (s *stream) crashFrame(f *frame) {
	c := s.crash
	if c == nil || f.kind == frameNone || f.kind == frameBuild {
		return
	}
	switch f.kind {
	case frameResult:
		if !c.Dumped || string(f.name) == c.Carrier {
			c.Quoted = true
		}
	case frameRun:
		if f.start && bytes.IndexByte(f.name, '/') < 0 {
			c.Quoted = true
		}
	case framePass:
		c.Quoted = true
	case framePause:
		return
	case frameFail:
		// "FAIL" alone is printed by a process that ran all its tests.
		s.failedAlone = true
		return
	case frameExit:
		// A crash ends with 2 or a signal; 1 is the normal end of a failed run.
		if s.failedAlone && f.exit == 1 {
			c.Quoted = true
		}
	}
	s.crash, s.failedAlone = nil, false
}

// endsRun reports whether a line is of package testing or of the runtime of a test,
// and so of no build, although "# package" was printed before.
func endsRun(text []byte) bool {
	return bytes.HasPrefix(text, []byte("panic: test timed out after ")) || bytes.HasPrefix(text, []byte("fatal error: all goroutines are asleep"))
}

// died reports whether the last crash is beyond doubt: goroutines were dumped,
// and nothing of the run followed.
func (s *stream) died() bool {
	n := len(s.pkg.Crashes)
	return n > 0 && s.pkg.Crashes[n-1].Dumped && !s.pkg.Crashes[n-1].Quoted
}

// crashedAfterPass reports whether the process of a run that printed PASS died
// afterwards, and the log ends there.
func (s *stream) crashedAfterPass() bool {
	for _, c := range s.pkg.Crashes {
		if !c.Quoted && c.First.No > s.pkg.Ended.No {
			return true
		}
	}
	return false
}
