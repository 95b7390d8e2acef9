// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// diskRows are how a full disk shows: ENOSPC and EDQUOT as Go, C and Windows
// spell them, and what runners say of it.
func diskRows() []row {
	return []row{
		{text: "no space left on device"},
		{text: "disk quota exceeded"},
		{text: "there is not enough space on the disk"},
		{text: "not enough space on the disk"},
		{text: "not enough disk space"},
		{text: "insufficient disk space"},
		{text: "disk full"},
		{text: "disk is full"},
		{text: "out of disk space"},
		{text: "no free disk space"},
		{text: "you are running out of disk space", alone: true},
		{text: "ran out of disk space"},
		{text: "enospc"},
		{text: "no space on device"},
		{text: "low on resource: ephemeral-storage"},
		{text: "database or disk is full"},
		{text: "write failed: filesystem is full"},
	}
}

// fullDisks: a test, or the whole process, could not write. It fails in whatever
// way the writer reports it, a panic or an assertion, and neither is the reason.
// Near miss: a test of how the program handles a full disk, which compares texts.
func fullDisks(c *claims) []*culprit.Failure {
	return c.lacks(culprit.KindDiskFull, diskRows(), func(line string) (kind, name, title string) {
		p := filePath.FindString(line)
		return "path", p, "disk full"
	})
}

// jobFullDisks: the compiler, the linker or the job itself could not write.
func jobFullDisks(j *job) []*culprit.Failure {
	return j.lacks(culprit.KindDiskFull, diskRows(), func(line string) (kind, name, title string) {
		return "path", filePath.FindString(line), "disk full"
	})
}

// lacks makes failures of what the machine lacks in one package: in crashes, in
// messages of tests, and in the output of a package that failed without a test.
func (c *claims) lacks(is culprit.Kind, rows []row, tell func(line string) (kind, name, title string)) []*culprit.Failure {
	var out []*culprit.Failure
	for _, cr := range c.crashes {
		line, ok := saysText(cr.full, rows)
		if cr.taken || cr.kind != golog.MarkPanic || !ok {
			continue
		}
		kind, name, title := tell(line)
		f := c.crashFailure(is, cr, title, nil)
		resource(kind, name, line)(f)
		out = append(out, f)
	}
	out = append(out, c.byMessage(is, func(t *golog.Test, m *message) said {
		line, ok := m.says(rows)
		if !ok || leakHead.MatchString(m.text[0]) || is == culprit.KindNetwork && c.servedPanic(t) != nil {
			return said{}
		}
		kind, name, title := tell(line)
		if name == "" && kind == "endpoint" {
			// Some print the address above the answer.
			for _, s := range m.text {
				if name = endpointOf(s); name != "" {
					title += ": " + hostOf(name)
					break
				}
			}
		}
		return said{ok: true, title: steady(title), fill: func(f *culprit.Failure) {
			resource(kind, name, line)(f)
			f.Assertion = assertionOf(m)
		}}
	})...)
	if len(out) == 0 && !c.found && len(c.crashes) == 0 && c.failsAlone() {
		for _, l := range c.output() {
			if !saysLine(l.Text, rows) || !blamesOutput(l.Text) {
				continue
			}
			kind, name, title := tell(l.Text)
			f := c.processFailure(is, title, l)
			resource(kind, name, l.Text)(f)
			return append(out, f)
		}
	}
	return out
}

// blamesOutput reports whether a line of a process's output can be why it ended:
// what a logger marks as information or a warning is not.
func blamesOutput(s string) bool {
	l := strings.ToLower(s)
	for _, w := range []string{"level=info", "level=debug", "level=warn", `"level":"info"`, `"level":"debug"`, `"level":"warn`, "\tinfo\t", "\tdebug\t", "\twarn\t", " info ", " debug ", "[info]", "[debug]", "[warn", "retry", "warning"} {
		if strings.Contains(l, w) {
			return false
		}
	}
	return true
}

// saysText returns the first line of text that holds one of the forms.
func saysText(text string, rows []row) (string, bool) {
	for s := range strings.SplitSeq(text, "\n") {
		if saysLine(s, rows) {
			return s, true
		}
	}
	return "", false
}
