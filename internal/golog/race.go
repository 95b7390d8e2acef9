// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Limits of one report. The longest stack seen in real logs has 131 frames.
const (
	maxFrames      = 512
	maxReportText  = culprit.MaxEvidence
	maxForeign     = 400 // other lines between two lines of one report
	maxWaitForRace = 25  // other lines between the warning and the first access
)

// raceScanner cuts race reports out of a stream of lines.
//
// Grammar: compiler-rt/lib/tsan/rtl/tsan_report.cpp under SANITIZER_GO. Each
// line of a report is one write, a frame's two lines are one, so output of
// other goroutines can stand between them or in front of one on its line.
type raceScanner struct {
	active    bool
	r         *Report
	text      strings.Builder
	stack     *culprit.List[culprit.Frame]
	pending   string // a function line waiting for its file line
	foreign   int
	last      Line // last line that belongs to the report
	opened    bool // "=====" stood before the warning
	sep       Line // the last "=====" line seen, when it was the line before
	elided    bool
	lastBlank bool
	created   map[int]bool
	lines     int
}

var warning = []byte("WARNING: DATA RACE")

// feed takes a clean line. It returns a report when this line ends one, and
// whether the line belongs to a report.
func (s *raceScanner) feed(l rawLine, text []byte, carrier string) (done *Report, mine bool) {
	indent := indentOf(text)
	trimmed := bytes.TrimRight(text[indent:], " \t")
	sep := isSeparator(trimmed)
	if bytes.Equal(trimmed, warning) {
		if s.active {
			done = s.finish("the next report starts before this one ends", false)
		}
		s.begin(l, text, indent, carrier)
		return done, true
	}
	if !s.active {
		s.sep = Line{}
		if sep {
			s.sep = l.line(nil)
		}
		return nil, false
	}
	if sep {
		s.keep(l, "==================")
		return s.finish("", true), true
	}
	switch {
	case len(trimmed) == 0:
		s.lastBlank = true
		return nil, true
	case s.header(trimmed), s.frame(trimmed):
		s.keep(l, strings.TrimRight(string(text), " \t"))
		s.foreign, s.lastBlank = 0, false
		return nil, true
	}
	s.foreign++
	if name := pendingBehind(trimmed); name != "" {
		s.pending = name
	}
	if f := parseFrame(text); f.kind == framePackage {
		return s.finish("the package's run ends inside the report", false), false
	}
	if len(s.r.Race.Accesses) == 0 && s.foreign > maxWaitForRace {
		s.active = false
		return nil, false
	}
	if s.foreign > maxForeign {
		return s.finish("its closing line is missing", false), false
	}
	return nil, false
}

func isSeparator(trimmed []byte) bool {
	return len(trimmed) >= 18 && bytes.HasSuffix(trimmed, []byte("==================")) &&
		(len(trimmed) == 18 || trimmed[len(trimmed)-19] != '=')
}

func (s *raceScanner) begin(l rawLine, text []byte, indent int, carrier string) {
	first := l.line(nil)
	s.opened = s.sep.No > 0
	sep := s.sep
	*s = raceScanner{active: true, opened: s.opened, created: map[int]bool{}}
	s.r = &Report{Race: &culprit.Race{Accesses: make([]culprit.Access, 0, 2)}, First: first, Repeats: 1, Indent: indent, Carrier: carrier}
	if s.opened {
		s.r.First = sep
		s.text.WriteString("==================\n")
	}
	s.keep(l, string(text))
}

func (s *raceScanner) keep(l rawLine, text string) {
	if s.lastBlank {
		text = "\n" + text
	}
	s.lastBlank = false
	s.last = l.line(nil)
	s.lines++
	if s.text.Len()+len(text) < maxReportText {
		s.text.WriteString(text)
		s.text.WriteByte('\n')
	}
}

// header recognises the line that starts a section of the report.
func (s *raceScanner) header(line []byte) bool {
	if a, ok := parseAccess(line); ok && len(s.r.Race.Accesses) < 2 {
		s.r.Race.Accesses = append(s.r.Race.Accesses, a)
		s.stack, s.pending = &s.r.Race.Accesses[len(s.r.Race.Accesses)-1].Stack, ""
		return true
	}
	if n, finished, ok := parseCreated(line); ok {
		s.stack, s.pending = nil, ""
		s.created[n] = true
		for i := range s.r.Race.Accesses {
			if a := &s.r.Race.Accesses[i]; a.Goroutine == n {
				a.Finished = finished
				if len(a.Created) == 0 {
					s.stack = &a.Created
				}
			}
		}
		if s.stack == nil {
			s.stack = new(culprit.List[culprit.Frame])
		}
		return true
	}
	if bytes.HasPrefix(line, []byte("Heap block of size ")) || bytes.HasPrefix(line, []byte("Global var ")) {
		s.stack, s.pending = new(culprit.List[culprit.Frame]), ""
		return true
	}
	return false
}

// frame recognises the lines of a stack.
func (s *raceScanner) frame(line []byte) bool {
	if s.stack == nil {
		return false
	}
	switch string(line) {
	case "[failed to restore the stack]":
		if n := len(s.r.Race.Accesses); n > 0 && s.stack == &s.r.Race.Accesses[n-1].Stack {
			s.r.Race.Accesses[n-1].StackLost = true
		}
		s.pending = ""
		return true
	case "...", "(...)", "[...]", "…":
		s.elided, s.pending = true, ""
		return true
	}
	if s.pending != "" {
		if file, n, ok := parsePosition(line); ok {
			if len(*s.stack) < maxFrames {
				*s.stack = append(*s.stack, culprit.Frame{Func: s.pending, File: file, Line: n})
			}
			s.pending = ""
			return true
		}
	}
	if name, ok := bytes.CutSuffix(line, []byte("()")); ok && isSymbol(name) {
		s.pending = string(name)
		return true
	}
	return false
}

// pendingBehind finds a function line behind other output on the same line.
func pendingBehind(line []byte) string {
	name, ok := bytes.CutSuffix(line, []byte("()"))
	if !ok {
		return ""
	}
	if i := bytes.LastIndex(name, []byte("  ")); i >= 0 && isSymbol(name[i+2:]) {
		return string(name[i+2:])
	}
	return ""
}

func isSymbol(s []byte) bool {
	if len(s) == 0 || len(s) > 4096 {
		return false
	}
	c := s[0]
	return (c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80) &&
		(bytes.IndexByte(s, ' ') < 0 || bytes.IndexByte(s, '[') >= 0 && bytes.IndexByte(s, ' ') > bytes.IndexByte(s, '['))
}

// parseAccess reads "Previous write at 0x00c0000a01e0 by goroutine 9:". Where
// a person shortened it to "Write at ... F()", Address is empty.
func parseAccess(line []byte) (culprit.Access, bool) {
	i := accessStart(line)
	if i < 0 {
		return culprit.Access{}, false
	}
	rest := strings.ToLower(string(line[i:min(len(line), i+200)]))
	rest = strings.TrimPrefix(rest, "previous ")
	rest, atomic := strings.CutPrefix(rest, "atomic ")
	a := culprit.Access{Atomic: atomic, Op: culprit.OpRead, Goroutine: -1}
	if w, ok := strings.CutPrefix(rest, "write "); ok {
		a.Op, rest = culprit.OpWrite, w
	} else {
		rest = strings.TrimPrefix(rest, "read ")
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "at "), "of ")
	addr, by, _ := strings.Cut(rest, " ")
	if isAddress(addr) {
		a.Address = addr
	} else if !strings.HasPrefix(rest, "...") {
		return culprit.Access{}, false
	}
	_, who, _ := strings.Cut(by, "by ")
	if strings.HasPrefix(who, "main goroutine") {
		a.Goroutine = culprit.MainGoroutine
	} else if who, ok := strings.CutPrefix(who, "goroutine "); ok {
		if n, ok := leadingInt(who); ok {
			a.Goroutine = n
		}
	}
	if a.Address != "" && a.Goroutine < 0 {
		return culprit.Access{}, false
	}
	return a, true
}

// isAddress tells an address from the pattern of one that a test of the detector
// compares with ("0x[0-9,a-f]+"); people write "0x…" where they leave it out.
func isAddress(s string) bool {
	digits, ok := strings.CutPrefix(s, "0x")
	return ok && strings.IndexFunc(digits, func(r rune) bool {
		return r < 0x80 && !('0' <= r && r <= '9' || 'a' <= r && r <= 'f' || r == 'x' || r == '.' || r == '*')
	}) < 0
}

// accessStart finds where the access begins: at the start, or behind other
// output on the same line.
func accessStart(line []byte) int {
	for _, p := range []string{"Previous write at ", "Previous read at ", "Previous atomic write at ", "Previous atomic read at ",
		"Write at ", "Read at ", "Atomic write at ", "Atomic read at ", "Write of ", "Read of ", "Previous write ... ", "Previous read ... "} {
		if bytes.HasPrefix(line, []byte(p)) {
			return 0
		}
	}
	if len(line) == 0 || line[len(line)-1] != ':' {
		return -1
	}
	for _, p := range []string{"Previous write at 0x", "Previous read at 0x", "Previous atomic write at 0x", "Previous atomic read at 0x",
		"Write at 0x", "Read at 0x", "Atomic write at 0x", "Atomic read at 0x"} {
		if i := bytes.LastIndex(line, []byte(p)); i > 0 {
			return i
		}
	}
	return -1
}

// parseCreated reads "Goroutine 10 (running) created at:".
func parseCreated(line []byte) (n int, finished, ok bool) {
	i := bytes.LastIndex(line, []byte("Goroutine "))
	if i < 0 || !bytes.HasSuffix(line, []byte("created at:")) {
		return 0, false, false
	}
	n, ok = leadingInt(string(line[i+len("Goroutine ") : min(len(line), i+40)]))
	return n, bytes.Contains(line[i:], []byte("(finished)")), ok
}

func leadingInt(s string) (int, bool) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	return n, err == nil
}

// parsePosition reads "/src/x.go:12 +0x32"; the file may be "<autogenerated>",
// "D:/a/x.go" or an import path.
func parsePosition(line []byte) (file string, n int, ok bool) {
	if i := bytes.LastIndex(line, []byte(" +0x")); i > 0 {
		line = bytes.TrimRight(line[:i], " ")
	}
	i := bytes.LastIndexByte(line, ':')
	if i <= 0 {
		return "", 0, false
	}
	n, ok = atoi(line[i+1:])
	return string(line[:i]), n, ok
}

// finish ends the report. closed tells whether its closing line was seen.
func (s *raceScanner) finish(why string, closed bool) *Report {
	r := s.r
	s.active, s.sep = false, Line{}
	if len(r.Race.Accesses) == 0 {
		return nil
	}
	r.Last = s.last
	r.Text = s.text.String()
	r.Damaged = s.damage(why, closed)
	for i := range r.Race.Accesses {
		if a := &r.Race.Accesses[i]; a.Goroutine < 0 {
			a.Goroutine = 0
		}
	}
	return r
}

func (s *raceScanner) damage(why string, closed bool) string {
	acc := s.r.Race.Accesses
	switch {
	case len(acc) < 2:
		return "the report shows one access only" + because(why)
	case s.elided:
		return "somebody shortened its stacks"
	}
	for i, a := range acc {
		switch {
		case a.Address == "" || a.Goroutine < 0:
			return "somebody shortened its access lines"
		case len(a.Stack) == 0 && !a.StackLost:
			return fmt.Sprintf("access %d has no stack%s", i+1, because(why))
		case a.Goroutine != culprit.MainGoroutine && !s.created[a.Goroutine]:
			return fmt.Sprintf("it does not say where goroutine %d was created%s", a.Goroutine, because(why))
		case a.Goroutine != culprit.MainGoroutine && len(a.Created) == 0:
			// The detector itself prints an empty or lost creation stack.
			if !closed {
				return fmt.Sprintf("the stack that created goroutine %d is missing%s", a.Goroutine, because(why))
			}
		}
	}
	if s.pending != "" && !closed {
		return "its last frame is cut" + because(why)
	}
	// A paste that left out both separators lost nothing else.
	if !closed && s.opened {
		return "its closing line is missing" + because(why)
	}
	return ""
}

func because(why string) string {
	if why == "" || strings.HasPrefix(why, "its closing") {
		return ""
	}
	return ": " + why
}

// key identifies a report among those of its package: the unordered pair of
// stacks. The empty key never repeats.
func (r *Report) key() string {
	if len(r.Race.Accesses) != 2 {
		return ""
	}
	var k [2]string
	for i, a := range r.Race.Accesses {
		var b strings.Builder
		b.WriteString(string(a.Op))
		for _, f := range a.Stack {
			fmt.Fprintf(&b, "|%s:%d", f.File, f.Line)
		}
		k[i] = b.String()
	}
	if k[0] > k[1] {
		k[0], k[1] = k[1], k[0]
	}
	return k[0] + "\n" + k[1]
}
