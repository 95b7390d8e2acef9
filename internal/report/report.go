// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package report renders a case: one file per format, each a pure function of
// the case. Everything that comes from a log, a repository or a commit is
// hostile text, and each format makes it harmless in its own way (see safe.go).
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/culprit-ci/culprit"
)

// Options steer a rendering; the zero value is a plain one of 80 columns.
type Options struct {
	// Width is the number of columns of a text report; 0 means 80.
	Width int
	// Color allows ANSI colours in a text report.
	Color bool
	// Links makes file positions OSC 8 hyperlinks below Root in a text report.
	Links bool
	// Root is the absolute path of the work tree, "" when there is none.
	Root string
	// MaxBytes caps a Markdown report; 0 means 60,000. GitHub refuses an issue
	// of more than 65,536 characters.
	MaxBytes int
	// Locate gives the file of the repository that a path of the log means, "" for
	// none. Nil takes paths as they are where they are relative.
	Locate func(pkg, file string) string
	// Changed are the files that the pull request changes: annotations go there first.
	Changed []string
}

// Format is a form of a report.
type Format struct {
	name, doc string
	write     func(w io.Writer, c *culprit.Case, o Options) error
}

// Name is what --format takes.
func (f Format) Name() string { return f.name }

// Doc says in one line what the format is for.
func (f Format) Doc() string { return f.doc }

// Write renders c. The error is w's.
func (f Format) Write(w io.Writer, c *culprit.Case, o Options) error { return f.write(w, c, o) }

// All lists the formats in the order of the help.
func All() []Format {
	return []Format{
		{"text", "for a terminal", writeText},
		{"markdown", "ready to paste as an issue", writeMarkdown},
		{"json", "the case itself, see docs/case.schema.json", writeJSON},
		{"sarif", "for code scanning: failures and siblings in SARIF 2.1.0", writeSARIF},
		{"github", "annotations, when a step of GitHub Actions prints it", writeGitHub},
	}
}

// Lookup finds a format by name; the error lists the names.
func Lookup(name string) (Format, error) {
	var names []string
	for _, f := range All() {
		if f.name == name {
			return f, nil
		}
		names = append(names, f.name)
	}
	return Format{}, fmt.Errorf("no format is called %q; use one of %s", name, strings.Join(names, ", "))
}
