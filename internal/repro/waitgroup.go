// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
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
	replaced := map[int]bool{}
	for _, p := range list {
		for _, line := range doneLines(filepath.Join(tree.Root, filepath.FromSlash(p.File)), p.Line) {
			out = append(out, Point{File: p.File, Line: line, Side: p.Side})
			replaced[p.Side] = true
		}
	}
	for _, p := range list {
		if !replaced[p.Side] { // a caller of Add that is late makes Add late
			out = append(out, p)
		}
	}
	return out
}

// doneLines lists, for a line with a call of Add, the lines of the innermost
// function around it where Done is called: that of the closing brace where it is
// deferred. Where that function never calls it, the goroutines do that it starts
// after the Add.
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
	adds, done := in.dones(fn, line)
	if !adds {
		return nil
	}
	if len(done) > 0 {
		return done
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		g, ok := n.(*ast.GoStmt)
		if !ok || in.line(g.Pos()) < line {
			return true
		}
		if lit, ok := g.Call.Fun.(*ast.FuncLit); ok {
			_, more := in.dones(lit.Body, 0)
			done = append(done, more...)
		}
		return false
	})
	return done
}

// dones lists the lines of a function's body, without the literals in it, where
// Done takes effect, and says whether Add is called at a line.
func (in *instrumenter) dones(fn *ast.BlockStmt, line int) (adds bool, done []int) {
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
	return adds, done
}

// addLines lists, for a line with a call of Done, the lines of the file where the
// same WaitGroup, by its name, is added to.
func addLines(file string, line int) []int {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	group := func(n ast.Node, method string) string {
		call, ok := n.(*ast.CallExpr)
		if !ok || !calls(call, method) {
			return ""
		}
		return types.ExprString(call.Fun.(*ast.SelectorExpr).X)
	}
	at := func(n ast.Node) int { return fset.PositionFor(n.Pos(), false).Line }
	name := ""
	ast.Inspect(parsed, func(n ast.Node) bool {
		if g := group(n, "Done"); g != "" && at(n) == line {
			name = g
		}
		return true
	})
	var lines []int
	ast.Inspect(parsed, func(n ast.Node) bool {
		if g := group(n, "Add"); g != "" && g == name {
			lines = append(lines, at(n))
		}
		return true
	})
	return lines
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
