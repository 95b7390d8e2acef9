// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// cutLoose tries the wrappers of a set whose shape a test could print, too.
func cutLoose(line []byte, set wrapSet) (cutResult, bool) {
	if len(line) == 0 {
		return cutResult{}, false
	}
	if set.has(wrapTime) {
		if n := anyTime(line); n > 0 {
			return cutResult{kind: wrapTime, rest: line[n:]}, true
		}
	}
	if set.has(wrapPipe) {
		if c, ok := cutPipe(line); ok {
			return c, true
		}
	}
	if set.has(wrapBracket) && line[0] == '[' {
		if end := bytes.IndexByte(line[:min(len(line), 120)], ']'); end > 1 && isLabel(line[1:end]) && !bytes.HasPrefix(line, []byte("[Pipeline]")) {
			if end+1 == len(line) {
				return cutResult{kind: wrapBracket, key: line[1:end]}, true
			}
			if line[end+1] == ' ' {
				return cutResult{kind: wrapBracket, rest: line[end+2:], key: line[1:end]}, true
			}
		}
	}
	if set.has(wrapColon) {
		if i := bytes.Index(line[:min(len(line), 120)], []byte(": ")); i > 0 && isWord(line[:i]) {
			return cutResult{kind: wrapColon, rest: line[i+2:], key: line[:i]}, true
		}
	}
	return cutResult{}, false
}

// isLabel reports whether s can be the name of a Jenkins branch, "task : step"
// of tkn, or "pod/x/y" of kubectl --prefix.
func isLabel(s []byte) bool {
	for word := range bytes.FieldsSeq(s) {
		if !isWord(word) {
			return false
		}
	}
	return true
}

// cutPipe reads "service-1  | text" of docker compose and of tools like it;
// Earthly writes "+target | text".
func cutPipe(line []byte) (cutResult, bool) {
	i := bytes.IndexByte(line[:min(len(line), 120)], '|')
	if i < 2 || line[i-1] != ' ' || i+1 < len(line) && line[i+1] != ' ' {
		return cutResult{}, false
	}
	key := bytes.TrimRight(line[:i], " ")
	if !isWord(bytes.ReplaceAll(key, []byte(" *failed*"), nil)) {
		return cutResult{}, false
	}
	c := cutResult{kind: wrapPipe, key: key}
	if i+2 <= len(line) {
		c.rest = line[i+2:]
	}
	return c, true
}

// prowTime returns the length of "W0329 10:24:38.590] ", which Prow's bootstrap put
// before each line of a job; klog's own lines go on with the process there.
func prowTime(line []byte) int {
	if len(line) < 19 || bytes.IndexByte([]byte("IWEF"), line[0]) < 0 || !shape(line[1:], "0000 00:00:00.000]") {
		return 0
	}
	return min(len(line), 20)
}

// buildTime returns the length of "[   25s] " of the Open Build Service, 0 for none:
// the seconds since the build began, five columns wide.
func buildTime(line []byte) int {
	if len(line) < 8 || line[0] != '[' || line[6] != 's' || line[7] != ']' {
		return 0
	}
	if _, ok := atoi(bytes.TrimLeft(line[1:6], " ")); !ok {
		return 0
	}
	return min(len(line), 9)
}

// lineNumber returns the length of "702    " and "702\t", which web pages put before
// the lines of a log that is copied from them.
func lineNumber(line []byte) int {
	n := 0
	for n < len(line) && n < 7 && '0' <= line[n] && line[n] <= '9' {
		n++
	}
	switch rest := line[n:]; {
	case n == 0 || n == 7:
		return 0
	case len(rest) > 0 && rest[0] == '\t':
		return n + 1
	case len(rest) > 1 && rest[0] == ' ' && rest[1] == ' ':
		return n + min(4, len(rest)-len(bytes.TrimLeft(rest, " ")))
	}
	return 0
}

// numbered switches to a log with numbers before its lines: line two has one, and the
// line below it the next. The first line of such a copy has lost its own.
func (m *machine) numbered(line []byte) bool {
	n := lineNumber(line)
	if n == 0 || m.wrap.off || m.wrap.on.has(wrapTime) {
		return false
	}
	below, _, _ := bytes.Cut(m.ahead(), []byte("\n"))
	below, _ = clean(below[:min(len(below), 4096)], nil)
	k := lineNumber(below)
	if k == 0 {
		return false
	}
	this, _ := atoi(bytes.TrimRight(line[:n], " \t"))
	next, _ := atoi(bytes.TrimRight(below[:k], " \t"))
	if next == this+1 {
		m.wrap.on.add(wrapTime)
	}
	return next == this+1
}

// anyTime returns the length of a time stamp at the start of line with the
// blanks behind it, 0 for none.
func anyTime(line []byte) int {
	if n := buildTime(line); n > 0 {
		return n
	}
	if n := prowTime(line); n > 0 {
		return n
	}
	if n := lineNumber(line); n > 0 {
		return n
	}
	if line[0] != '[' && line[0] != '(' && (line[0] < '0' || line[0] > '9') {
		return 0
	}
	i, closing := 0, byte(0)
	switch line[0] {
	case '[':
		i, closing = 1, ']'
	case '(':
		i, closing = 1, ')'
	}
	s := line[i:]
	n := 0
	if k, _ := rfc3339(s); k > 0 {
		n = k
	} else {
		for _, day := range []string{"0000-00-00 ", "0000/00/00 ", "0000-00-00T", "00-00-0000 ", "00/00/0000 "} {
			if shape(s, day) {
				n = len(day)
				break
			}
		}
		if !shape(s[n:], "00:00:00") {
			return 0
		}
		n += 8
		if n < len(s) && (s[n] == '.' || s[n] == ',') {
			for n++; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
			}
		}
		if rest := s[n:]; bytes.HasPrefix(rest, []byte(" UTC")) {
			n += 4
		} else if shape(rest, " +0000") || shape(rest, " -0000") {
			n += 6
		}
	}
	i += n
	if closing != 0 {
		if i >= len(line) || line[i] != closing {
			return 0
		}
		i++
	}
	if i == len(line) {
		return i
	}
	if line[i] != ' ' && line[i] != '\t' {
		return 0
	}
	// Jenkins' timestamper writes two blanks. More belong to the line.
	i++
	if closing == 0 && n == 8 && i < len(line) && line[i] == ' ' {
		i++
	}
	return i
}

// signKind is a line by which a CI system shows itself without wrapping lines.
type signKind uint

const (
	signGitLab signKind = iota
	signBuildkite
	signTravis
	signJenkins
	signAzure
	signKinds
)

func signNames() [signKinds]string {
	return [signKinds]string{signGitLab: "gitlab", signBuildkite: "buildkite", signTravis: "travis", signJenkins: "jenkins", signAzure: "azure-pipelines"}
}

// folds removes the marks by which GitLab and Travis fold a log; they end in a
// carriage return, and what follows it is the line.
func (m *machine) folds(line []byte) []byte {
	for len(line) > 12 {
		sign := signTravis
		switch {
		case line[0] == 's' && (bytes.HasPrefix(line, []byte("section_start:")) || bytes.HasPrefix(line, []byte("section_end:"))):
			sign = signGitLab
		case line[0] == 't' && (bytes.HasPrefix(line, []byte("travis_fold:")) || bytes.HasPrefix(line, []byte("travis_time:"))):
		default:
			return line
		}
		m.wrap.signs[sign]++
		i := bytes.IndexByte(line, '\r')
		if i < 0 {
			return nil
		}
		line = line[i+1:]
	}
	return line
}
