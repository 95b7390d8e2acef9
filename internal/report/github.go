// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
)

// GitHub shows at most ten errors and ten warnings of a step; the rest is lost.
const maxAnnotations = 10

// annotation is a command to the runner.
type annotation struct {
	level, title, message string
	place                 *place
	changed               bool
}

// writeGitHub renders the failures as workflow commands, which GitHub Actions
// shows as annotations when a step prints them.
//
// Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
// and @actions/core, command.ts, for the escapes.
func writeGitHub(w io.Writer, c *culprit.Case, o Options) error {
	var errors, warnings []annotation
	for _, f := range c.Failures {
		errors = append(errors, failureNote(c, f, o))
		for _, s := range f.Siblings {
			file := clean(s.File)
			if file == "" {
				continue
			}
			p := &place{file: file, line: s.Line}
			warnings = append(warnings, annotation{"warning", "same class as " + f.Title, s.Message, p, slices.Contains(o.Changed, file)})
		}
	}
	var b strings.Builder
	for _, list := range [][]annotation{errors, warnings} {
		// Those on files of the pull request are shown beside its lines.
		slices.SortStableFunc(list, func(a, b annotation) int { return cmp.Compare(rank(a), rank(b)) })
		for i, a := range list {
			if left := len(list) - i; i == maxAnnotations-1 && left > 1 {
				command(&b, annotation{level: a.level, title: fmt.Sprintf("%d more", left), message: "GitHub shows ten of a step; the report has all."})
				break
			}
			command(&b, a)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func rank(a annotation) int {
	switch {
	case a.changed:
		return 0
	case a.place != nil:
		return 1
	}
	return 2
}

func failureNote(c *culprit.Case, f *culprit.Failure, o Options) annotation {
	a := annotation{level: "error", title: f.Title, message: sentence(c, f)}
	list := places(c, f, o)
	for i := range list {
		changed := slices.Contains(o.Changed, list[i].file)
		if a.place == nil || changed && !a.changed {
			a.place, a.changed = &list[i], changed
		}
	}
	for _, p := range list {
		if a.place != nil && p != *a.place {
			a.message += fmt.Sprintf("\n%s:%d: %s", p.file, p.line, plain(p.what))
		}
	}
	return a
}

// command writes one command. The runner splits at "::" and ",", so what is
// hostile is escaped, first the escape character itself.
func command(b *strings.Builder, a annotation) {
	b.WriteString("::" + a.level + " ")
	if p := a.place; p != nil {
		fmt.Fprintf(b, "file=%s,line=%d,", property(p.file), p.line)
	}
	fmt.Fprintf(b, "title=%s::%s\n", property(plain(a.title)), data(block(a.message)))
}

func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
