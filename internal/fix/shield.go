// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"go/ast"
	"go/token"

	"github.com/culprit-ci/culprit/racecheck"
)

// shielded is the line of a use that the left operand of && or || keeps from being
// evaluated, as in "d == nil || d.done" or "i < len(l) && l[i]": neither the value
// nor the lock of its object may be evaluated before the statement. 0 for none.
func (s *subject) shielded(st ast.Stmt, uses []*use) int {
	for _, u := range uses {
		var inner ast.Node = u.expr
		for _, n := range u.path {
			if n == ast.Node(st) {
				break
			}
			if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.LAND || b.Op == token.LOR) && racecheck.Contains(b.Y, inner.Pos()) {
				if u.shields(b.X) {
					return u.line()
				}
			}
		}
	}
	return 0
}

// shields reports whether a condition looks at what the use needs: at its object
// for nil, or at a name that an index, slice or dereference around it uses.
func (u *use) shields(cond ast.Expr) bool {
	found := false
	base := u.base()
	ast.Inspect(cond, func(n ast.Node) bool {
		if b, ok := n.(*ast.BinaryExpr); ok && (isNilIdent(b.Y) || isNilIdent(b.X)) {
			x := b.X
			if isNilIdent(x) {
				x = b.Y
			}
			text := u.pkg.Text(x, 1000)
			found = found || base == text || len(base) > len(text) && base[:len(text)] == text && base[len(text)] == '.' || text == u.pkg.Text(u.expr, 1000)
		}
		return !found
	})
	if found {
		return true
	}
	names := map[string]bool{}
	var operand ast.Node = u.expr
around:
	for _, n := range u.path {
		switch n := n.(type) {
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.SelectorExpr, *ast.ParenExpr:
			operand = n
		default:
			break around
		}
	}
	deref := false
	ast.Inspect(operand, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr:
			deref = true
		case *ast.Ident:
			names[n.Name] = true
		}
		return true
	})
	if !deref {
		return false
	}
	ast.Inspect(cond, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && names[id.Name]
		return !found
	})
	return found
}

func isNilIdent(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "nil"
}

// declaredIn is a name in an expression that the statement around it declares, as
// the header of an if does: what is taken aside stands before that. "" for none.
func declaredIn(u *use, e ast.Expr, st ast.Stmt) string {
	name := ""
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := u.pkg.Info.Uses[id]; obj != nil && racecheck.Contains(st, obj.Pos()) && !racecheck.Contains(e, obj.Pos()) {
				name = id.Name
			}
		}
		return name == ""
	})
	return name
}
