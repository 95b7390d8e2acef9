// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package golog

import (
	"bytes"
	"unicode/utf8"
)

// xmlReader reads JUnit XML as far as Go tools write it: gotestsum,
// go-junit-report, rules_go and Bazel's test.xml. It works line by line like the
// rest, so that what it finds has a place in the log. It knows no entities but
// the five of XML and characters by number, and it keeps one tag at a time.
type xmlReader struct {
	ln    *lane
	state xmlState
	tag   []byte
	quote byte
	depth int // of brackets in a DOCTYPE
	open  int // testsuite and testsuites elements
	suite []string

	inCase             bool
	pkg, name, message []byte
	elapsed            []byte
	status             byte
	failed             bool // the suite
	goTests            bool // the suite has cases that are Go tests
	body               bool // what follows is output of the case or the suite
	textual            bool // it is a whole log of go test
	printed            bool // the element has text
	out                []byte
}

type xmlState int

const (
	xmlText xmlState = iota
	xmlTag
	xmlCDATA
	xmlComment
	xmlInstruction
	xmlDoctype
)

const (
	maxTag    = 64 << 10
	maxSuites = 16
)

// startsXML reports whether a line begins a JUnit file.
func startsXML(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	for _, p := range []string{"<?xml ", "<testsuites", "<testsuite ", "<testsuite>"} {
		if bytes.HasPrefix(line, []byte(p)) {
			return true
		}
	}
	return false
}

// xmlLine handles a line of a JUnit file; false means that it is none.
func (ln *lane) xmlLine(l rawLine, data []byte) bool {
	x := ln.xml
	if x == nil {
		if !startsXML(data) || ln.open() || ln.m.only != "" && ln.m.only != "junit" {
			return false
		}
		x = &xmlReader{ln: ln}
		ln.m.xmlFirst = ln.m.xmlFirst || l.no <= 2
		ln.xml = x
	}
	if x.state == xmlText && !x.inCase && !x.body && len(bytes.TrimSpace(data)) > 0 && bytes.TrimSpace(data)[0] != '<' {
		ln.xml = nil // the file was cut off
		return false
	}
	x.line(l, data)
	return true
}

// line reads one line, with the state that the line before left.
func (x *xmlReader) line(l rawLine, data []byte) {
	for len(data) > 0 {
		switch x.state {
		case xmlText:
			i := bytes.IndexByte(data, '<')
			if i < 0 {
				x.text(data, true)
				data = nil
				continue
			}
			x.text(data[:i], true)
			data = x.begin(data[i:])
		case xmlTag:
			data = x.inTag(l, data)
		case xmlCDATA:
			i := bytes.Index(data, []byte("]]>"))
			if i < 0 {
				x.text(data, false)
				data = nil
				continue
			}
			x.text(data[:i], false)
			x.state, data = xmlText, data[i+3:]
		case xmlComment:
			data = x.skip(data, "-->")
		case xmlInstruction:
			data = x.skip(data, "?>")
		case xmlDoctype:
			data = x.inDoctype(data)
		}
	}
	switch x.state {
	case xmlText, xmlCDATA:
		x.text([]byte("\n"), false)
	case xmlTag:
		x.addTag([]byte(" "))
	}
	x.flush(l)
}

// begin looks at what starts with "<" and returns the data behind the opening.
func (x *xmlReader) begin(data []byte) []byte {
	for _, o := range []struct {
		text  string
		state xmlState
	}{{"<![CDATA[", xmlCDATA}, {"<!--", xmlComment}, {"<?", xmlInstruction}, {"<!", xmlDoctype}} {
		if rest, ok := bytes.CutPrefix(data, []byte(o.text)); ok {
			x.state, x.depth = o.state, 0
			return rest
		}
	}
	x.state, x.tag, x.quote = xmlTag, x.tag[:0], 0
	return data[1:]
}

func (x *xmlReader) skip(data []byte, end string) []byte {
	i := bytes.Index(data, []byte(end))
	if i < 0 {
		return nil
	}
	x.state = xmlText
	return data[i+len(end):]
}

func (x *xmlReader) inDoctype(data []byte) []byte {
	for i, c := range data {
		switch c {
		case '[':
			x.depth++
		case ']':
			x.depth--
		case '>':
			if x.depth <= 0 {
				x.state = xmlText
				return data[i+1:]
			}
		}
	}
	return nil
}

func (x *xmlReader) inTag(l rawLine, data []byte) []byte {
	for i, c := range data {
		switch {
		case x.quote != 0:
			if c == x.quote {
				x.quote = 0
			}
		case c == '"' || c == '\'':
			x.quote = c
		case c == '>':
			x.addTag(data[:i])
			x.state = xmlText
			x.flush(l)
			x.element(l)
			return data[i+1:]
		}
	}
	x.addTag(data)
	return nil
}

func (x *xmlReader) addTag(b []byte) {
	x.tag = append(x.tag, b[:min(len(b), max(0, maxTag-len(x.tag)))]...)
}

// text collects output; escaped text has entities.
func (x *xmlReader) text(b []byte, escaped bool) {
	if !x.body || len(b) == 0 {
		return
	}
	if len(x.out)+len(b) > x.ln.m.opts.MaxLine {
		b = b[:max(0, x.ln.m.opts.MaxLine-len(x.out))]
	}
	x.printed = x.printed || len(bytes.TrimSpace(b)) > 0
	if escaped {
		x.out = unentity(x.out, b)
		return
	}
	x.out = append(x.out, b...)
}

// flush hands on the output so far. A log of go test is read as text; the rest
// of a line waits.
func (x *xmlReader) flush(l rawLine) {
	if !x.textual {
		if len(x.out) > 0 {
			x.give(l, "output", x.out)
			x.out = x.out[:0]
		}
		return
	}
	for {
		line, rest, ok := bytes.Cut(x.out, []byte("\n"))
		if !ok {
			return
		}
		var text []byte
		text, x.ln.m.outScratch = clean(line, x.ln.m.outScratch)
		x.ln.textLine(l, text)
		x.out = x.out[:copy(x.out, rest)]
	}
}

// give makes an event of the test case, or of its package where the case is no
// Go test: Bazel's case is the target, gotestsum's TestMain a package.
func (x *xmlReader) give(l rawLine, action string, out []byte) {
	ev := event{action: []byte(action), pkg: x.pkg, output: out, hasOutput: out != nil, elapsed: x.elapsed}
	if isTestName(x.name) && string(x.name) != "TestMain" {
		ev.test = x.name
	} else if action != "output" {
		return
	}
	x.ln.give(l, ev)
}

// element handles a whole tag.
func (x *xmlReader) element(l rawLine) {
	tag := bytes.TrimSpace(x.tag)
	closing := len(tag) > 0 && tag[0] == '/'
	empty := len(tag) > 0 && tag[len(tag)-1] == '/'
	tag = bytes.Trim(tag, "/")
	name := tag
	if i := bytes.IndexAny(tag, " \t"); i >= 0 {
		name = tag[:i]
	}
	attrs := tag[len(name):]
	if !closing {
		x.start(l, string(name), attrs)
	}
	if closing || empty {
		x.end(l, string(name))
	}
}

func (x *xmlReader) start(l rawLine, name string, attrs []byte) {
	switch name {
	case "testsuites":
		x.open++
	case "testsuite":
		x.open++
		if len(x.suite) < maxSuites {
			x.suite = append(x.suite, cutName(attr(attrs, "name")))
		}
		x.failed, x.goTests = false, false
	case "testcase":
		x.ln.m.junit++
		x.inCase, x.status = true, 'p'
		x.name = append(x.name[:0], attr(attrs, "name")...)
		x.elapsed = append(x.elapsed[:0], attr(attrs, "time")...)
		x.message = x.message[:0]
		x.pkg = append(x.pkg[:0], x.packageOf(attr(attrs, "classname"))...)
		x.goTests = x.goTests || isTestName(x.name)
		x.give(l, "run", nil)
	case "failure", "error":
		if x.inCase {
			x.status, x.body, x.printed = 'f', true, false
			x.message = append(x.message[:0], attr(attrs, "message")...)
		}
	case "skipped":
		if x.inCase {
			x.status = 's'
		}
	case "system-out", "system-err":
		x.body, x.printed = true, false
		if !x.inCase {
			x.textual = !x.goTests
			x.name, x.pkg = x.name[:0], append(x.pkg[:0], x.packageOf(nil)...)
		}
	}
}

// packageOf picks the import path: the suite's name or the case's class.
func (x *xmlReader) packageOf(class []byte) []byte {
	suite := []byte("")
	if n := len(x.suite); n > 0 {
		suite = []byte(x.suite[n-1])
	}
	if isImportPath(class) && (!isImportPath(suite) || bytes.IndexByte(class, '/') >= 0) {
		return class
	}
	if len(suite) > 0 {
		return suite
	}
	return class
}

func (x *xmlReader) end(l rawLine, name string) {
	switch name {
	case "failure", "error":
		if !x.printed && len(x.message) > 0 && string(x.message) != "Failed" {
			x.give(l, "output", append(x.message, '\n'))
		}
		x.body = false
	case "system-out", "system-err":
		if x.textual && len(x.out) > 0 {
			x.text([]byte("\n"), false)
			x.flush(l)
		}
		x.body, x.textual, x.out = false, false, x.out[:0]
	case "testcase":
		if !x.inCase {
			return
		}
		switch x.status {
		case 'f':
			x.failed = true
			x.give(l, "fail", nil)
		case 's':
			x.give(l, "skip", nil)
		default:
			x.give(l, "pass", nil)
		}
		x.inCase, x.body = false, false
	case "testsuite":
		x.endSuite(l)
		x.close()
	case "testsuites":
		x.close()
	}
}

func (x *xmlReader) close() {
	if x.open--; x.open <= 0 {
		x.ln.xml = nil
	}
}

// endSuite closes the packages of a suite. Where the suite holds the log of the
// test run, as Bazel's does, the log tells more.
func (x *xmlReader) endSuite(l rawLine) {
	ln, suite := x.ln, ""
	if n := len(x.suite); n > 0 {
		suite = x.suite[n-1]
		x.suite = x.suite[:n-1]
	}
	if ln.text.began {
		if ln.text.pkg.Path == "" {
			ln.text.pkg.Path = suite
		}
		result := ln.text.pkg.Result
		if x.failed {
			result = ResultFail
		}
		for path, s := range ln.streams {
			if len(s.pkg.Tests) == 0 {
				delete(ln.streams, path)
				ln.m.open--
			}
		}
		if result != ResultNone {
			ln.text.close(l, result)
			ln.next()
		}
	}
	for _, s := range ln.openStreams() {
		result := ResultPass
		for _, t := range s.pkg.Tests {
			if t.Failing() {
				result = ResultFail
			}
		}
		if x.failed && len(s.pkg.Tests) == 0 {
			result = ResultFail
		}
		s.close(l, result)
	}
	if x.failed && len(x.pkg) > 0 && !isTestName(x.name) && ln.packages == 0 {
		ln.give(l, event{action: []byte("fail"), pkg: x.pkg})
	}
	x.failed = false
}

// attr returns the value of an attribute, nil when it is not there.
func attr(attrs []byte, name string) []byte {
	for len(attrs) > 0 {
		key, rest, ok := bytes.Cut(attrs, []byte("="))
		rest = bytes.TrimLeft(rest, " \t")
		if !ok || len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		value, after, ok := bytes.Cut(rest[1:], rest[:1])
		if !ok {
			return nil
		}
		if string(bytes.TrimSpace(key)) == name {
			return unentity(nil, value)
		}
		attrs = after
	}
	return nil
}

// unentity appends b with entities replaced. An unknown one stays as it is.
func unentity(out, b []byte) []byte {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r, ok := rune(0), false
		if end > 1 {
			r, ok = entity(string(b[1:end]))
		}
		if !ok {
			out = append(out, '&')
			b = b[1:]
			continue
		}
		out = utf8.AppendRune(out, r)
		b = b[end+1:]
	}
	return out
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n := rune(0)
	for _, c := range []byte(digits) {
		d := rune(-1)
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f':
			d = rune(c|0x20-'a') + 10
		}
		if d < 0 || n > utf8.MaxRune {
			return 0, false
		}
		n = n*base + d
	}
	return n, len(digits) > 0 && n <= utf8.MaxRune
}
