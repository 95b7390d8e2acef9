// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

// Note is a line of plain text outside of every test and build that holds a
// word of trouble. What it means is for package kind to say.
type Note struct {
	Line Line
	// Run is the run of a package that the line stands in or before; it is not
	// part of [Log.Packages] when nothing of go test followed.
	Run *Package
	// Inside is true when framing of that run came before the line.
	Inside bool
}

// Bounds of the notes: the first ones are kept, and the last ones.
const (
	maxNotes  = 600
	noteBytes = 2 << 10
)

// noteWords are what a line must hold one of to be noted, in lower case. They
// are grouped by first letter so that one look at a byte rules most out.
func noteWords() (by [256][]string) {
	for _, w := range []string{
		"error", "err:", "fail", "fatal", "cannot", "can't", "could not", "denied", "no space", "disk", "quota", "killed", "signal", "oom",
		"out of memory", "memory", "cancel", "terminat", "interrupt", "abort", "time", "deadline", "deadlock", "lost", "shutdown",
		"refused", "reset by", "unreachable", "no such", "not found", "misbehaving", "eof", "in use", "bind:", "missing",
		"mismatch", "unknown revision", "invalid", "undefined", "coverage", "leak", "goroutine", "mock", "panic", "exit",
		"lint", "vet:", "gofmt", "issue", "out of date", "up to date", "toolchain", "requires go", "go: ", "unable",
		"toomany", "too many", "too long", "rate limit", "unavailable", "bad gateway", "bad request", "offline", "evicted", "stopped", "not enough",
		"verifying", "not contain", "imported and not used", "declared and not used", ".go:", "warning", "expected", "package ", "import", "low on",
	} {
		by[w[0]] = append(by[w[0]], w)
	}
	return by
}

// noteworthy reports whether text holds one of the words.
func (m *machine) noteworthy(text []byte) bool {
	for i := range text {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		for _, w := range m.words[c] {
			if hasFold(text[i:], w) {
				return true
			}
		}
	}
	return false
}

// hasFold reports whether text starts with word, whose letters are lower case.
func hasFold(text []byte, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// note keeps a line of the job, or of a package outside its tests.
func (s *stream) note(l rawLine, text []byte) {
	m := s.m
	if len(text) < 6 || !m.noteworthy(text) {
		return
	}
	n := Note{Line: l.line(text[:min(len(text), noteBytes)]), Run: s.pkg, Inside: s.began}
	if len(m.log.Notes) < maxNotes {
		m.log.Notes = append(m.log.Notes, n)
		return
	}
	// The second half is a ring: how a job ends matters as much as how it began.
	m.log.Notes[maxNotes/2+int(m.notes%(maxNotes/2))] = n
	m.notes++
}

// orderNotes brings the ring into log order.
func (m *machine) orderNotes() {
	if m.notes == 0 {
		return
	}
	ring := m.log.Notes[maxNotes/2:]
	at := int(m.notes % (maxNotes / 2))
	ordered := append(append([]Note{}, ring[at:]...), ring[:at]...)
	copy(ring, ordered)
}
