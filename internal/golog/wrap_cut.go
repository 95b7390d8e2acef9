// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// shape reports whether line starts with a text of a shape: 0 stands for a
// digit, A for a capital, a for a small letter, any other byte for itself.
func shape(line []byte, want string) bool {
	if len(line) < len(want) {
		return false
	}
	for i := range len(want) {
		c := line[i]
		switch want[i] {
		case '0':
			if c < '0' || c > '9' {
				return false
			}
		case 'A':
			if c < 'A' || c > 'Z' {
				return false
			}
		case 'a':
			if c < 'a' || c > 'z' {
				return false
			}
		default:
			if c != want[i] {
				return false
			}
		}
	}
	return true
}

// rfc3339 returns the length of a time stamp at the start of line, 0 for none,
// and how many digits of a second's fraction it has.
func rfc3339(line []byte) (length, fraction int) {
	if !shape(line, "0000-00-00T00:00:00") {
		return 0, 0
	}
	i := 19
	if i < len(line) && (line[i] == '.' || line[i] == ',') {
		for i++; i < len(line) && line[i] >= '0' && line[i] <= '9'; i++ {
			fraction++
		}
	}
	switch {
	case i < len(line) && line[i] == 'Z':
		return i + 1, fraction
	case shape(line[i:], "+00:00"), shape(line[i:], "-00:00"):
		return i + 6, fraction
	case shape(line[i:], "+0000"), shape(line[i:], "-0000"):
		return i + 5, fraction
	}
	return 0, 0
}

// cutStamps removes the time stamps of GitHub Actions and Azure Pipelines (seven
// digits), of GitLab (six, then the stream's number and kind) and of a container
// runtime (nine, then the stream's name). Zuul's has blanks and bars.
func cutStamps(line []byte) (cutResult, bool) {
	n, fraction := rfc3339(line)
	if n == 0 {
		return cutZuul(line)
	}
	rest := line[n:]
	switch {
	case fraction == 7 && n == 28 && len(rest) == 0:
		return cutResult{kind: wrapStamp, stamp: line[:n]}, true
	case fraction == 7 && n == 28 && rest[0] == ' ':
		return cutResult{kind: wrapStamp, rest: bytes.TrimPrefix(rest[1:], bom), stamp: line[:n]}, true
	case fraction == 6 && len(rest) >= 5 && rest[0] == ' ' && isHexDigit(rest[1]) && isHexDigit(rest[2]) && (rest[3] == 'O' || rest[3] == 'E') && (rest[4] == ' ' || rest[4] == '+'):
		return cutResult{kind: wrapGitLab, rest: rest[5:], join: rest[4] == '+'}, true
	case bytes.HasPrefix(rest, []byte(" stdout ")), bytes.HasPrefix(rest, []byte(" stderr ")):
		if len(rest) >= 10 && (rest[8] == 'F' || rest[8] == 'P') && rest[9] == ' ' {
			return cutResult{kind: wrapCRI, rest: rest[10:], part: rest[8] == 'P'}, true
		}
	}
	return cutResult{}, false
}

var bom = []byte("\xef\xbb\xbf")

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
}

// cutZuul reads "2026-04-17 21:56:01.123456 | node | text" of Zuul's job-output.txt.
func cutZuul(line []byte) (cutResult, bool) {
	if !shape(line, "0000-00-00 00:00:00.000000 | ") {
		return cutResult{}, false
	}
	rest := line[29:]
	if i := bytes.Index(rest, []byte(" | ")); i > 0 && isWord(rest[:i]) {
		rest = rest[i+3:]
	}
	return cutResult{kind: wrapZuul, rest: rest}, true
}

// cutColumns reads what `gh run view --log` prints: job, step, and the line with
// its time stamp.
func cutColumns(line []byte) (cutResult, bool) {
	job, rest, ok := bytes.Cut(line[:min(len(line), 1000)], []byte("\t"))
	if !ok || len(job) == 0 {
		return cutResult{}, false
	}
	step, _, ok := bytes.Cut(rest, []byte("\t"))
	if !ok || len(step) == 0 {
		return cutResult{}, false
	}
	text := line[len(job)+len(step)+2:]
	stamped := bytes.TrimPrefix(text, bom)
	if n, fraction := rfc3339(stamped); n != 28 || fraction != 7 {
		return cutResult{}, false
	}
	return cutResult{kind: wrapColumns, rest: stamped, key: job}, true
}

// cutBamboo reads "build<TAB>17-Apr-2026 21:56:01<TAB>text".
func cutBamboo(line []byte) (cutResult, bool) {
	for _, p := range []string{"build\t", "error\t", "simple\t"} {
		if rest, ok := bytes.CutPrefix(line, []byte(p)); ok && shape(rest, "00-Aaa-0000 00:00:00\t") {
			return cutResult{kind: wrapBamboo, rest: rest[21:]}, true
		}
	}
	return cutResult{}, false
}

// cutBuildKit reads "#12 3.456 text" of docker build's plain progress. What else
// starts with the step's number tells of the step and is no output of it.
func cutBuildKit(line []byte) (cutResult, bool) {
	i := 1
	for i < len(line) && i < 7 && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	if i == 1 || i >= len(line) || line[i] != ' ' {
		return cutResult{}, false
	}
	n := seconds(line[i+1:])
	if n == 0 {
		return cutResult{}, false
	}
	return cutResult{kind: wrapBuildKit, rest: line[i+1+n:], key: line[1:i]}, true
}

// seconds returns the length of "3.456 " at the start of line, 0 for none. The
// blank may be missing before nothing.
func seconds(line []byte) int {
	i := 0
	for i < len(line) && i < 8 && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	if i == 0 || i >= len(line) || line[i] != '.' {
		return 0
	}
	from := i + 1
	for i = from; i < len(line) && i < from+3 && line[i] >= '0' && line[i] <= '9'; i++ {
	}
	switch {
	case i == from:
		return 0
	case i == len(line):
		return i
	case line[i] == ' ':
		return i + 1
	}
	return 0
}

// cutGCB reads `Step #0 - "test": text` and `Step #0: text`.
func cutGCB(line []byte) (cutResult, bool) {
	rest, ok := bytes.CutPrefix(line, []byte("Step #"))
	if !ok {
		return cutResult{}, false
	}
	i := 0
	for i < len(rest) && i < 4 && rest[i] >= '0' && rest[i] <= '9' {
		i++
	}
	if i == 0 || i >= len(rest) {
		return cutResult{}, false
	}
	if named, ok := bytes.CutPrefix(rest[i:], []byte(` - "`)); ok {
		end := bytes.Index(named, []byte(`":`))
		if end <= 0 {
			return cutResult{}, false
		}
		return cutResult{kind: wrapGCB, rest: bytes.TrimPrefix(named[end+2:], []byte(" ")), key: named[:end]}, true
	}
	if rest[i] != ':' {
		return cutResult{}, false
	}
	return cutResult{kind: wrapGCB, rest: bytes.TrimPrefix(rest[i+1:], []byte(" ")), key: line[5 : 6+i]}, true
}

// cutBrackets reads Jenkins' time stamps, woodpecker-cli's step names and
// TeamCity's times.
func cutBrackets(line []byte, used wrapSet) (cutResult, bool) {
	end := bytes.IndexByte(line[:min(len(line), 120)], ']')
	if end < 8 {
		return cutResult{}, false
	}
	inside, rest := line[1:end], line[end+1:]
	if !used.has(wrapJenkins) {
		if n, _ := rfc3339(inside); n == len(inside) {
			return cutResult{kind: wrapJenkins, rest: bytes.TrimPrefix(rest, []byte(" "))}, true
		}
	}
	if !used.has(wrapTeamCity) && shape(inside, "00:00:00") && len(inside) == 8 && len(rest) > 3 && rest[1] == ':' && rest[2] == '\t' {
		rest = bytes.TrimPrefix(rest[3:], []byte(" "))
		if len(rest) > 0 && rest[0] == '[' {
			if i := bytes.IndexByte(rest, ']'); i > 0 {
				return cutResult{kind: wrapTeamCity, rest: bytes.TrimPrefix(rest[i+1:], []byte(" ")), key: rest[1:i]}, true
			}
		}
		return cutResult{kind: wrapTeamCity, rest: rest}, true
	}
	if !used.has(wrapLocal) && line[end-1] == 's' {
		if i := bytes.LastIndex(inside, []byte(":L")); i > 0 && isCount(inside[i+2:]) {
			return cutResult{kind: wrapLocal, rest: bytes.TrimPrefix(rest, []byte(" ")), key: inside[:i]}, true
		}
	}
	return cutResult{}, false
}

// isCount reports whether s is "12:3s".
func isCount(s []byte) bool {
	line, took, ok := bytes.Cut(bytes.TrimSuffix(s, []byte("s")), []byte(":"))
	_, a := atoi(line)
	_, b := atoi(took)
	return ok && a && b
}

// isWord reports whether s is a name as tools print it before a line.
func isWord(s []byte) bool {
	if len(s) == 0 || len(s) > 120 {
		return false
	}
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '_', c == '-', c == '.', c == '/', c == '+', c == '@', c == ':', c == '#':
		default:
			return false
		}
	}
	return true
}
