// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/culprit-ci/culprit"
)

// defaultMax leaves room below GitHub's 65,536 characters for what the poster adds.
const defaultMax = 60_000

// writeMarkdown renders an issue. When it gets longer than the cap, the evidence
// is cut first, then the list of tests; conclusions are kept.
func writeMarkdown(w io.Writer, c *culprit.Case, o Options) error {
	limit := o.MaxBytes
	if limit == 0 {
		limit = defaultMax
	}
	var out string
	for _, room := range []struct{ evidence, tests int }{{culprit.MaxEvidence, 1000}, {8000, 200}, {2000, 40}, {500, 10}, {0, 3}} {
		m := &markdown{c: c, evidence: room.evidence, tests: room.tests}
		if out = m.render(); len(out) <= limit {
			break
		}
	}
	if len(out) > limit {
		note := "\n\n*The report is longer than an issue can be; the rest is in the JSON form.*\n"
		cut := strings.LastIndexByte(out[:max(0, limit-len(note)-8)], '\n')
		out = strings.ToValidUTF8(out[:max(0, cut)], "")
		if strings.Count(out, "\n```")%2 == 1 {
			out += "\n```"
		}
		out += note
	}
	_, err := io.WriteString(w, out)
	return err
}

type markdown struct {
	strings.Builder
	c        *culprit.Case
	evidence int // bytes of log text for each failure
	tests    int // tests listed for each role
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *markdown) render() string {
	m.header()
	if len(m.c.Failures) == 0 {
		m.line("**No failure.** %s\n", prose(verdictLine(m.c)))
	}
	for i, f := range m.c.Failures {
		if len(m.c.Failures) > 1 {
			m.line("---\n\n# Failure %d of %d: %s\n", i+1, len(m.c.Failures), prose(f.Title))
		}
		m.failure(f)
	}
	m.line("### Quality checklist\n")
	for _, it := range m.c.Checklist {
		mark := " "
		if it.State == culprit.CheckYes {
			mark = "x"
		}
		m.line("- [%s] %s: **%s**, %s", mark, prose(it.Item), state(it.State), prose(it.Evidence))
	}
	m.line("\n<sub>Case %s, from %d lines of log with SHA-256 %s.</sub>", code(m.c.ID), m.c.Log.Lines, code(m.c.Log.SHA256))
	return m.String()
}

func (m *markdown) header() {
	j := m.c.Job
	var rows [][2]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, code(value)})
		}
	}
	add("CI run", j.URL)
	add("Workflow job", j.Name)
	add("Repository", j.Repository)
	add("Commit", j.Commit)
	add("Base", j.BaseCommit)
	if j.PullRequest > 0 {
		add("Pull request", fmt.Sprintf("#%d", j.PullRequest))
	}
	if j.StartedAt != nil {
		add("When", j.StartedAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	for _, r := range rows {
		m.line("- %s: %s", r[0], r[1])
	}
	if len(rows) > 0 {
		m.line("")
	}
}

func (m *markdown) failure(f *culprit.Failure) {
	m.line("## %s\n", prose(f.Title))
	if f.Note != "" {
		m.line("Note of the repository's own rule: %s\n", prose(f.Note))
	}
	m.summary(f)
	m.whatFailed(f)
	m.shown(f)
	m.evidenceOf(f)
	m.classification(f)
	if f.Race == nil && f.Cause == nil {
		m.line("### Root cause analysis\n\nThe log shows what failed and where. Why the code does so is concluded for data races only.\n")
		if f.Repro != nil {
			m.repro(f)
		}
		m.related(f)
		return
	}
	m.rootCause(f)
	m.blame(f)
	m.fix(f)
	m.repro(f)
	m.related(f)
}

func (m *markdown) summary(f *culprit.Failure) {
	c := f.Cause
	if c == nil || len(c.Sites) < 2 {
		return
	}
	m.line("**%s** (%s) declared at %s is accessed at %s and %s without any order between them.\n",
		code(c.Subject), code(c.Type), code(at(c.Declared)), code(at(c.Sites[0].Pos)), code(at(c.Sites[1].Pos)))
}

func (m *markdown) whatFailed(f *culprit.Failure) {
	m.line("### What failed\n")
	if f.Package != "" {
		m.line("- Package: %s", code(f.Package))
	}
	headings := map[culprit.Role]string{
		culprit.RoleCause: "Failed or raced themselves", culprit.RoleUnknown: "Part not known",
		culprit.RoleCollateral: "Collateral: only running", culprit.RoleParent: "Parents of a failed subtest",
	}
	if f.Race == nil {
		headings[culprit.RoleCause] = "Failed themselves"
	}
	for _, role := range roleOrder {
		tests := byRole(f, role)
		if len(tests) == 0 {
			continue
		}
		m.line("- %s:", headings[role])
		for i, t := range tests {
			if i == m.tests {
				m.line("  - … and %d more, see the JSON form", len(tests)-i)
				break
			}
			m.line("  - %s (%s): %s", code(t.Name), prose(string(t.Status)), prose(t.Why))
		}
	}
	m.line("")
}

// shown lists what the log shows of a failure that is no race.
func (m *markdown) shown(f *culprit.Failure) {
	facts := shown(f, 12)
	if len(facts) == 0 {
		return
	}
	m.line("### What the log shows\n")
	for _, x := range facts {
		m.line("- %s: %s", prose(capital(x.label)), code(clipped(x.value, 1000)))
	}
	m.line("")
	if a := f.Assertion; a != nil && a.Diff != "" && m.evidence > 0 {
		m.line("%s", fence(clipped(a.Diff, m.evidence), "diff"))
	}
}

func (m *markdown) evidenceOf(f *culprit.Failure) {
	m.line("### Evidence from the log\n")
	e := f.Evidence
	m.line("Lines %d to %d of the log%s.", e.FirstLine, e.LastLine, repeats(f))
	if e.Damaged != "" {
		m.line("**The evidence is damaged: %s.** It is shown and nothing is concluded from it.", prose(e.Damaged))
	}
	text := e.Text
	if len(text) > m.evidence {
		text = strings.ToValidUTF8(text[:m.evidence/2], "") + fmt.Sprintf("\n… %d bytes left out …\n", len(text)-m.evidence/2*2) + strings.ToValidUTF8(text[len(text)-m.evidence/2:], "")
	}
	m.line("\n<details><summary>Log text</summary>\n\n%s\n</details>\n", fence(text, "text"))
}

func repeats(f *culprit.Failure) string {
	var parts []string
	if f.Evidence.Repeats > 1 {
		parts = append(parts, fmt.Sprintf("the same report is there %d times", f.Evidence.Repeats))
	}
	if n := len(f.Related); n > 0 {
		parts = append(parts, fmt.Sprintf("%d further %s the same cause", n, plural(n, "report has", "reports have")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, "; ")
}

func (m *markdown) classification(f *culprit.Failure) {
	m.line("### Classification\n")
	m.line("- Kind: **%s**", prose(string(f.Kind)))
	for _, x := range f.Excluded {
		m.line("- Not %s: %s", prose(string(x.Kind)), prose(x.Why))
	}
	m.line("")
}

func (m *markdown) rootCause(f *culprit.Failure) {
	m.line("### Root cause analysis\n")
	c := f.Cause
	if c == nil {
		m.line("I do not know, because %s.\n", prose(whyNot(m.c, f, culprit.StageCause)))
		return
	}
	m.line("Pattern %s, grade **%s**: %s.\n", code(string(c.Pattern)), prose(string(c.Grade)), prose(c.GradeWhy))
	m.line("| | where | statement |\n|---|---|---|")
	m.line("| declared | %s | %s |", cell(code(at(c.Declared))), cell(code(c.Subject+" "+c.Type)))
	for _, s := range c.Sites {
		m.line("| %s | %s | %s |", prose(string(s.Op)), cell(code(at(s.Pos))), cell(code(s.Statement)))
	}
	for _, s := range c.OtherSites {
		m.line("| %s, other report | %s | %s |", prose(string(s.Op)), cell(code(at(s.Pos))), cell(code(s.Statement)))
	}
	m.line("\nNothing orders them: %s.\n", prose(c.Because))
	if len(c.RuledOut) > 0 {
		m.line("Ruled out, although the stacks show it:\n")
		for _, r := range c.RuledOut {
			m.line("- %s: %s", code(r.What), prose(r.Why))
		}
		m.line("")
	}
	if f.Race == nil {
		return
	}
	if ph := phantoms(f.Race); len(ph) > 0 {
		m.line("%d frames of the stacks cannot be true:\n", len(ph))
		for i, p := range ph {
			if i == 12 {
				m.line("- … and %d more, see the JSON form", len(ph)-i)
				break
			}
			m.line("- %s", code(p))
		}
		m.line("")
	}
}

func (m *markdown) blame(f *culprit.Failure) {
	m.line("### Blame and owners\n")
	if len(f.Blame) == 0 {
		m.line("No line is blamed: %s.\n", prose(whyNot(m.c, f, culprit.StageBlame)))
	} else {
		m.line("| line | commit | author | date | subject |\n|---|---|---|---|---|")
		for _, b := range f.Blame {
			m.line("| %s %s | %s | %s | %s | %s |", prose(b.Role), cell(code(fmt.Sprintf("%s:%d", b.File, b.Line))),
				cell(code(shortHash(b.Commit))), cell(code(b.Author)), cell(code(b.Date)), cell(code(b.Subject)))
		}
		m.line("")
		seen := map[string]bool{}
		for _, b := range f.Blame {
			if b.FlakeFix != "" && !seen[b.Commit] {
				seen[b.Commit] = true
				m.line("Commit %s is itself a fix of a flaky test: %s.\n", code(shortHash(b.Commit)), prose(b.FlakeFix))
			}
		}
	}
	for i, o := range f.Owners {
		m.line("%d. %s: %s", i+1, code(o.Who), prose(strings.Join(o.Reasons, "; ")))
	}
	if len(f.Owners) > 0 {
		m.line("\nNobody was assigned.\n")
	}
}

func (m *markdown) fix(f *culprit.Failure) {
	m.line("### Proposed fix\n")
	if f.Fix == nil {
		m.line("No patch: %s.\n", prose(whyNot(m.c, f, culprit.StageFix)))
		return
	}
	m.line("%s (%s, **%s**)\n", prose(f.Fix.Message), code(f.Fix.Strategy), prose(string(f.Fix.Status)))
	m.line("%s", fence(f.Fix.Patch, "diff"))
	for _, ch := range f.Fix.Checks {
		m.line("- %s: %s, %s", prose(ch.Name), map[bool]string{true: "passed", false: "**failed**"}[ch.Passed], prose(ch.Detail))
	}
	if f.Fix.Note != "" {
		m.line("- note: %s", prose(f.Fix.Note))
	}
	for _, a := range f.Fix.Tried {
		m.line("- tried before: %s", prose(attempt(a)))
	}
	m.line("")
	if len(f.Siblings) > 0 {
		m.line("Other instances of the class in the package, which the patch does not touch:\n")
		for _, s := range f.Siblings {
			m.line("- %s: %s", code(at(s.Pos)), prose(s.Message))
		}
		m.line("")
	}
}

func (m *markdown) repro(f *culprit.Failure) {
	m.line("### Reproduction hints\n")
	if f.Repro == nil {
		m.line("No command: %s.\n", prose(whyNot(m.c, f, culprit.StageRepro)))
		return
	}
	text := f.Repro.Command
	if a := f.Repro.AmplifiedCommand; a != "" {
		text += "\n" + a
	}
	m.line("%s", fence(text, "sh"))
	for _, l := range rates(f.Repro) {
		m.line("- measured: %s", prose(l))
	}
	if f.Repro.Before == nil {
		m.line("Neither command was run: %s.\n", prose(whyNot(m.c, f, culprit.StageRepro)))
	}
}

func (m *markdown) related(f *culprit.Failure) {
	m.line("### Related issues\n")
	if len(f.Known) == 0 {
		m.line("None is listed: %s.\n", prose(whyNot(m.c, f, culprit.StageDuplicate)))
		return
	}
	for _, k := range f.Known {
		m.line("- %s %s (%s): %s", code(k.ID), prose(k.Title), prose(string(k.Relation)), prose(k.Why))
	}
	m.line("")
}
