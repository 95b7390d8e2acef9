// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"fmt"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// lines makes the evidence of consecutive lines; dropped of them are missing
// after the first `after`.
func lines(ls []golog.Line, dropped int64, after int) culprit.Evidence {
	e := culprit.Evidence{Repeats: 1}
	if len(ls) == 0 {
		return e
	}
	first, last := ls[0], ls[0]
	var b strings.Builder
	for i, l := range ls {
		if i == after && dropped > 0 {
			fmt.Fprintf(&b, "… %d lines left out …\n", dropped)
		}
		b.WriteString(strings.ToValidUTF8(l.Text, "\uFFFD"))
		b.WriteByte('\n')
		if l.No < first.No {
			first = l
		}
		if l.No > last.No {
			last = l
		}
	}
	e.FirstLine, e.FirstByte = first.No, first.Start
	e.LastLine, e.EndByte = last.No, last.End
	e.Text = cutMiddle(b.String())
	return e
}

// cutMiddle cuts text to [culprit.MaxEvidence] bytes and says so in the middle.
func cutMiddle(s string) string {
	if len(s) <= culprit.MaxEvidence {
		return s
	}
	const note = "\n… %d bytes left out …\n"
	half := (culprit.MaxEvidence - len(note) - 20) / 2
	head := strings.ToValidUTF8(s[:half], "")
	tail := strings.ToValidUTF8(s[len(s)-half:], "")
	return head + fmt.Sprintf(note, len(s)-len(head)-len(tail)) + tail
}

// stable makes a title of s that does not change between runs: addresses and
// runs of four digits or more become N.
func stable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], "0x") && i+2 < len(s) && isHexDigit(s[i+2]) {
			j := i + 2
			for j < len(s) && isHexDigit(s[j]) {
				j++
			}
			b.WriteString("N")
			i = j
			continue
		}
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		switch {
		case j-i >= 4:
			b.WriteString("N")
			i = j
		case j > i:
			b.WriteString(s[i:j])
			i = j
		case s[i] < 0x20 || s[i] == 0x7f:
			b.WriteByte(' ')
			i++
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// excluded lists the kinds that a reader may suspect and that the log speaks
// against, for a failure of kind `is` in package p.
func excluded(log *golog.Log, p *golog.Package, is culprit.Kind) culprit.List[culprit.Excluded] {
	rows := []struct {
		kind  culprit.Kind
		marks []golog.MarkKind
		job   bool
		why   string
	}{
		{culprit.KindPanic, []golog.MarkKind{golog.MarkPanic, golog.MarkMapFatal, golog.MarkAllAsleep, golog.MarkLogAfter}, false, `no "panic:" or "fatal error:" line in the package's output`},
		{culprit.KindTimeout, []golog.MarkKind{golog.MarkTimeout}, false, `no "test timed out" line in the package's output`},
		{culprit.KindOutOfMemory, []golog.MarkKind{golog.MarkKilled}, false, `no "out of memory" and no "signal: killed" line in the package's output`},
		{culprit.KindCancelled, []golog.MarkKind{golog.MarkCancelled}, true, "no line says that the job was cancelled"},
		{culprit.KindBuild, nil, false, "the package was built and its tests ran"},
	}
	var out culprit.List[culprit.Excluded]
	for _, r := range rows {
		marks := p.Marks
		if r.job {
			marks = log.Marks
		}
		shown := r.kind == is || r.kind == culprit.KindBuild && p.BuildFailed != ""
		for _, k := range r.marks {
			if _, ok := markOf(marks, k); ok {
				shown = true
			}
		}
		if !shown {
			out = append(out, culprit.Excluded{Kind: r.kind, Why: r.why})
		}
	}
	return out
}
