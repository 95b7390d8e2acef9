// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
)

// docComments checks that every exported name has a doc comment. A name in a
// group of constants or variables may have its comment at the end of the line,
// or share that of the group when it is the group's only kind of member.
func docComments(f *file) []Violation {
	var found []Violation
	for _, d := range f.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !isErrorMethod(d) {
				found = append(found, f.at(d.Pos(), "exports %s without a doc comment", d.Name.Name))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				found = append(found, f.specDoc(d, spec)...)
			}
		}
	}
	return found
}

func (f *file) specDoc(d *ast.GenDecl, spec ast.Spec) []Violation {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || d.Lparen != token.NoPos) {
			return []Violation{f.at(s.Pos(), "exports %s without a doc comment", s.Name.Name)}
		}
	case *ast.ValueSpec:
		if s.Doc != nil || s.Comment != nil || d.Doc != nil {
			return nil
		}
		for _, name := range s.Names {
			if name.IsExported() {
				return []Violation{f.at(s.Pos(), "exports %s without a doc comment", name.Name)}
			}
		}
	}
	return nil
}

// exportedReceiver reports whether fn is a function, or a method of an exported
// type. Methods of other types cannot be named from outside.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return true
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// isErrorMethod reports whether fn is the method of the error interface, whose
// meaning needs no words.
func isErrorMethod(fn *ast.FuncDecl) bool {
	return fn.Recv != nil && fn.Name.Name == "Error"
}

// packageComments checks that each package has a package comment. A package of
// tests only needs none.
func packageComments(files []*file) []Violation {
	documented := map[string]bool{}
	for _, f := range files {
		if !f.test {
			documented[f.folder] = documented[f.folder] || f.ast.Doc != nil
		}
	}
	var found []Violation
	for _, folder := range slices.Sorted(maps.Keys(documented)) {
		if !documented[folder] {
			found = append(found, Violation{folder, 0, "is a package without a package comment"})
		}
	}
	return found
}

// unlistedPackages checks that each package has a layer.
func unlistedPackages(files []*file) []Violation {
	seen := map[string]bool{}
	for _, f := range files {
		if !f.test {
			seen[f.folder] = true
		}
	}
	var found []Violation
	for _, folder := range slices.Sorted(maps.Keys(seen)) {
		if _, ok := layerOf(folder); !ok {
			found = append(found, Violation{folder, 0, "is a package without a layer; give it one in internal/archtest/layers.go and docs/ARCHITECTURE.md"})
		}
	}
	return found
}
