// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// pageHeader tells that a page is written by a program.
const pageHeader = "<!-- Written from the documentation of the analyzer: UPDATE_DOCS=1 go test ./racecheck/suite -->\n\n"

// Page gives the page of an analyzer for docs/analyzers, in Markdown. Indented
// blocks of its documentation become blocks of Go code, and lines that begin with
// "# " headings.
func Page(a *analysis.Analyzer) string {
	title, text, _ := strings.Cut(a.Doc, "\n")
	var b strings.Builder
	fmt.Fprintf(&b, "%s# %s\n\n%s.\n\n", pageHeader, a.Name, strings.ToUpper(title[:1])+title[1:])
	code := false
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, "\t")
		switch {
		case indented && !code:
			b.WriteString("```go\n")
			code = true
		case code && !indented && line != "":
			trimmed := strings.TrimRight(b.String(), "\n")
			b.Reset()
			b.WriteString(trimmed + "\n```\n\n")
			code = false
		}
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			line = "## " + heading
		}
		b.WriteString(strings.TrimPrefix(line, "\t") + "\n")
	}
	out := strings.TrimRight(b.String(), "\n") + "\n"
	if code {
		out += "```\n"
	}
	return out + fmt.Sprintf("\n## Run it alone\n\n```sh\nculprit vet --only %s ./...\n```\n", a.Name)
}

// Index gives the list of the analyzers for docs/analyzers, and of the ideas that
// were left out.
func Index() string {
	var b strings.Builder
	b.WriteString(pageHeader + "# Analyzers of culprit vet\n\n| analyzer | what it does |\n|---|---|\n")
	for _, a := range Analyzers() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", a.Name, a.Name, title)
	}
	b.WriteString("\n## Only when named\n\nWith `culprit vet --only NAME`, or `go vet -vettool=$(which culprit) -NAME`.\n\n| analyzer | what it does |\n|---|---|\n")
	for _, a := range Optional() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", a.Name, a.Name, title)
	}
	b.WriteString("\n## Left out\n\n| idea | why |\n|---|---|\n")
	for _, r := range Rejected() {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Name, r.Reason)
	}
	return b.String()
}
