// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/culprit-ci/culprit"
)

// writeText renders a case for a terminal: conclusions first, then what they
// rest on, then what is not known.
func writeText(w io.Writer, c *culprit.Case, o Options) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = max(40, o.Width)
	t := &text{c: c, o: o}
	t.render()
	_, err := io.WriteString(w, t.String())
	return err
}

type text struct {
	strings.Builder
	c *culprit.Case
	o Options
}

// style renders s in a style when colours are allowed. What is conveyed is
// never in the colour alone.
func (t *text) style(st lipgloss.Style, s string) string {
	if !t.o.Color {
		return s
	}
	return st.TabWidth(lipgloss.NoTabConversion).Render(s)
}

func (t *text) bold(s string) string { return t.style(lipgloss.NewStyle().Bold(true), s) }
func (t *text) dim(s string) string  { return t.style(lipgloss.NewStyle().Faint(true), s) }
func (t *text) red(s string) string {
	return t.style(lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red), s)
}
func (t *text) green(s string) string {
	return t.style(lipgloss.NewStyle().Foreground(lipgloss.Green), s)
}

// pos renders a position, as a hyperlink where that is allowed.
func (t *text) pos(p culprit.Pos) string {
	s := plain(at(p))
	if !t.o.Links || t.o.Root == "" || path.IsAbs(p.File) {
		return s
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(t.o.Root, filepath.FromSlash(p.File)))}
	return "\x1b]8;;" + u.String() + "\x1b\\" + s + "\x1b]8;;\x1b\\"
}

// para writes a label and a wrapped paragraph beside it.
func (t *text) para(label, body string) {
	const indent = 13
	t.wrapped(fmt.Sprintf("  %-*s", indent-2, label), strings.Repeat(" ", indent), body)
}

// wrapped writes body broken at spaces so that lines fit the width; the first
// line starts with head, the others with rest. Escape sequences take no room.
func (t *text) wrapped(head, rest, body string) {
	line, room := head, t.o.Width-lipgloss.Width(head)
	used := 0
	for _, word := range strings.Fields(body) {
		n := lipgloss.Width(word)
		if used > 0 && used+1+n > room {
			t.WriteString(strings.TrimRight(line, " ") + "\n")
			line, room, used = rest, t.o.Width-lipgloss.Width(rest), 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += n
	}
	t.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (t *text) render() {
	t.WriteString(t.bold(plain(verdictLine(t.c))) + "\n")
	if j := t.jobLine(); j != "" {
		t.WriteString(t.dim(j) + "\n")
	}
	for _, f := range t.c.Failures {
		t.WriteString("\n")
		t.failure(f)
	}
	if len(t.c.Checklist) > 0 {
		t.WriteString("\n" + t.bold("Checklist") + "\n")
		for _, it := range t.c.Checklist {
			mark := map[culprit.CheckState]string{culprit.CheckYes: t.green("yes     "), culprit.CheckNo: t.red("no      "), culprit.CheckNotDone: t.dim("not done")}[it.State]
			t.wrapped("  "+mark+"  ", strings.Repeat(" ", 12), plain(it.Item)+": "+plain(it.Evidence))
		}
	}
}

func (t *text) jobLine() string {
	j := t.c.Job
	var parts []string
	for _, s := range []string{j.Repository, j.Name, shortHash(j.Commit)} {
		if s != "" {
			parts = append(parts, plain(s))
		}
	}
	if j.PullRequest > 0 {
		parts = append(parts, fmt.Sprintf("PR %d", j.PullRequest))
	}
	return strings.Join(parts, ", ")
}

func (t *text) failure(f *culprit.Failure) {
	t.wrapped(t.red(strings.ToUpper(plain(string(f.Kind))))+"  ", "  ", t.bold(plain(f.Title)))
	if f.Package != "" {
		t.para("package", plain(f.Package))
	}
	if f.Note != "" {
		t.para("note", plain(f.Note))
	}
	t.cause(f)
	for _, x := range shown(f, 8) {
		t.para(plain(x.label), plain(clipped(x.value, 400)))
	}
	t.tests(f)
	t.people(f)
	t.fix(f)
	if f.Repro != nil {
		t.para("reproduce", plain(f.Repro.Command)+reproState(f.Repro))
		for _, l := range rates(f.Repro) {
			t.para("measured", plain(l))
		}
	}
	for _, s := range f.Siblings {
		t.para("sibling", t.pos(s.Pos)+": "+plain(s.Message))
	}
	t.para("log", fmt.Sprintf("lines %d to %d%s", f.Evidence.FirstLine, f.Evidence.LastLine, repeats(f)))
	if f.Evidence.Damaged != "" {
		t.para("damaged", plain(f.Evidence.Damaged)+": nothing is concluded from it")
	}
	if f.Race != nil {
		t.stacks(f.Race)
	} else if !showsAll(f) {
		t.excerpt(f.Evidence.Text)
	}
	t.excluded(f)
	for _, s := range openSteps(t.c, f) {
		t.para("open", plain(string(s.Stage))+": "+plain(s.Why))
	}
}

// excluded says what the failure is not: with the reasons for a race, which people
// argue about, and in one line for what is plain to see.
func (t *text) excluded(f *culprit.Failure) {
	var kinds []string
	for _, x := range f.Excluded {
		if f.Race != nil || len(f.Excluded) == 1 {
			t.para("not", plain(string(x.Kind))+": "+plain(x.Why))
			continue
		}
		kinds = append(kinds, plain(string(x.Kind)))
	}
	if len(kinds) > 0 {
		t.para("not", strings.Join(kinds, ", ")+": the log does not show them")
	}
}

func (t *text) cause(f *culprit.Failure) {
	c := f.Cause
	if c == nil {
		if f.Race != nil {
			t.para("cause", "I do not know, because "+plain(whyNot(t.c, f, culprit.StageCause)))
		}
		return
	}
	t.para("variable", t.bold(plain(c.Subject))+" "+plain(c.Type)+", declared at "+t.pos(c.Declared))
	for _, s := range c.Sites {
		t.para(string(s.Op), t.pos(s.Pos)+": "+plain(s.Statement))
	}
	for _, s := range c.OtherSites {
		t.para("also "+string(s.Op), t.pos(s.Pos)+": "+plain(s.Statement))
	}
	t.para("pattern", plain(string(c.Pattern))+", "+plain(string(c.Grade))+": "+plain(c.GradeWhy))
	t.para("because", plain(c.Because))
	for _, r := range c.RuledOut {
		t.para("ruled out", plain(shortFunc(r.What))+": "+plain(r.Why))
	}
}

func (t *text) tests(f *culprit.Failure) {
	labels := map[culprit.Role]string{culprit.RoleCause: "raced", culprit.RoleUnknown: "unclear", culprit.RoleCollateral: "collateral", culprit.RoleParent: "parents"}
	if f.Race == nil {
		labels[culprit.RoleCause] = "failed"
	}
	for _, role := range roleOrder {
		tests := byRole(f, role)
		var names []string
		for i, x := range tests {
			if i == 12 && role != culprit.RoleCause {
				names = append(names, fmt.Sprintf("and %d more", len(tests)-i))
				break
			}
			n := plain(x.Name)
			if x.Status == culprit.StatusPass {
				n += " (passed)"
			}
			names = append(names, n)
		}
		if len(names) > 0 {
			t.para(labels[role], strings.Join(names, ", "))
		}
	}
}

func (t *text) people(f *culprit.Failure) {
	for _, b := range f.Blame {
		s := fmt.Sprintf("%s:%d %s %s, %s, %q", b.File, b.Line, shortHash(b.Commit), b.Author, b.Date[:min(10, len(b.Date))], b.Subject)
		if b.FlakeFix != "" {
			s += " (itself a flake fix: " + b.FlakeFix + ")"
		}
		t.para("blame", plain(s))
	}
	for i, o := range f.Owners {
		if i == 3 {
			t.para("", fmt.Sprintf("and %d more", len(f.Owners)-i))
			break
		}
		label := ""
		if i == 0 {
			label = "owners"
		}
		t.para(label, plain(o.Who)+": "+plain(strings.Join(o.Reasons, "; ")))
	}
}

func (t *text) fix(f *culprit.Failure) {
	if f.Fix == nil {
		return
	}
	t.para("fix", t.bold(plain(string(f.Fix.Status)))+": "+plain(f.Fix.Message))
	for _, ch := range f.Fix.Checks {
		if !ch.Passed {
			t.para("", plain(ch.Name)+" failed: "+plain(ch.Detail))
		}
	}
	if f.Fix.Note != "" {
		t.para("note", plain(f.Fix.Note))
	}
	for _, a := range f.Fix.Tried {
		t.para("tried", plain(attempt(a)))
	}
	for l := range strings.SplitSeq(block(f.Fix.Patch), "\n") {
		switch {
		case strings.HasPrefix(l, "+") && !strings.HasPrefix(l, "+++"):
			l = t.green(l)
		case strings.HasPrefix(l, "-") && !strings.HasPrefix(l, "---"):
			l = t.red(l)
		}
		t.WriteString("             " + l + "\n")
	}
}

// stacks shows the access stacks with the frames that cannot be true crossed.
func (t *text) stacks(r *culprit.Race) {
	const most = 10
	for _, a := range r.Accesses {
		t.para("stack", fmt.Sprintf("%s by goroutine %d%s", a.Op, a.Goroutine, of(a.Test)))
		if a.StackLost {
			t.para("", "the detector lost this stack")
		}
		for i, fr := range a.Stack {
			if i == most {
				t.para("", fmt.Sprintf("and %d more frames", len(a.Stack)-i))
				break
			}
			mark := map[culprit.Trust]string{culprit.TrustOK: "  ", culprit.TrustPhantom: "✗ ", culprit.TrustUnknown: "? "}[fr.Trust]
			s := fmt.Sprintf("%s%s  %s:%d", mark, plain(shortFunc(fr.Func)), plain(path.Base(fr.File)), fr.Line)
			if fr.Trust == culprit.TrustPhantom {
				s = t.dim(s + "  cannot be true")
			}
			t.WriteString("             " + s + "\n")
		}
	}
}

func of(test string) string {
	if test == "" {
		return ""
	}
	return " of " + plain(test)
}

// excerpt shows the first and last lines of the evidence.
func (t *text) excerpt(s string) {
	lines := strings.Split(block(s), "\n")
	const head, tail = 12, 8
	for i, l := range lines {
		if len(lines) > head+tail && i >= head && i < len(lines)-tail {
			if i == head {
				t.WriteString(fmt.Sprintf("            … %d lines …\n", len(lines)-head-tail))
			}
			continue
		}
		if r := []rune(l); len(r) > 400 {
			l = string(r[:400]) + "…"
		}
		t.WriteString("             " + strings.ReplaceAll(l, "\t", "    ") + "\n")
	}
}
