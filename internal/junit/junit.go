// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package junit writes JUnit XML as CI systems read it: one testsuite for each
// run of a package, one testcase for each run of a test, re-runs included.
//
// It streams. A suite's counts stand before its cases, so the cases of a package
// wait until it has ended: in memory, and from a bound on in a temporary file.
package junit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/culprit-ci/culprit"
)

// Case is one run of a test.
type Case struct {
	Name    string
	Status  culprit.Status
	Elapsed time.Duration
	// Output is what a test that did not pass printed.
	Output string
}

// Suite is one run of a package on its way.
type Suite struct {
	Tests, Failures, Skipped int
	cases                    bytes.Buffer
	file                     *os.File
	err                      error
}

// maxBuffered is how much of a suite is kept in memory.
const maxBuffered = 1 << 20

// classHere stands where the class of a case goes: in plain text the name of the
// package comes last. Nothing else in the document is a NUL.
const classHere = "\x00"

// Add adds a test to the suite.
func (s *Suite) Add(c Case) {
	s.Tests++
	b := &s.cases
	b.WriteString("\t\t<testcase classname=\"" + classHere + "\" name=\"")
	escape(b, c.Name)
	fmt.Fprintf(b, "\" time=\"%s\"", seconds(c.Elapsed))
	switch c.Status {
	case culprit.StatusFail, culprit.StatusUnknown:
		s.Failures++
		message := "Failed"
		if c.Status == culprit.StatusUnknown {
			message = "No result"
		}
		fmt.Fprintf(b, ">\n\t\t\t<failure message=\"%s\" type=\"\">", message)
		escape(b, c.Output)
		b.WriteString("</failure>\n\t\t</testcase>\n")
	case culprit.StatusSkip:
		s.Skipped++
		b.WriteString(">\n\t\t\t<skipped message=\"")
		escape(b, c.Output)
		b.WriteString("\"></skipped>\n\t\t</testcase>\n")
	default:
		b.WriteString("></testcase>\n")
	}
	if b.Len() > maxBuffered {
		s.spill()
	}
}

// spill moves the cases to a file.
func (s *Suite) spill() {
	if s.file == nil && s.err == nil {
		s.file, s.err = os.CreateTemp("", "culprit-junit-*")
	}
	if s.err == nil {
		_, s.err = s.cases.WriteTo(s.file)
	}
	s.cases.Reset()
}

// Discard frees what a suite that is not written holds.
func (s *Suite) Discard() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file = nil
	}
	s.cases.Reset()
}

// Writer writes a document.
type Writer struct {
	w             io.Writer
	tests, failed int
	reserved      bool
	at            int64
	err           error
}

// room is the space kept for the counts of the root element.
const room = 96

// New starts a document on w. If w can seek, the root element gets the counts of
// all suites when the document is closed.
func New(w io.Writer) *Writer {
	x := &Writer{w: w}
	x.print("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites")
	if s, ok := w.(io.Seeker); ok && x.err == nil {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			x.at, x.reserved = at, true
			x.print(string(bytes.Repeat([]byte{' '}, room)))
		}
	}
	x.print(">\n")
	return x
}

func (x *Writer) print(s string) {
	if x.err == nil {
		_, x.err = io.WriteString(x.w, s)
	}
}

// Suite writes the suite of a package whose run has ended and frees it.
func (x *Writer) Suite(name string, elapsed time.Duration, s *Suite) error {
	defer s.Discard()
	x.tests += s.Tests
	x.failed += s.Failures
	var b bytes.Buffer
	fmt.Fprintf(&b, "\t<testsuite tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%s\" name=\"", s.Tests, s.Failures, s.Skipped, seconds(elapsed))
	escape(&b, name)
	b.WriteString("\">\n")
	x.print(b.String())
	out := &namer{w: x.w, class: escaped(name)}
	if s.file != nil && x.err == nil && s.err == nil {
		if _, s.err = s.file.Seek(0, io.SeekStart); s.err == nil {
			_, x.err = io.Copy(out, s.file)
		}
	}
	if x.err == nil {
		_, x.err = out.Write(s.cases.Bytes())
	}
	x.print("\t</testsuite>\n")
	return errors.Join(x.err, s.err)
}

// namer puts the class of the cases where it goes.
type namer struct {
	w     io.Writer
	class []byte
}

func (n *namer) Write(p []byte) (int, error) {
	if _, err := n.w.Write(bytes.ReplaceAll(p, []byte(classHere), n.class)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func escaped(s string) []byte {
	var b bytes.Buffer
	escape(&b, s)
	return b.Bytes()
}

// Close ends the document. It does not close what it is written to.
func (x *Writer) Close() error {
	x.print("</testsuites>\n")
	if s, ok := x.w.(io.WriteSeeker); ok && x.reserved && x.err == nil {
		if _, x.err = s.Seek(x.at, io.SeekStart); x.err == nil {
			x.print(fmt.Sprintf(" tests=\"%d\" failures=\"%d\" errors=\"0\"", x.tests, x.failed))
		}
		if x.err == nil {
			_, x.err = s.Seek(0, io.SeekEnd)
		}
	}
	return x.err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// escape writes text for an attribute or an element. What XML 1.0 cannot hold
// at all, control characters and broken UTF-8, becomes U+FFFD.
func escape(b *bytes.Buffer, s string) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n':
			b.WriteString("&#xA;")
		case r == '\t':
			b.WriteString("&#x9;")
		case r == '\r':
			b.WriteString("&#xD;")
		case r < 0x20 || r == 0xfffe || r == 0xffff || r == utf8.RuneError && n == 1:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
}
