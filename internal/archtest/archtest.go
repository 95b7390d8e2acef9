// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package archtest holds the rules of the house as a test: which package may
// import which, and what every source file must and must not contain.
//
// The rules read the sources in-process. A check that runs "go list" as a child
// would be cached as passing after a violation appears, because the go command
// only sees the files that the test process itself opens.
//
// docs/ARCHITECTURE.md is the text of these rules; layers.go is their table.
package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Module is the path of the module whose sources are checked.
const Module = "github.com/culprit-ci/culprit"

// Violation is one broken rule.
type Violation struct {
	// File is relative to the module root; for a package as a whole it is the folder.
	File string
	// Line is 0 when the whole file or package is meant.
	Line int
	// Message names what is wrong, and the import or name it is about.
	Message string
}

// String gives the violation as "file:line: message".
func (v Violation) String() string {
	if v.Line == 0 {
		return v.File + ": " + v.Message
	}
	return fmt.Sprintf("%s:%d: %s", v.File, v.Line, v.Message)
}

// file is one parsed source file.
type file struct {
	path   string // relative to the module root
	folder string // the folder of path, "." for the root
	test   bool
	src    string
	ast    *ast.File
	set    *token.FileSet
}

func (f *file) at(pos token.Pos, format string, args ...any) Violation {
	return Violation{f.path, f.set.Position(pos).Line, fmt.Sprintf(format, args...)}
}

// Check reads every Go file below the root of fsys, which is the root of the
// module, and returns the broken rules ordered by file and line. Folders named
// testdata or vendor, and those that start with "." or "_", are not read: the
// go command does not build them either. The error is about reading, never
// about a rule.
func Check(fsys fs.FS) ([]Violation, error) {
	files, err := load(fsys)
	if err != nil {
		return nil, err
	}
	var found []Violation
	for _, f := range files {
		for _, rule := range fileRules {
			found = append(found, rule(f)...)
		}
	}
	found = append(found, packageComments(files)...)
	found = append(found, unlistedPackages(files)...)
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return found, nil
}

func load(fsys fs.FS) ([]*file, error) {
	var files []*file
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := path.Base(name)
			if name != "." && (base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_') {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
		files = append(files, &file{
			path: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
			src: string(src), ast: syntax, set: set,
		})
		return nil
	})
	return files, err
}
