// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import "bytes"

// frameKind is what a line of go test's own output is.
type frameKind int

const (
	frameNone          frameKind = iota
	frameRun                     // === RUN, CONT, NAME: output of that test follows
	framePause                   // === PAUSE
	frameResult                  // --- PASS, FAIL, SKIP
	framePackage                 // ok p, FAIL p, ? p
	framePass                    // PASS alone
	frameFail                    // FAIL alone
	frameExit                    // exit status N
	frameBuild                   // # p
	frameGotestsumFail           // === FAIL: p TestX (0.00s)
	frameGotestsumSkip           // === SKIP: p TestX (0.00s)
	frameGotestsumHead           // === Failed, === Errors
	frameGotestsumTest           // FAIL p.TestX (0.00s)
	frameGotestsumPkg            // ✖  p (5ms)
	frameGotestsumDone           // DONE 8 tests, 4 failures
)

// frame is one parsed framing line.
type frame struct {
	kind   frameKind
	start  bool   // frameRun: "=== RUN"
	status byte   // 'p', 'f', 's'
	name   []byte // test or package
	note   []byte // framePackage: what stands in brackets or parentheses
	exit   int
	took   []byte // duration as printed, nil for none
	indent int    // of the "---"
	prefix int    // bytes of other output before "---" on the same line
}

// parseFrame recognises the lines that package testing and cmd/go print
// (testing/testing.go, cmd/go/internal/test/test.go). line is clean; any
// indentation of a paste is already gone.
func parseFrame(line []byte) frame {
	if len(line) == 0 {
		return frame{}
	}
	switch line[0] {
	case '=':
		return parseEquals(line)
	case ' ', '\t', '-':
		indent := indentOf(line)
		if f := parseResult(line[indent:]); f.kind != frameNone {
			f.indent = indent
			return f
		}
		if line[0] == '\t' {
			return parseNoTests(line)
		}
		if indent == 2 && len(line) > 8 && line[6] == ' ' {
			return parseIndented(line[2:])
		}
	case 'B':
		// A benchmark that fails after its first round does so behind its name.
		if i := bytes.Index(line, []byte("\t--- FAIL: Benchmark")); i > 0 && bytes.HasPrefix(line, []byte("Benchmark")) {
			return parseResult(line[i+1:])
		}
	case 'o':
		if rest, ok := bytes.CutPrefix(line, []byte("ok  ")); ok {
			return parsePackage(rest, 'p')
		}
	case 'F':
		if len(line) == 4 && string(line) == "FAIL" {
			return frame{kind: frameFail}
		}
		if bytes.HasPrefix(line, []byte("FAIL\t")) || bytes.HasPrefix(line, []byte("FAIL ")) {
			if f := parseWord(bytes.TrimLeft(line[5:], " "), 'f'); f.kind != frameNone {
				return f
			}
			return parsePackage(line[4:], 'f')
		}
	case 'P':
		if len(line) == 4 && string(line) == "PASS" {
			return frame{kind: framePass}
		}
		if bytes.HasPrefix(line, []byte("PASS ")) {
			return parseWord(line[5:], 'p')
		}
	case 'S':
		if bytes.HasPrefix(line, []byte("SKIP ")) {
			return parseWord(line[5:], 's')
		}
	case 0xe2:
		return parseShort(line)
	case '?':
		if bytes.HasPrefix(line, []byte("?   ")) {
			return parsePackage(line[4:], 's')
		}
	case 'e':
		if rest, ok := bytes.CutPrefix(line, []byte("exit status ")); ok {
			if n, ok := atoi(rest); ok {
				return frame{kind: frameExit, exit: n}
			}
		}
	case '#':
		if rest, ok := bytes.CutPrefix(line, []byte("# ")); ok && isBuildHead(rest) {
			return frame{kind: frameBuild, name: rest}
		}
	case 'D':
		if bytes.HasPrefix(line, []byte("DONE ")) && bytes.Contains(line, []byte(" test")) {
			return frame{kind: frameGotestsumDone}
		}
	}
	return frame{}
}

// parseIndented reads what gotestsum's format for GitHub indents by two blanks.
func parseIndented(line []byte) frame {
	switch string(line[:5]) {
	case "PASS ":
		return parseWord(line[5:], 'p')
	case "FAIL ":
		return parseWord(line[5:], 'f')
	case "SKIP ":
		return parseWord(line[5:], 's')
	}
	return frame{}
}

// read parses line into f, which saves the copies of parseFrame. Most lines of a
// log are of three kinds: output, a start and a pass.
func (f *frame) read(line []byte) {
	*f = frame{}
	if len(line) == 0 || !framing[line[0]] {
		return
	}
	switch line[0] {
	case '=':
		if len(line) > 14 && string(line[:10]) == "=== RUN   " && isTestName(line[10:]) && bytes.IndexByte(line[10:], ' ') < 0 {
			f.kind, f.start, f.name = frameRun, true, line[10:]
			return
		}
	case '-', ' ':
		i := 0
		for i < len(line) && line[i] == ' ' {
			i++
		}
		if i < len(line) && line[i] != '-' && i != 2 {
			return
		}
		if rest := line[i:]; len(rest) > 22 && string(rest[:10]) == "--- PASS: " && string(rest[len(rest)-2:]) == "s)" && isTestName(rest[10:]) {
			n := bytes.IndexByte(rest[10:], ' ')
			if n > 0 && rest[11+n] == '(' && bytes.IndexByte(rest[12+n:], '(') < 0 {
				f.kind, f.status, f.indent = frameResult, 'p', i
				f.name, f.took = rest[10:10+n], rest[12+n:len(rest)-1]
				return
			}
		}
	}
	*f = parseFrame(line)
}

// framing tells the bytes that a line of go test or gotestsum can start with.
var framing = [256]bool{'=': true, 'B': true, '-': true, ' ': true, '\t': true, 'o': true, 'F': true, 'P': true, 'S': true, '?': true, 'e': true, '#': true, 'D': true, 0xe2: true}

func parseEquals(line []byte) frame {
	rest, ok := bytes.CutPrefix(line, []byte("=== "))
	if !ok || len(rest) < 6 {
		return frame{}
	}
	word, name, ok := bytes.Cut(rest, []byte(" "))
	if !ok {
		switch string(rest) {
		case "Failed":
			return frame{kind: frameGotestsumHead, status: 'f'}
		case "Errors":
			return frame{kind: frameGotestsumHead, status: 'e'}
		case "Skipped":
			return frame{kind: frameGotestsumHead, status: 's'}
		}
		return frame{}
	}
	name = bytes.TrimSpace(name)
	switch string(word) {
	case "RUN":
		return namedFrame(frame{kind: frameRun, start: true, name: name})
	case "CONT", "NAME":
		return namedFrame(frame{kind: frameRun, name: name})
	case "PAUSE":
		return namedFrame(frame{kind: framePause, name: name})
	case "FAIL:":
		return parseSummary(name, frameGotestsumFail)
	case "SKIP:":
		return parseSummary(name, frameGotestsumSkip)
	}
	return frame{}
}

// parseSummary reads "pkg TestX (0.00s)", and "pkg  (0.00s)" of a package that
// failed without a failing test.
func parseSummary(rest []byte, kind frameKind) frame {
	pkg, test, ok := bytes.Cut(rest, []byte(" "))
	if !ok || !isImportPath(pkg) {
		return frame{}
	}
	f := frame{kind: kind, note: pkg}
	if f.name, f.took = cutDuration(bytes.TrimSpace(test)); len(f.name) > 0 && f.name[0] == '(' {
		f.name = nil
	}
	if len(f.name) == 0 && f.took == nil && !bytes.HasSuffix(test, []byte(")")) || len(f.name) > 0 && !isTestName(f.name) {
		return frame{}
	}
	return f
}

// namedFrame drops a frame whose name is not one word: test names hold none of
// the white space that would end it (testing's rewrite makes it "_").
func namedFrame(f frame) frame {
	if len(f.name) == 0 || bytes.IndexByte(f.name, ' ') >= 0 || !isTestName(f.name) {
		return frame{}
	}
	return f
}

// parseResult reads "--- FAIL: TestX (0.00s)"; gotestsum's formats leave the
// duration out and may add "(re-run 1)".
func parseResult(s []byte) frame {
	rest, ok := bytes.CutPrefix(s, []byte("--- "))
	if !ok || len(rest) < 7 {
		return frame{}
	}
	f := frame{kind: frameResult}
	switch string(rest[:6]) {
	case "PASS: ":
		f.status = 'p'
	case "FAIL: ":
		f.status = 'f'
	case "SKIP: ":
		f.status = 's'
	default:
		return frame{}
	}
	f.name, f.took = cutDuration(rest[6:])
	if len(f.name) == 0 || bytes.IndexByte(f.name, ' ') >= 0 || !isTestName(f.name) {
		return frame{}
	}
	return f
}

// resultInside finds a result behind other output on the same line: a test
// that prints without a line end leaves "progress 30%--- PASS: TestX (0.00s)".
func resultInside(line []byte) frame {
	if len(line) < 16 || line[len(line)-1] != ')' || line[len(line)-2] != 's' {
		return frame{}
	}
	i := bytes.LastIndex(line, []byte("--- "))
	if i <= 0 {
		return frame{}
	}
	f := parseResult(line[i:])
	f.prefix = i
	return f
}

// cutDuration cuts "TestX (re-run 1) (0.01s)" behind the name.
func cutDuration(s []byte) (name, took []byte) {
	i := bytes.IndexByte(s, ' ')
	if i < 0 || i+1 >= len(s) || s[i+1] != '(' {
		return bytes.TrimRight(s, " "), nil
	}
	if j := bytes.LastIndexByte(s, '('); s[len(s)-1] == ')' {
		took = s[j+1 : len(s)-1]
	}
	return s[:i], took
}

// parsePackage reads what follows "ok", "FAIL" or "?": the import path and
// then a duration, "(cached)", "[build failed]" or coverage. Pasting may have
// turned the tabs into blanks.
func parsePackage(rest []byte, status byte) frame {
	rest = bytes.TrimLeft(rest, " \t")
	path := firstField(rest)
	tail := bytes.TrimSpace(rest[len(path):])
	if !isImportPath(path) {
		return frame{}
	}
	f := frame{kind: framePackage, status: status, name: path}
	switch {
	case len(tail) == 0:
		// gotestsum prints "FAIL p"; a lone word after FAIL is too little.
		if bytes.IndexByte(path, '/') < 0 && bytes.IndexByte(path, '.') < 0 {
			return frame{}
		}
	case tail[0] == '[':
		if end := bytes.IndexByte(tail, ']'); end > 0 {
			f.note = tail[1:end]
		}
	case tail[0] == '(':
		if end := bytes.IndexByte(tail, ')'); end > 0 {
			f.note = tail[1:end]
		}
	default:
		d := firstField(tail)
		f.took = d
		if len(d) < 2 || d[len(d)-1] != 's' || d[0] < '0' || d[0] > '9' {
			if !bytes.HasPrefix(tail, []byte("coverage:")) {
				return frame{}
			}
		}
	}
	return f
}

// parseNoTests reads "\tp\t\tcoverage: 0.0% of statements".
func parseNoTests(line []byte) frame {
	rest := line[1:]
	path := firstField(rest)
	if isImportPath(path) && bytes.HasPrefix(rest[len(path):], []byte("\t\tcoverage: ")) {
		return frame{kind: framePackage, status: 's', name: path}
	}
	return frame{}
}

func firstField(s []byte) []byte {
	if i := bytes.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

// isImportPath reports whether s can be an import path or a path as gotestsum
// shortens it.
func isImportPath(s []byte) bool {
	if len(s) == 0 || len(s) > 512 {
		return false
	}
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c >= 0x80:
		case bytes.IndexByte([]byte("/.-_~+@\\"), c) >= 0:
		default:
			return false
		}
	}
	c := s[0] | 0x20
	return 'a' <= c && c <= 'z' || s[0] == '_' || s[0] == '.' || s[0] >= 0x80 || '0' <= s[0] && s[0] <= '9' && bytes.IndexByte(s, '/') > 0
}

// isBuildHead reports whether s is what cmd/go prints above a build's messages:
// "p", "p [p.test]", "[p]" of vet, and of old versions "p (p.test)". What root types
// at a prompt, "go build ." and "make", is not.
func isBuildHead(s []byte) bool {
	p := firstField(s)
	tail := bytes.TrimSpace(s[len(p):])
	return isImportPath(p) && string(p) != "make" && (len(tail) == 0 || tail[0] == '[' || tail[0] == '(')
}

// isTestName reports whether the top-level part of a name can be a test,
// benchmark, fuzz target or example (testing.isTest in cmd/go/internal/load).
func isTestName(s []byte) bool {
	if len(s) < 4 {
		return false
	}
	p := ""
	switch s[0] {
	case 'T':
		p = "Test"
	case 'B':
		p = "Benchmark"
	case 'F':
		p = "Fuzz"
	case 'E':
		p = "Example"
	default:
		return false
	}
	if len(s) <= len(p) {
		return string(s) == p
	}
	return string(s[:len(p)]) == p && (s[len(p)] < 'a' || s[len(p)] > 'z')
}

func atoi(s []byte) (int, bool) {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e8 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(s) > 0
}

// isRaceMark reports whether line is the message by which package testing
// fails a test that ran while the detector reported
// (testing.go:1617: race detected during execution of test).
func isRaceMark(line []byte) bool {
	i := bytes.Index(line, []byte("race detected during execution of "))
	if i < 0 {
		return false
	}
	head := bytes.TrimLeft(line[:i], " \t")
	return bytes.HasPrefix(head, []byte("testing.go:")) || bytes.HasPrefix(head, []byte("benchmark.go:"))
}
