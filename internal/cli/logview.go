// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
	"github.com/culprit-ci/culprit/internal/junit"
	"github.com/culprit-ci/culprit/internal/redact"
)

// logView shows a test run while it goes on.
type logView struct {
	s        Streams
	lines    int // of a test's output
	color    bool
	progress *progress
	report   *junitReport
	err      error

	passed, failed, skipped, packages int
}

// test shows a failed test; parents that only failed because a subtest did print
// nothing of their own and are left out.
func (v *logView) test(p *golog.Package, t *golog.Test, status culprit.Status) {
	v.report.test(p, t, status)
	switch status {
	case culprit.StatusPass:
		v.passed++
	case culprit.StatusSkip:
		v.skipped++
	default:
		v.failed++
		if !t.Output.Empty() || !hasFailedSubtest(p, t) {
			v.show(headline("FAIL", p.Path, t.Name, t.Elapsed.Seconds()), t.Output)
		}
	}
	if v.progress != nil { // a large log has millions of tests
		v.progress.Event(culprit.Event{Message: fmt.Sprintf("%d tests passed, %d failed; %s", v.passed, v.failed, p.Path)})
	}
}

func hasFailedSubtest(p *golog.Package, t *golog.Test) bool {
	for _, sub := range p.Tests {
		if sub.Failing() && strings.HasPrefix(sub.Name, t.Name+"/") {
			return true
		}
	}
	return false
}

// pkg shows what a failed package has beyond its tests: races, a crash whose text
// belongs to no test, and the reason why it failed without a failing test.
func (v *logView) pkg(l *golog.Log, p *golog.Package) {
	v.packages++
	v.report.pkg(p)
	if p.Result == golog.ResultPass || p.Result == golog.ResultSkip {
		return
	}
	told := slices.ContainsFunc(p.Tests, (*golog.Test).Failing)
	for _, r := range p.Reports {
		v.showLines(headline("DATA RACE", p.Path, "", 0), strings.Split(r.Text, "\n"), 0)
	}
	for _, c := range p.Crashes {
		if !c.Quoted && !(p.JSON && c.Carrier != "") {
			v.show(headline("CRASH", p.Path, c.Carrier, 0), c.Text)
			told = true
		}
	}
	if p.BuildFailed != "" {
		head := headline("FAIL", p.Path, "", 0) + " [" + oneLine(p.BuildFailed) + "]"
		for _, b := range l.Builds {
			if b.Section == p.Section && builds(b.ImportPath, p.Path) {
				v.show(head, b.Output)
				return
			}
		}
		v.show(head, p.Output)
		return
	}
	if p.Result == golog.ResultFail && !told {
		v.show(headline("FAIL", p.Path, "", p.Elapsed.Seconds()), p.Output)
	}
}

// builds reports whether an import path as cmd/go prints it is of pkg, its tests
// included: "p", "p [p.test]", "p_test [p.test]".
func builds(printed, pkg string) bool {
	return printed == pkg || strings.HasPrefix(printed, pkg+" [") || strings.HasSuffix(printed, "["+pkg+".test]")
}

func headline(word, pkg, test string, seconds float64) string {
	parts := []string{word}
	for _, s := range []string{pkg, test} {
		if s != "" {
			parts = append(parts, oneLine(s))
		}
	}
	if seconds > 0 {
		parts = append(parts, fmt.Sprintf("(%.2fs)", seconds))
	}
	return strings.Join(parts, " ")
}

// show writes a head and an output below it.
func (v *logView) show(head string, output *golog.Text) {
	dropped, _ := output.Dropped()
	var lines []string
	for _, l := range output.Lines() {
		lines = append(lines, l.Text)
	}
	v.showLines(head, lines, dropped)
}

// showLines writes the last lines of an output. The end of a long one says more
// than its start, but a crash begins where it says "panic:", and a race where its
// report begins. Secrets are taken out: a log of a job is read by many.
func (v *logView) showLines(head string, lines []string, dropped int64) {
	head, lines = redact.Text(head), strings.Split(redact.Text(strings.Join(lines, "\n")), "\n")
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	from, to := 0, len(lines)
	if to > v.lines {
		from = to - v.lines
		for i, l := range lines {
			if strings.HasPrefix(l, "panic: ") || strings.HasPrefix(l, "fatal error: ") || strings.Contains(l, "WARNING: DATA RACE") {
				from, to = min(i, from), min(i, from)+v.lines
				break
			}
		}
	}
	v.print(func(w *bufio.Writer) {
		fmt.Fprintln(w, v.red(head))
		if v.lines == 0 {
			return
		}
		if n := int64(from) + dropped; n > 0 {
			fmt.Fprintf(w, "    … %d more lines\n", n)
		}
		for _, l := range lines[from:to] {
			fmt.Fprintf(w, "    %s\n", plainLine(l))
		}
		if to < len(lines) {
			fmt.Fprintf(w, "    … %d more lines\n", len(lines)-to)
		}
	})
}

// print writes at once what fn writes, above the line of progress.
func (v *logView) print(fn func(*bufio.Writer)) {
	v.progress.Above(func() {
		w := bufio.NewWriter(v.s.Out)
		fn(w)
		v.err = errors.Join(v.err, w.Flush())
	})
}

func (v *logView) red(s string) string {
	if !v.color {
		return s
	}
	return "\x1b[1;31m" + s + "\x1b[0m"
}

// summary tells what the whole run showed.
func (v *logView) summary(log *golog.Log, failures []*culprit.Failure) {
	v.print(func(w *bufio.Writer) {
		if len(failures) > 0 {
			fmt.Fprintf(w, "\n%s:\n", counted(len(failures), "failure"))
		}
		for _, f := range failures {
			fmt.Fprintf(w, "  %-15s %s", f.Kind, oneLine(redact.Text(f.Title)))
			if f.Package != "" {
				fmt.Fprintf(w, "  %s", oneLine(f.Package))
			}
			if n := len(f.Tests); n > 1 {
				fmt.Fprintf(w, "  (%d tests)", n)
			}
			if f.Evidence.FirstLine > 0 {
				fmt.Fprintf(w, "  line %d", f.Evidence.FirstLine)
			}
			fmt.Fprintln(w)
			if f.Note != "" {
				fmt.Fprintf(w, "  %-15s %s\n", "", oneLine(redact.Text(f.Note)))
			}
		}
		fmt.Fprintf(w, "%s; tests: %d passed, %d failed, %d skipped\n", counted(v.packages, "package"), v.passed, v.failed, v.skipped)
		if n := log.LostFailures; n > 0 {
			fmt.Fprintf(w, "%d more failures did not fit into memory\n", n)
		}
	})
}

// plainLine makes a line of hostile text fit for a terminal: tabs stay, other
// control characters and those that reorder text become U+FFFD.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// junitReport turns what the reader tells into suites. A nil report does nothing.
type junitReport struct {
	w      *junit.Writer
	suites map[*golog.Package]*junit.Suite
	err    error
}

func newJUnitReport(f *os.File) *junitReport {
	return &junitReport{w: junit.New(f), suites: map[*golog.Package]*junit.Suite{}}
}

func (r *junitReport) suite(p *golog.Package) *junit.Suite {
	s := r.suites[p]
	if s == nil {
		s = &junit.Suite{}
		r.suites[p] = s
	}
	return s
}

func (r *junitReport) test(p *golog.Package, t *golog.Test, status culprit.Status) {
	if r == nil {
		return
	}
	c := junit.Case{Name: redact.Text(t.Name), Status: status, Elapsed: t.Elapsed}
	if status != culprit.StatusPass {
		c.Output = redact.Text(textOf(t.Output))
	}
	r.suite(p).Add(c)
}

// pkg writes the suite of a package. Tests that never ended, and a package that
// failed without a failing test, are failures there too.
func (r *junitReport) pkg(p *golog.Package) {
	if r == nil {
		return
	}
	s := r.suite(p)
	delete(r.suites, p)
	for _, t := range p.Tests {
		if t.Status == culprit.StatusUnknown {
			s.Add(junit.Case{Name: redact.Text(t.Name), Status: culprit.StatusUnknown, Output: redact.Text(textOf(t.Output))})
		}
	}
	if p.Result == golog.ResultFail && s.Failures == 0 {
		s.Add(junit.Case{Name: "TestMain", Status: culprit.StatusFail, Elapsed: p.Elapsed, Output: redact.Text(strings.TrimSpace(p.BuildFailed + "\n" + textOf(p.Output)))})
	}
	r.err = errors.Join(r.err, r.w.Suite(p.Path, p.Elapsed, s))
}

// close ends the document.
func (r *junitReport) close(name string) error {
	if r == nil {
		return nil
	}
	for _, s := range r.suites {
		s.Discard()
	}
	if err := errors.Join(r.err, r.w.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, cause(err))
	}
	return nil
}

func textOf(t *golog.Text) string {
	var b strings.Builder
	dropped, after := t.Dropped()
	for i, l := range t.Lines() {
		if i == after && dropped > 0 {
			fmt.Fprintf(&b, "… %d lines left out …\n", dropped)
		}
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	return b.String()
}
