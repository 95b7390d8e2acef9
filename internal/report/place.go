// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
)

// place is a line of the repository that a failure shows.
type place struct {
	file string // relative to the root of the repository
	line int
	what string // "write: err = f()"
}

// places lists the lines of a failure, the most telling first: those of the
// cause, else those that the log shows. A line that is not in the repository, or
// not clearly so, is left out.
func places(c *culprit.Case, f *culprit.Failure, o Options) []place {
	var list []place
	// The files of a cause are those of the work tree; others are as printed.
	locate := func(file string) string { return o.locate(c, f.Package, file) }
	if f.Cause != nil {
		locate = clean
	}
	add := func(file string, line int, what string) {
		file = locate(file)
		if file == "" || line <= 0 {
			return
		}
		for _, have := range list {
			if have.file == file && have.line == line {
				return
			}
		}
		list = append(list, place{file, line, what})
	}
	if f.Cause != nil {
		for _, s := range f.Cause.Sites {
			add(s.File, s.Line, string(s.Op)+": "+s.Statement)
		}
		add(f.Cause.Declared.File, f.Cause.Declared.Line, f.Cause.Subject+" is declared here")
		return list
	}
	if f.Race != nil {
		for _, a := range f.Race.Accesses {
			add(a.File, a.Line, fmt.Sprintf("%s in %s", a.Op, shortFunc(a.Func)))
		}
	}
	if f.Crash != nil && f.Crash.Where != nil {
		add(f.Crash.Where.File, f.Crash.Where.Line, "in "+shortFunc(f.Crash.Where.Func))
	}
	if f.Assertion != nil {
		add(f.Assertion.File, f.Assertion.Line, "this check did not hold")
	}
	for _, d := range f.Diagnostics {
		add(d.File, d.Line, d.Message)
	}
	for _, g := range f.Goroutines {
		if g.Where != nil {
			add(g.Where.File, g.Where.Line, g.State+" in "+shortFunc(g.Where.Func))
		}
	}
	return list
}

// locate gives the file of the repository that a path of the log means, "" when
// that is not clear.
func (o Options) locate(c *culprit.Case, pkg, file string) string {
	if file == "" {
		return ""
	}
	if o.Locate != nil {
		return clean(o.Locate(pkg, file))
	}
	// GitHub's runners check out into …/work/NAME/NAME.
	file = strings.ReplaceAll(file, `\`, "/")
	if name := path.Base(c.Job.Repository); c.Job.Repository != "" {
		if _, rest, ok := strings.Cut(file, "/work/"+name+"/"+name+"/"); ok {
			return clean(rest)
		}
	}
	if !strings.Contains(file, "/") {
		return "" // of which package's folder?
	}
	return clean(file)
}

// clean refuses what is not inside of the repository.
func clean(file string) string {
	switch {
	case file == "" || strings.HasPrefix(file, "/") || strings.HasPrefix(file, "~") || strings.Contains(file, ":"):
		return ""
	}
	file = path.Clean(file)
	if file == "." || file == ".." || strings.HasPrefix(file, "../") {
		return ""
	}
	return file
}

// sentence is what is known of a failure, in a few lines.
func sentence(c *culprit.Case, f *culprit.Failure) string {
	var b strings.Builder
	b.WriteString(plain(f.Title))
	switch {
	case f.Cause != nil:
		fmt.Fprintf(&b, "\n%s (%s, %s): %s", plain(f.Cause.Subject), f.Cause.Pattern, f.Cause.Grade, plain(f.Cause.Because))
	case f.Assertion != nil && f.Assertion.Message != "":
		b.WriteString("\n" + block(f.Assertion.Message))
	case f.Crash != nil && f.Crash.Value != "":
		b.WriteString("\n" + plain(f.Crash.Value))
	}
	if f.Fix != nil {
		fmt.Fprintf(&b, "\nProposed fix (%s): %s", f.Fix.Status, plain(f.Fix.Message))
	}
	for i, k := range f.Known {
		if i == 3 {
			break
		}
		fmt.Fprintf(&b, "\nKnown: %s (%s)", plain(k.ID+" "+k.Title), k.Relation)
	}
	if tests := byRole(f, culprit.RoleCause); len(tests) > 0 {
		var names []string
		for i, t := range tests {
			if i == 5 {
				names = append(names, fmt.Sprintf("%d more", len(tests)-i))
				break
			}
			names = append(names, plain(t.Name))
		}
		b.WriteString("\nTests: " + strings.Join(names, ", "))
	}
	return b.String()
}
