// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"strings"
)

// Doc cuts the documentation of an analyzer out of the source of its package's
// doc.go, so that the package's documentation, the help and the page in
// docs/analyzers are one text. It is what follows the heading "# Analyzer NAME",
// which must begin with "NAME: ", up to the end of the comment or the next such
// heading. A doc.go that is not so is a mistake of ours, and panics.
func Doc(source, name string) string {
	var out []string
	in := false
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\r\n")
		text, ok := strings.CutPrefix(line, "//")
		if !ok {
			if in {
				break
			}
			continue
		}
		text = strings.TrimPrefix(text, " ")
		if strings.HasPrefix(text, "# Analyzer ") {
			in = text == "# Analyzer "+name
			continue
		}
		if in {
			out = append(out, text)
		}
	}
	doc, ok := strings.CutPrefix(strings.TrimSpace(strings.Join(out, "\n")), name+": ")
	if !ok {
		panic("doc.go does not document the analyzer " + name)
	}
	return doc
}

// Page gives the address of the page of an analyzer.
func Page(name string) string {
	return "https://github.com/culprit-ci/culprit/blob/main/docs/analyzers/" + name + ".md"
}
