// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package kind

import (
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/golog"
)

// goldenRows are how a comparison with a kept file tells that it is one: the name
// of the file, or the way to rewrite it. goldie, cupaloy, go-snaps, autogold,
// gotest.tools/golden, testscript, approvals, and people's own helpers.
func goldenRows() []row {
	return []row{
		{text: "golden"},
		{text: "snapshot", and: "not equal"},
		{text: "snapshot", and: "match"},
		{text: "snapshot", and: "differ"},
		{text: "snapshot", and: "mismatch"},
		{text: "snapshot", and: "updat"},
		{text: "update_snaps"},
		{text: "update_snapshots"},
		{text: "update_golden"},
		{text: "update=true"},
		{text: "update=1"},
		{text: "-update", and: "run"},
		{text: "-update", and: "go test"},
		{text: "-update", and: "flag"},
		{text: "-test.update"},
		{text: "--update", and: "run"},
		{text: "to update the fixture"},
		{text: "update the fixtures"},
		{text: "fixture", and: "differ"},
		{text: "fixture", and: "does not match"},
		{text: "approved", and: "received", not: "not approved by"},
		{text: "testdata/", and: "differ"},
		{text: "testdata/", and: "mismatch"},
		{text: "testdata/", and: "does not match"},
		{text: "testdata/", and: "doesn't match"},
		{text: "-overwrite", and: "expected"},
		{text: "expected output in ", and: "differ"},
	}
}

// goldens: what was made differs from what a file in the repository holds. The
// fix is in the program or in the file, and often a flag rewrites the file.
// Near miss: a difference of two values that the test itself holds is kind
// assertion, whatever the library prints.
func goldens(c *claims) []*culprit.Failure {
	return c.byMessage(culprit.KindGolden, func(t *golog.Test, m *message) said {
		if m == nil || m.whole {
			return said{}
		}
		for i, l := range m.lines {
			s := strings.TrimSpace(l.Text)
			if i > 300 || !saysLine(s, goldenRows()) || i > 0 && s != "" && (s[0] == '+' || s[0] == '-' && !strings.HasPrefix(s, "-update")) {
				continue
			}
			if strings.HasPrefix(s, "Test:") || strings.HasPrefix(s, "Error Trace:") {
				continue
			}
			name := filePath.FindString(" " + s)
			if j := strings.Index(s, "testdata/"); j >= 0 {
				name, _, _ = strings.Cut(s[j:], " ")
			}
			name = strings.Trim(name, `"'.,:;()`)
			title := m.headline()
			if name != "" && title == "assertion failed:" {
				title = name
			}
			return said{ok: true, own: true, title: steady("golden: " + title), fill: func(f *culprit.Failure) {
				f.Assertion = assertionOf(m)
				if name != "" {
					f.Resource = &culprit.Resource{Type: "path", Name: name, Error: "it differs from what the test made"}
				}
			}}
		}
		return said{}
	})
}
