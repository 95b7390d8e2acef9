// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A call that a test wants to fail has started nothing, or the test has failed: what
// its goroutines would do does not count.

// wantsError reports whether the run expects an error of the call at pos, which is part
// of the statement st.
func (s *Scope) wantsError(r *Run, st ast.Stmt, pos token.Pos) bool {
	switch st := st.(type) {
	case *ast.ExprStmt: // require.Error(t, f())
		call, ok := st.X.(*ast.CallExpr)
		return ok && s.errorCheck(call) && pos > call.Lparen
	case *ast.AssignStmt:
		id, ok := st.Lhs[len(st.Lhs)-1].(*ast.Ident)
		if !ok {
			return false
		}
		err, ok := s.info.ObjectOf(id).(*types.Var)
		if !ok || !isError(err.Type()) {
			return false
		}
		switch next := following(r.Body(), st).(type) {
		case *ast.ExprStmt: // err := f(); require.Error(t, err)
			call, ok := next.X.(*ast.CallExpr)
			return ok && s.errorCheck(call) && mentions(s.info, call, err)
		case *ast.IfStmt: // err := f(); if err == nil { t.Fatal() }
			return s.lacks(next.Cond, err)
		}
	}
	return false
}

// cancelled lists the calls of a run that are given a context and wanted to fail: they
// are over when somebody has cancelled it.
func (s *Scope) cancelled(r *Run) []op {
	var list []op
	visitOwn(r, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok || deferred || !slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return isContext(s.info.TypeOf(a)) }) {
			return
		}
		if st := around(r.Body(), call.Pos()); st != nil && s.wantsError(r, st, call.Pos()) {
			list = append(list, op{pos: call.Pos()})
		}
	})
	return list
}

// around gives the innermost simple statement of a body around pos, nil for none.
func around(body *ast.BlockStmt, pos token.Pos) ast.Stmt {
	var found ast.Stmt
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || !contains(n, pos) {
			return false
		}
		switch n := n.(type) {
		case *ast.ExprStmt:
			found = n
		case *ast.AssignStmt:
			found = n
		}
		return true
	})
	return found
}

// errorCheck reports whether a call is a check that there is an error.
func (s *Scope) errorCheck(call *ast.CallExpr) bool {
	name := calleeName(call)
	return (strings.HasPrefix(name, "Error") || name == "EqualError") && len(call.Args) > 1 && s.checks(call) && isMethodOrPackage(call)
}

func isMethodOrPackage(call *ast.CallExpr) bool {
	_, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok
}

// lacks reports whether a condition is true when there is no error, or another one than
// is wanted: err == nil, !errors.Is(err, x).
func (s *Scope) lacks(cond ast.Expr, err *types.Var) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.LOR {
			return s.lacks(e.X, err)
		}
		return s.is(e.X, err) && (e.Op == token.EQL) == s.info.Types[e.Y].IsNil()
	case *ast.UnaryExpr:
		call, ok := ast.Unparen(e.X).(*ast.CallExpr)
		return ok && e.Op == token.NOT && mentions(s.info, call, err)
	}
	return false
}

// following gives the statement behind st, or the one that st is the beginning of; nil
// for none.
func following(body *ast.BlockStmt, st ast.Stmt) ast.Stmt {
	var found ast.Stmt
	ast.Inspect(body, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.IfStmt:
			if n.Init == st {
				found = n
			}
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		for i, x := range list[:max(len(list)-1, 0)] {
			if x == st {
				found = list[i+1]
			}
		}
		return found == nil
	})
	return found
}
