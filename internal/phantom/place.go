// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package phantom

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// onlyCaller reports whether the callee's callers are known for certain. by
// tells the true one; nil means that nothing calls it: it is where a goroutine
// starts.
func onlyCaller(callee frame) (only bool, by func(frame) bool) {
	if callee.place == nil || callee.sym.Wrapper != "" || callee.sym.RangeBody {
		return false, nil
	}
	switch fn := callee.place.Func().(type) {
	case *ast.FuncLit:
		if callee.place.Ambiguous {
			return false, nil
		}
		for _, s := range racecheck.Spawns(callee.place.Pkg.Info, callee.place.File) {
			if s.Lit != fn {
				continue
			}
			switch s.Kind {
			case racecheck.SpawnSubtest, racecheck.SpawnParallelSubtest:
				return isTestingRun(callee.place.Pkg, s.Call), isRunner
			case racecheck.SpawnGo:
				if s.Call != nil && ast.Unparen(s.Call.Fun) == ast.Expr(fn) {
					return true, func(f frame) bool { return f.sym.Wrapper == "gowrap" }
				}
			}
		}
	case *ast.FuncDecl:
		if isTest(fn, callee) && !referenced(callee.place.Pkg, fn) {
			return true, isRunner
		}
	}
	return false, nil
}

func onlyCallerText(callee frame) string {
	if _, ok := callee.place.Func().(*ast.FuncDecl); ok {
		return "is a test function, which only package testing calls"
	}
	for _, s := range racecheck.Spawns(callee.place.Pkg.Info, callee.place.File) {
		if s.Lit == callee.place.Func() && s.Kind == racecheck.SpawnGo {
			return "is the function of a go statement, which nothing calls"
		}
	}
	return "is the body of a subtest, which only package testing calls"
}

func isRunner(f frame) bool { return f.sym.Package == "testing" }

// isTestingRun reports whether the call is (*testing.T).Run itself, and not a
// method of that name which may call its argument where it likes.
func isTestingRun(pkg *source.Package, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := pkg.Info.Uses[sel.Sel].(*types.Func)
	return ok && fn.FullName() == "(*testing.T).Run"
}

func isTest(fn *ast.FuncDecl, f frame) bool {
	return fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") && strings.HasSuffix(f.place.Rel, "_test.go") && fn.Type.Params.NumFields() == 1
}

// referenced reports whether the package itself uses the function.
func referenced(pkg *source.Package, fn *ast.FuncDecl) bool {
	obj := pkg.Info.Defs[fn.Name]
	for _, used := range pkg.Info.Uses {
		if used == obj {
			return true
		}
	}
	return false
}

// callsAt lists the calls that the place's function makes at its line: those of
// every simple statement or header that spans the line, and all deferred ones,
// which run at the closing brace, at a return, at a panic or at runtime.Goexit.
// Bodies of function literals are left out: they have frames of their own.
func callsAt(p *source.Place) []*ast.CallExpr {
	var calls []*ast.CallExpr
	body := source.Body(p.Func())
	if body == nil {
		return nil
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			calls = append(calls, n.Call)
		case ast.Stmt:
			if spans(p, n) {
				calls = append(calls, within(n)...)
			}
		case *ast.CallExpr:
			if p.Pkg.Line(n.Pos()) <= p.Line && p.Line <= p.Pkg.Line(n.End()) {
				calls = append(calls, within(n)...)
			}
		}
		return true
	})
	return dedup(calls)
}

// spans reports whether a simple statement covers the line.
func spans(p *source.Place, s ast.Stmt) bool {
	switch s.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeclStmt:
		return p.Pkg.Line(s.Pos()) <= p.Line && p.Line <= p.Pkg.Line(s.End())
	}
	return false
}

// within lists the calls below n, without those in function literals.
func within(n ast.Node) []*ast.CallExpr {
	var calls []*ast.CallExpr
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			calls = append(calls, m)
		}
		return true
	})
	return calls
}

func dedup(calls []*ast.CallExpr) []*ast.CallExpr {
	seen := map[*ast.CallExpr]bool{}
	var out []*ast.CallExpr
	for _, c := range calls {
		if !seen[c] {
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}

// rangesOverFunc reports whether the place's function has a loop over an
// iterator function, whose calls have no call expression.
func rangesOverFunc(p *source.Place) bool {
	found := false
	ast.Inspect(source.Body(p.Func()), func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok {
			if t := p.Pkg.Info.TypeOf(r.X); t != nil {
				_, isFunc := t.Underlying().(*types.Signature)
				found = found || isFunc
			}
		}
		return !found
	})
	return found
}
