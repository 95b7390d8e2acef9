// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/types"

	"github.com/culprit-ci/culprit/internal/source"
)

// callAt finds the call on the place's line that is of the callee: by name, or
// the literal itself.
func callAt(place, callee *source.Place, name string) *ast.CallExpr {
	var found, any []*ast.CallExpr
	place.Inspect(func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			_, isLit := n.(*ast.FuncLit)
			return !isLit || place.Pkg.Line(n.Pos()) <= place.Line && place.Line <= place.Pkg.Line(n.End())
		}
		if place.Pkg.Line(call.Pos()) > place.Line || place.Line > place.Pkg.Line(call.End()) {
			return true
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.FuncLit:
			if name == "" && fun == callee.Func() {
				found = append(found, call)
			}
		default:
			if name != "" && calleeName(call) == name {
				found = append(found, call)
			} else if name == "" && literalOf(place, fun) == callee.Func() {
				any = append(any, call)
			}
		}
		return true
	})
	if len(found) == 0 {
		found = any
	}
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// literalOf returns the function literal that a called variable was declared with.
func literalOf(place *source.Place, fun ast.Expr) ast.Node {
	id, ok := fun.(*ast.Ident)
	if !ok {
		return nil
	}
	v := place.Pkg.Info.ObjectOf(id)
	var lit ast.Node
	ast.Inspect(place.Funcs[0], func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				lid, ok := l.(*ast.Ident)
				fl, isLit := ast.Unparen(a.Rhs[i]).(*ast.FuncLit)
				if ok && isLit && place.Pkg.Info.ObjectOf(lid) == v {
					lit = fl
				}
			}
		}
		return true
	})
	return lit
}

// argumentOfType returns the one argument, or receiver, of a call that is of the
// type or a pointer to it.
func argumentOfType(info *types.Info, call *ast.CallExpr, want types.Type) ast.Expr {
	exprs := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
		exprs = append([]ast.Expr{sel.X}, exprs...)
	}
	spell := func(t types.Type) string {
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		return types.TypeString(t, nil)
	}
	var found []ast.Expr
	for _, e := range exprs {
		if t := info.TypeOf(e); t != nil && spell(t) == spell(want) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}
