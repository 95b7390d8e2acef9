// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// waitGroupPoints delays the Done of a WaitGroup in place of an Add that races
// with Wait: the detector reports the two only where Wait finds somebody to wait
// for, so what has to be late is the end of the goroutine, not its start (package
// sync, WaitGroup.Wait: "the first Wait must be synchronized with the first Add").
func waitGroupPoints(tree *source.Tree, f *culprit.Failure, list []Point) []Point {
	if f.Cause == nil || f.Cause.Pattern != culprit.PatternWaitGroup {
		return list
	}
	var out []Point
	for _, p := range list {
		done := doneLines(filepath.Join(tree.Root, filepath.FromSlash(p.File)), p.Line)
		if len(done) == 0 {
			out = append(out, p)
		}
		for _, line := range done {
			out = append(out, Point{File: p.File, Line: line, Side: p.Side})
		}
	}
	return out
}

// doneLines lists, for a line with a call of Add, the lines of the innermost
// function around it where Done is called: that of the closing brace where it is
// deferred.
func doneLines(file string, line int) []int {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	in := &instrumenter{fset: fset, file: parsed}
	fns := in.functions(line)
	if len(fns) == 0 {
		return nil
	}
	fn := body(fns[len(fns)-1].fn)
	adds := false
	var done []int
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			adds = adds || in.line(n.Pos()) == line && calls(n, "Add")
		case *ast.ExprStmt:
			if calls(n.X, "Done") {
				done = append(done, in.line(n.Pos()))
			}
		case *ast.DeferStmt:
			if at := in.line(fn.Rbrace); calls(n.Call, "Done") && !slices.Contains(done, at) {
				done = append(done, at)
			}
		}
		return true
	})
	if !adds {
		return nil
	}
	return done
}

// calls reports whether an expression calls a method of that name.
func calls(e ast.Expr, name string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == name
}
