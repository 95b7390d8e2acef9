// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// Of several goroutines an atomic operation picks one: whoever is the first to swap
// a flag, or draws a number. What stands behind that is done by one of them only.

// pickedTogether reports whether both accesses stand where only one of the goroutines
// that are cx[i] comes, however often it is started.
func (s *Scope) pickedTogether(i int, cx, cy []*Run, x, y Use) bool {
	for j := i; j < len(cx) && j < len(cy) && cx[j] == cy[j] && !cx[j].hidden(); j++ {
		p := picker{s.info, cx[i].Fn, cx[j].Body()}
		if n := p.branch(inner(cx, j, x)); n != nil && n == p.branch(inner(cy, j, y)) {
			return true
		}
	}
	return false
}

// picker looks for what one goroutine of several does in a body.
type picker struct {
	info *types.Info
	each ast.Node // the function of each of them
	body *ast.BlockStmt
}

// branch gives the innermost part of the body around pos that only one goroutine comes
// to, nil for none.
func (p picker) branch(pos token.Pos) ast.Node {
	var found ast.Node
	within := func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }
	behind := func(block ast.Node, list []ast.Stmt) {
		for _, st := range list {
			if st, ok := st.(*ast.IfStmt); ok && st.End() <= pos && len(st.Body.List) > 0 && p.picks(st.Cond, false) {
				switch last := st.Body.List[len(st.Body.List)-1].(type) {
				case *ast.ReturnStmt:
					found = block
				case *ast.BranchStmt:
					if last.Tok == token.CONTINUE {
						found = block
					}
				}
			}
		}
	}
	ast.Inspect(p.body, func(n ast.Node) bool {
		if n == nil || !within(n) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			behind(n, n.List)
		case *ast.IfStmt:
			if within(n.Body) && p.picks(n.Cond, true) {
				found = n.Body
			}
		case *ast.CaseClause:
			behind(n, n.Body)
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				c := c.(*ast.CaseClause)
				if within(c) && n.Tag != nil && len(c.List) == 1 && p.draws(n.Tag) {
					found = c
				}
			}
		}
		return true
	})
	return found
}

// picks reports whether a condition comes out as it should for one goroutine only.
func (p picker) picks(e ast.Expr, should bool) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && p.picks(e.X, !should)
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && should, e.Op == token.LOR && !should:
			return p.picks(e.X, should) || p.picks(e.Y, should)
		case e.Op == token.EQL && should, e.Op == token.NEQ && !should:
			return p.draws(e.X) || p.draws(e.Y)
		}
		return false
	}
	call := p.atomic(e)
	if call == nil {
		return false
	}
	switch name := calleeName(call); {
	case strings.HasPrefix(name, "CompareAndSwap"), name == "CAS":
		return should
	case name == "Swap" && len(call.Args) == 1: // whoever finds the old value
		v := p.info.Types[call.Args[0]].Value
		return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v) != should
	}
	return false
}

// draws reports whether an expression is a number that each goroutine draws for
// itself.
func (p picker) draws(e ast.Expr) bool {
	call := p.atomic(ast.Unparen(e))
	return call != nil && strings.HasPrefix(calleeName(call), "Add")
}

// atomic gives the atomic operation that an expression is, or a variable was declared
// with; nil for none, and for one on a variable that each goroutine has for itself.
func (p picker) atomic(e ast.Expr) *ast.CallExpr {
	if id, ok := e.(*ast.Ident); ok {
		e = p.declared(id)
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil
	}
	fn := calleeFunc(p.info, call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Name() != "atomic" {
		return nil
	}
	on := call.Fun
	if fn.Signature().Recv() == nil {
		if len(call.Args) == 0 {
			return nil
		}
		on = call.Args[0]
	}
	id := rootIdent(on)
	if id == nil || p.info.Uses[id] == nil || contains(p.each, p.info.Uses[id].Pos()) {
		return nil
	}
	return call
}

// declared gives what a variable of the body is declared with, nil for none.
func (p picker) declared(id *ast.Ident) ast.Expr {
	obj := p.info.Uses[id]
	var e ast.Expr
	if obj == nil || !contains(p.body, obj.Pos()) {
		return nil
	}
	ast.Inspect(p.body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && len(a.Lhs) == 1 && a.Lhs[0].Pos() == obj.Pos() {
			e = ast.Unparen(a.Rhs[0])
		}
		return e == nil
	})
	return e
}
