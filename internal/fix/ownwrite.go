// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// ownWrite reports whether the declaring function itself has assigned the variable
// just before it reads it: on the way from the read to the function's start the
// first statement that uses the variable is a plain assignment of it, and no
// concurrent literal is started in between.
func (p *plan) ownWrite(read *ast.Ident) bool {
	path := around(p.file, read.Pos())
	for i, n := range path {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.IfStmt:
			if as, ok := n.Init.(*ast.AssignStmt); ok && i > 0 && path[i-1] != ast.Node(as) && p.assigns(as) {
				return true
			}
		case *ast.SwitchStmt:
			if as, ok := n.Init.(*ast.AssignStmt); ok && i > 0 && path[i-1] != ast.Node(as) && p.assigns(as) {
				return true
			}
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		for j := len(list) - 1; j >= 0; j-- {
			st := list[j]
			if st.Pos() >= read.Pos() || racecheck.Contains(st, read.Pos()) {
				continue
			}
			if as, ok := st.(*ast.AssignStmt); ok && p.assigns(as) {
				return true
			}
			if len(p.uses(st)) > 0 {
				return false
			}
		}
	}
	return false
}

// assigns reports whether a statement gives the variable a new value without
// looking at the old one.
func (p *plan) assigns(as *ast.AssignStmt) bool {
	for _, r := range as.Rhs {
		if len(p.uses(r)) > 0 {
			return false
		}
	}
	return as.Tok == token.ASSIGN && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
		id, ok := ast.Unparen(l).(*ast.Ident)
		return ok && p.pkg.Info.Uses[id] == p.v
	})
}

// around are the nodes around a position, innermost first.
func around(file *ast.File, pos token.Pos) []ast.Node {
	var path []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || !racecheck.Contains(n, pos) {
			return false
		}
		path = append(path, n)
		return true
	})
	slices.Reverse(path)
	return path
}

// bareReturn is the line of a return without values, behind the first concurrent
// literal, of the function whose named result the variable is; 0 for none.
func (p *plan) bareReturn(start token.Pos) int {
	line := 0
	for _, n := range around(p.file, p.v.Pos()) {
		var ft *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			ft = n.Type
		case *ast.FuncLit:
			ft = n.Type
		}
		if ft == nil {
			continue
		}
		if ft.Results == nil || !racecheck.Contains(ft.Results, p.v.Pos()) {
			return 0
		}
		ast.Inspect(bodyOf(n), func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 0 && r.Pos() > start && line == 0 {
				line = p.pkg.Line(r.Pos())
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
		return line
	}
	return line
}
