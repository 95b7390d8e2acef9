// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// MaxLines is the longest a source file may be. The guide is 350; this is the
// point where a file must be cut.
const MaxLines = 500

// header is how each source file starts.
const header = "// Copyright 2026 The culprit Authors\n// SPDX-License-Identifier: Apache-2.0\n"

// fileRules are the rules that one file can break on its own. Tests may import
// what they need to prove their package, so only the header and the ban on
// init bind them.
var fileRules = []func(*file) []Violation{
	licence,
	noInit,
	exceptTests(length),
	exceptTests(direction),
	exceptTests(places),
	exceptTests(rootIsPure),
	exceptTests(noPrinting),
	exceptTests(docComments),
}

func exceptTests(rule func(*file) []Violation) func(*file) []Violation {
	return func(f *file) []Violation {
		if f.test {
			return nil
		}
		return rule(f)
	}
}

func licence(f *file) []Violation {
	if strings.HasPrefix(strings.ReplaceAll(f.src, "\r\n", "\n"), header) {
		return nil
	}
	return []Violation{{f.path, 1, "does not start with the copyright and SPDX lines"}}
}

func noInit(f *file) []Violation {
	var found []Violation
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, f.at(fn.Pos(), "has an init function; put what it lists into a table in one file"))
		}
	}
	return found
}

func length(f *file) []Violation {
	if n := strings.Count(f.src, "\n"); n > MaxLines {
		return []Violation{{f.path, 0, fmt.Sprintf("has %d lines, more than %d", n, MaxLines)}}
	}
	return nil
}

// direction checks that imports of this module go to strictly lower layers and
// never from one stage to another.
func direction(f *file) []Violation {
	own, ok := layerOf(f.folder)
	if !ok {
		return nil // unlistedPackages reports it
	}
	var found []Violation
	for _, imp := range f.ast.Imports {
		target, local := folderOf(importPath(imp))
		if !local {
			continue
		}
		layer, ok := layerOf(target)
		switch {
		case !ok:
			found = append(found, f.at(imp.Pos(), "imports %s, which has no layer", target))
		case layer >= own:
			found = append(found, f.at(imp.Pos(), "in layer %d imports %s of layer %d, which is not lower", own, target, layer))
		case stages[f.folder] && stages[target]:
			found = append(found, f.at(imp.Pos(), "is a stage and imports the stage %s; they meet in internal/engine", target))
		}
	}
	return found
}

// places checks the imports that only some packages may have.
func places(f *file) []Violation {
	var found []Violation
	for _, imp := range f.ast.Imports {
		p := importPath(imp)
		for prefix, allowed := range reserved {
			if under(p, prefix) && p != Module+"/"+f.folder && !in(f.folder, allowed) {
				who := strings.Join(allowed, ", ")
				if who == "" {
					who = "tests"
				}
				found = append(found, f.at(imp.Pos(), "imports %s, which only %s may", p, who))
			}
		}
		if p == "C" {
			found = append(found, f.at(imp.Pos(), "imports C; the program is built without cgo"))
		}
	}
	return found
}

// rootIsPure checks that the vocabulary uses the standard library only, and no
// package of it that does I/O.
func rootIsPure(f *file) []Violation {
	if f.folder != "." {
		return nil
	}
	var found []Violation
	for _, imp := range f.ast.Imports {
		p := importPath(imp)
		first, _, _ := strings.Cut(p, "/")
		if strings.Contains(first, ".") {
			found = append(found, f.at(imp.Pos(), "is the vocabulary and imports %s from outside the standard library", p))
		}
		if slices.ContainsFunc(impure, func(q string) bool { return under(p, q) }) {
			found = append(found, f.at(imp.Pos(), "is the vocabulary and imports %s, which does I/O", p))
		}
	}
	return found
}

// noPrinting checks that only the command line writes to the process's own
// streams. fmt.Fprint to a given writer is fine everywhere.
func noPrinting(f *file) []Violation {
	if layer, ok := layerOf(f.folder); !ok || layer >= cliLayer {
		return nil
	}
	var found []Violation
	fmtName := ""
	for _, imp := range f.ast.Imports {
		switch importPath(imp) {
		case "log":
			found = append(found, f.at(imp.Pos(), "imports log; below the command line nothing is logged"))
		case "fmt":
			fmtName = "fmt"
			if imp.Name != nil {
				fmtName = imp.Name.Name
			}
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch fn := call.Fun.(type) {
		case *ast.Ident:
			if fn.Name == "print" || fn.Name == "println" {
				found = append(found, f.at(call.Pos(), "calls %s below the command line", fn.Name))
			}
		case *ast.SelectorExpr:
			x, ok := fn.X.(*ast.Ident)
			if ok && fmtName != "" && x.Name == fmtName && strings.HasPrefix(fn.Sel.Name, "Print") {
				found = append(found, f.at(call.Pos(), "calls fmt.%s below the command line", fn.Sel.Name))
			}
		}
		return true
	})
	return found
}

func importPath(imp *ast.ImportSpec) string {
	p, err := strconv.Unquote(imp.Path.Value)
	if err != nil {
		return imp.Path.Value
	}
	return p
}

// folderOf gives the folder of an import path of this module.
func folderOf(importPath string) (folder string, local bool) {
	if importPath == Module {
		return ".", true
	}
	return strings.CutPrefix(importPath, Module+"/")
}

// under reports whether the import path p is prefix or below it.
func under(p, prefix string) bool {
	return p == prefix || strings.HasPrefix(p, prefix+"/")
}
