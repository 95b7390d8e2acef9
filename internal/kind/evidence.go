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

// suspect is a kind that a reader may think of, the marks that would speak for it,
// and what to say when none is there.
type suspect struct {
	kind  culprit.Kind
	marks []golog.MarkKind
	why   string
}

func suspects() []suspect {
	return []suspect{
		{culprit.KindPanic, []golog.MarkKind{golog.MarkPanic, golog.MarkMapFatal, golog.MarkAllAsleep, golog.MarkLogAfter}, `no "panic:" or "fatal error:" line in the package's output`},
		{culprit.KindTimeout, []golog.MarkKind{golog.MarkTimeout, golog.MarkJobTimeout}, `no "test timed out" line in the package's output`},
		{culprit.KindDeadlock, []golog.MarkKind{golog.MarkAllAsleep}, `no "all goroutines are asleep" line; with a timer running the runtime cannot tell`},
		{culprit.KindOutOfMemory, []golog.MarkKind{golog.MarkKilled, golog.MarkMemory}, `no "out of memory" and no "signal: killed" line in the package's output`},
		{culprit.KindCancelled, []golog.MarkKind{golog.MarkCancelled}, "no line says that the job was cancelled"},
		{culprit.KindRunnerLost, []golog.MarkKind{golog.MarkRunnerLost}, "no line says that the runner was lost"},
	}
}

// excluded lists the kinds that a reader may suspect and that the log speaks
// against, for a failure of kind `is` in package p.
func excluded(log *golog.Log, p *golog.Package, is culprit.Kind) culprit.List[culprit.Excluded] {
	var out culprit.List[culprit.Excluded]
	if is != culprit.KindDataRace && len(p.Reports) == 0 {
		out = append(out, culprit.Excluded{Kind: culprit.KindDataRace, Why: `no "WARNING: DATA RACE" in the package's output; whether the detector was on is not shown`})
	}
	for _, r := range suspects() {
		shown := r.kind == is
		switch {
		case r.kind == culprit.KindDeadlock && is != culprit.KindTimeout,
			r.kind == culprit.KindRunnerLost && is != culprit.KindOutOfMemory && is != culprit.KindExit && is != culprit.KindTimeout:
			continue
		}
		for _, k := range r.marks {
			_, inPackage := markOf(p.Marks, k)
			_, inJob := markOf(log.Marks, k)
			shown = shown || inPackage || inJob
		}
		if r.kind == culprit.KindPanic && is == culprit.KindTimeout && !shown {
			r.why = `the only "panic:" is that of the time limit itself`
		}
		if !shown {
			out = append(out, culprit.Excluded{Kind: r.kind, Why: r.why})
		}
	}
	if is != culprit.KindBuild && p.BuildFailed == "" {
		out = append(out, culprit.Excluded{Kind: culprit.KindBuild, Why: "the package was built"})
	}
	return out
}
