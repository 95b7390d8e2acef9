// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/redact"
	"github.com/culprit-ci/culprit/internal/report"
	"github.com/culprit-ci/culprit/internal/tracker"
)

const (
	maxTitle = 200
	maxBody  = 58_000 // GitHub takes 65,536 characters
	maxRows  = 30     // occurrences that the table shows
)

// draft writes the issue of a failure: its mark, its report, and the word that
// finds it.
func draft(c *culprit.Case, f *culprit.Failure, labels []string) (tracker.Draft, error) {
	one := *c
	one.Failures = culprit.List[*culprit.Failure]{f}
	one.Steps = slices.DeleteFunc(slices.Clone(c.Steps), func(s culprit.Step) bool { return s.Failure != "" && s.Failure != f.ID })
	one.Checklist = culprit.Checklist(&one)
	format, err := report.Lookup("markdown")
	if err != nil {
		return tracker.Draft{}, err
	}
	var b strings.Builder
	if err := format.Write(&b, &one, report.Options{MaxBytes: maxBody}); err != nil {
		return tracker.Draft{}, fmt.Errorf("writing the issue: %w", err)
	}
	m := metaOf(f)
	body := mark(causeMark, m) + redact.Text(b.String()+suggestion(f)) + fmt.Sprintf("\n\n<sub>culprit knows this cause as `%s`.</sub>\n", word(m.Key))
	return tracker.Draft{Title: title(f.Title), Body: body, Labels: labels}, nil
}

// title makes one line of a title. A title is plain text for GitHub, but a
// mention in it still reads like one.
func title(s string) string {
	s = strings.Join(strings.Fields(redact.Text(s)), " ")
	s = strings.ReplaceAll(s, "@", "@\u200b")
	if r := []rune(s); len(r) > maxTitle {
		s = string(r[:maxTitle-1]) + "…"
	}
	return s
}

// occurrence is the row of a case.
func occurrence(c *culprit.Case, f *culprit.Failure, now time.Time, note string) seen {
	when := now
	if c.Job.StartedAt != nil {
		when = *c.Job.StartedAt
	}
	address := c.Job.URL
	if len(address) > 500 {
		address = "" // no CI system has such
	}
	return seen{
		Job: short(jobKey(c)), When: when.UTC().Truncate(time.Second), Name: short(c.Job.Name), URL: address, Commit: short(c.Job.Commit), Branch: short(c.Job.Branch),
		Pull: c.Job.PullRequest, Tests: causeTests(f, 3), Note: note,
	}
}

// jobKey names the job and attempt of a case: the same job is counted once.
func jobKey(c *culprit.Case) string {
	if c.Job.RunID == "" && c.Job.JobID == "" {
		return "log " + c.Log.SHA256[:min(16, len(c.Log.SHA256))]
	}
	return fmt.Sprintf("%s/%s/%s/%d", c.Job.RunID, c.Job.JobID, c.Job.Name, c.Job.Attempt)
}

// add puts an occurrence into the table; false means that it is there.
func (m *seenMeta) add(s seen) bool {
	if slices.ContainsFunc(m.Rows, func(have seen) bool { return have.Job == s.Job }) {
		return false
	}
	m.Count++
	if m.First.IsZero() || s.When.Before(m.First) {
		m.First = s.When
	}
	m.Rows = append(m.Rows, s)
	slices.SortStableFunc(m.Rows, func(a, b seen) int { return b.When.Compare(a.When) })
	m.Rows = m.Rows[:min(len(m.Rows), maxRows)]
	return true
}

// text writes the comment, with as many of the occurrences as it can hold.
func (m *seenMeta) text() string {
	for {
		s := m.whole()
		if len(s) <= maxBody || len(m.Rows) <= 1 {
			return redact.Text(s)
		}
		m.Rows = m.Rows[:len(m.Rows)-1]
	}
}

func (m *seenMeta) whole() string {
	var b strings.Builder
	b.WriteString(mark(seenMark, m))
	fmt.Fprintf(&b, "### Seen %d %s since %s\n\n", m.Count, times(m.Count), m.First.Format("2006-01-02"))
	b.WriteString("| when (UTC) | job | commit | branch | tests |\n|---|---|---|---|---|\n")
	for _, r := range m.Rows {
		branch := r.Branch
		if r.Pull > 0 {
			branch = fmt.Sprintf("%s (pull request %d)", r.Branch, r.Pull)
		}
		tests := strings.Join(r.Tests, ", ")
		if r.Note != "" {
			tests = strings.TrimPrefix(tests+"; "+r.Note, "; ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.When.Format("2006-01-02 15:04"), link(r), cell(r.Commit[:min(10, len(r.Commit))]), cell(branch), cell(tests))
	}
	if m.Count > len(m.Rows) {
		fmt.Fprintf(&b, "\nand %d before.\n", m.Count-len(m.Rows))
	}
	b.WriteString("\n<sub>culprit edits this comment instead of writing a new one for each failure.</sub>\n")
	return b.String()
}

func times(n int) string {
	if n == 1 {
		return "time"
	}
	return "times"
}

// link is the job, as a link if its address is one.
func link(r seen) string {
	name := cell(r.Name)
	if name == "–" {
		name = "job"
	}
	if !strings.HasPrefix(r.URL, "https://") || strings.ContainsAny(r.URL, " \t\r\n()<>|[]\"'`\\") {
		return name
	}
	return fmt.Sprintf("[%s](%s)", name, r.URL)
}

// cell is hostile text as code in a table: no markup, no mention, no end of the cell.
func cell(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '`' || r == '|':
			return '\''
		case r < ' ' || r == 0x7f || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "–"
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[:199]) + "…"
	}
	return "`" + s + "`"
}
