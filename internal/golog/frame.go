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
	indent int // of the "---"
	prefix int // bytes of other output before "---" on the same line
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
	case 'o':
		if rest, ok := bytes.CutPrefix(line, []byte("ok  ")); ok {
			return parsePackage(rest, 'p')
		}
	case 'F':
		if len(line) == 4 && string(line) == "FAIL" {
			return frame{kind: frameFail}
		}
		if bytes.HasPrefix(line, []byte("FAIL\t")) || bytes.HasPrefix(line, []byte("FAIL ")) {
			return parsePackage(line[4:], 'f')
		}
	case 'P':
		if len(line) == 4 && string(line) == "PASS" {
			return frame{kind: framePass}
		}
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
		if rest, ok := bytes.CutPrefix(line, []byte("# ")); ok && isImportPath(firstField(rest)) {
			return frame{kind: frameBuild, name: rest}
		}
	case 'D':
		if bytes.HasPrefix(line, []byte("DONE ")) && bytes.Contains(line, []byte(" test")) {
			return frame{kind: frameGotestsumDone}
		}
	}
	return frame{}
}

func parseEquals(line []byte) frame {
	rest, ok := bytes.CutPrefix(line, []byte("=== "))
	if !ok || len(rest) < 6 {
		return frame{}
	}
	word, name, ok := bytes.Cut(rest, []byte(" "))
	if !ok {
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
		pkg, test, ok := bytes.Cut(name, []byte(" "))
		if !ok {
			return frame{}
		}
		return frame{kind: frameGotestsumFail, name: cutDuration(test), note: pkg}
	}
	return frame{}
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
	f.name = cutDuration(rest[6:])
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

func cutDuration(s []byte) []byte {
	if i := bytes.IndexByte(s, ' '); i >= 0 && i+1 < len(s) && s[i+1] == '(' {
		return s[:i]
	}
	return bytes.TrimRight(s, " ")
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

// isTestName reports whether the top-level part of a name can be a test,
// benchmark, fuzz target or example (testing.isTest in cmd/go/internal/load).
func isTestName(s []byte) bool {
	for _, p := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if len(s) >= len(p) && string(s[:len(p)]) == p {
			if len(s) == len(p) {
				return true
			}
			c := s[len(p)]
			return c < 'a' || c > 'z'
		}
	}
	return false
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
