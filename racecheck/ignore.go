// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// Ignores reads the //culprit:ignore directives of a package. An analyzer that
// lists it in Requires and reports with [Report] obeys them under every driver:
// culprit vet, go vet -vettool, golangci-lint and gopls. Its result is an
// [*IgnoreList].
var Ignores = &analysis.Analyzer{
	Name:       "culpritignores",
	Doc:        "read //culprit:ignore directives\n\nA directive is //culprit:ignore NAME[,NAME] REASON, at the end of the line it is about or alone on the line above.",
	Run:        func(pass *analysis.Pass) (any, error) { return readIgnores(pass.Fset, pass.Files), nil },
	ResultType: reflect.TypeFor[*IgnoreList](),
}

// IgnoreList is what the directives of one package silence.
type IgnoreList struct {
	mu         sync.Mutex
	directives []*Ignore
	byLine     map[lineOf][]*Ignore
}

// lineOf is a line of a file.
type lineOf struct {
	file string
	line int
}

// Ignore is one directive.
type Ignore struct {
	Pos token.Pos
	// Names are the analyzers it silences.
	Names []string
	// Reason says why; a directive without one silences nothing.
	Reason string
	used   map[string]bool
}

// ignorePrefix is how a directive begins; like all directives for tools it has
// no blank after the slashes.
const ignorePrefix = "//culprit:ignore"

func readIgnores(fset *token.FileSet, files []*ast.File) *IgnoreList {
	list := &IgnoreList{byLine: map[lineOf][]*Ignore{}}
	for _, f := range files {
		var code map[int]bool // lines with code, built for the first directive
		for _, group := range f.Comments {
			for _, c := range group.List {
				rest, ok := strings.CutPrefix(c.Text, ignorePrefix)
				if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
					continue
				}
				if code == nil {
					code = codeLines(fset, f)
				}
				list.add(fset, c, rest, code)
			}
		}
	}
	return list
}

func (l *IgnoreList) add(fset *token.FileSet, c *ast.Comment, text string, code map[int]bool) {
	// What follows a further // is a comment on the directive, as for go:build.
	text, _, _ = strings.Cut(text, " //")
	names, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
	in := &Ignore{Pos: c.Pos(), Reason: strings.TrimSpace(reason), used: map[string]bool{}}
	if names != "" {
		in.Names = strings.Split(names, ",")
	}
	l.directives = append(l.directives, in)
	p := fset.Position(c.Pos())
	line := p.Line
	if !code[line] {
		line++
	}
	at := lineOf{p.Filename, line}
	l.byLine[at] = append(l.byLine[at], in)
}

// codeLines gives the lines of a file on which something other than a comment
// begins or ends.
func codeLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return false
		case *ast.CommentGroup, *ast.Comment:
			return false
		case *ast.File:
			return true
		}
		lines[fset.Position(n.Pos()).Line] = true
		lines[fset.Position(n.End()).Line] = true
		return true
	})
	return lines
}

// Silences reports whether a directive with a reason silences the analyzer at
// this line, and remembers that it was of use.
func (l *IgnoreList) Silences(name string, at token.Position) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	silent := false
	for _, in := range l.byLine[lineOf{at.Filename, at.Line}] {
		for _, n := range in.Names {
			if n == name && in.Reason != "" {
				in.used[n] = true
				silent = true
			}
		}
	}
	return silent
}

// All gives the directives in source order.
func (l *IgnoreList) All() []*Ignore { return l.directives }

// Unused gives the names of a directive that silenced nothing.
func (l *IgnoreList) Unused(in *Ignore) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, n := range in.Names {
		if !in.used[n] {
			names = append(names, n)
		}
	}
	return names
}

// Report reports a finding of pass's analyzer unless a directive silences it.
func Report(pass *analysis.Pass, d analysis.Diagnostic) {
	report(pass, d)
}

func report(pass *analysis.Pass, d analysis.Diagnostic) bool {
	if l, ok := pass.ResultOf[Ignores].(*IgnoreList); ok && l.Silences(pass.Analyzer.Name, pass.Fset.Position(d.Pos)) {
		return false
	}
	if d.Category == "" {
		d.Category = pass.Analyzer.Name
	}
	pass.Report(d)
	return true
}

// Found reports a diagnostic as [Report] does and, unless a directive silences
// it, adds the instance that it is about, at the diagnostic's position and with
// its message, to the result of an analyzer.
func Found(pass *analysis.Pass, list []Instance, in Instance, d analysis.Diagnostic) []Instance {
	if !report(pass, d) {
		return list
	}
	return Unreported(list, in, d)
}

// Unreported adds the instance that a diagnostic is about without reporting it: for
// the cause of a race that has been seen, where it is too weak to be a finding, or
// another analyzer's.
func Unreported(list []Instance, in Instance, d analysis.Diagnostic) []Instance {
	in.Pos, in.Message = d.Pos, d.Message
	return append(list, in)
}
