// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// examples: the output of an Example is not what its comment says ("got:" and
// "want:" on lines of their own, testing/example.go). An Example that panics is
// kind panic.
func examples(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindExample, func(t *golog.Test, _ *message) said {
		if !strings.HasPrefix(t.Name, "Example") {
			return said{}
		}
		var got, want []string
		to := (*[]string)(nil)
		for _, l := range append(t.Output.Lines(), c.after(t)...) {
			switch s := strings.TrimSpace(l.Text); {
			case s == "got:":
				got, want = nil, nil
				to = &got
			case s == "want:" && to == &got:
				to = &want
			case to != nil:
				*to = append(*to, l.Text)
			}
		}
		if to == nil {
			return said{}
		}
		for n := len(want); n > 0 && closing(want[n-1]); n-- {
			want = want[:n-1]
		}
		a := &culprit.Assertion{Library: "testing", Actual: clip(strings.TrimSpace(strings.Join(got, "\n")), 4000), Expected: clip(strings.TrimSpace(strings.Join(want, "\n")), 4000)}
		a.Message = "the output of the example is not what its comment says"
		return said{ok: true, own: true, title: "the output is not what the comment says", fill: func(f *culprit.Failure) {
			f.Assertion = a
			if ls := c.after(t); t.Output.Empty() && len(ls) > 0 {
				f.Evidence = lines(ls, 0, 0)
				addLine(&f.Evidence, t.Ended)
			}
		}}
	})
}

// closing reports whether a line is what go test prints when a package ends.
func closing(s string) bool {
	return s == "" || s == "FAIL" || strings.HasPrefix(s, "FAIL\t") || strings.HasPrefix(s, "exit status ") || strings.HasPrefix(s, "coverage: ")
}

// after is the output of the package that follows the result line of a test: an
// example's report is not indented, so that text alone does not tie it to the test.
func (c *claims) after(t *golog.Test) []golog.Line {
	var out []golog.Line
	for _, l := range c.pkg.Output.Lines() {
		if l.No > t.Ended.No && l.No == t.Ended.No+int64(len(out))+1 {
			out = append(out, l)
		}
	}
	return out
}
