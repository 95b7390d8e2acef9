// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// hasLiteral reports whether there is a function literal in a body.
func hasLiteral(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		_, lit := n.(*ast.FuncLit)
		found = found || lit
		return !found
	})
	return found
}

// boundClosures finds variables that hold one literal and nothing else.
func boundClosures(info *types.Info, decl *ast.FuncDecl) map[types.Object]*ast.FuncLit {
	bound := map[types.Object]*ast.FuncLit{}
	spoilt := map[types.Object]bool{}
	bind := func(id *ast.Ident, value ast.Expr) {
		obj := info.ObjectOf(id)
		if obj == nil {
			return
		}
		lit, ok := ast.Unparen(value).(*ast.FuncLit)
		if !ok || bound[obj] != nil {
			spoilt[obj] = true
			return
		}
		bound[obj] = lit
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok {
					continue
				}
				if len(n.Lhs) == len(n.Rhs) {
					bind(id, n.Rhs[i])
				} else {
					bind(id, nil)
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if i < len(n.Values) && len(n.Values) == len(n.Names) {
					bind(id, n.Values[i])
				}
			}
		case *ast.UnaryExpr:
			if id, ok := n.X.(*ast.Ident); ok && n.Op == token.AND {
				spoilt[info.ObjectOf(id)] = true
			}
		}
		return true
	})
	for obj := range spoilt {
		delete(bound, obj)
	}
	return bound
}
