// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sleepwait

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

// A sleep need not wait for the writer: the test can wait to see that nobody
// writes. Then writer and reader meet only where the test fails anyway.

// untouched reports whether a read is part of a check that fails when anybody has
// written the variable: if called { t.Fatal() }.
func untouched(s *flow.Scope, y flow.Use) bool {
	switch st := y.Stmt.(type) {
	case *ast.IfStmt:
		cond := part(st.Cond, y.Pos)
		return racecheck.Contains(st.Cond, y.Pos) && (isSet(s.Info(), cond) || isChanged(s, cond)) && fails(s.Info(), st.Body)
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		return ok && (wantsZero(s.Info(), call, y.Pos) || racecheck.FailsTest(s.Info(), call))
	}
	return false
}

// part gives the side of a || around pos.
func part(e ast.Expr, pos token.Pos) ast.Expr {
	e = ast.Unparen(e)
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LOR {
		if racecheck.Contains(b.X, pos) {
			return part(b.X, pos)
		}
		return part(b.Y, pos)
	}
	return e
}

// isSet reports whether a condition is true when a variable is not zero: v, v != 0,
// len(v) > 0.
func isSet(info *types.Info, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return true
	case *ast.BinaryExpr:
		return (e.Op == token.NEQ || e.Op == token.GTR) && isZero(info, e.Y)
	}
	return false
}

func isZero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.IsNil() {
		return true
	}
	if tv.Value == nil {
		return false
	}
	switch tv.Value.Kind() {
	case constant.Bool:
		return !constant.BoolVal(tv.Value)
	case constant.String:
		return constant.StringVal(tv.Value) == ""
	case constant.Int, constant.Float:
		return constant.Sign(tv.Value) == 0
	}
	return false
}

// fails reports whether a block fails the test at its own level.
func fails(info *types.Info, body *ast.BlockStmt) bool {
	for _, st := range body.List {
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			continue
		}
		if call, ok := es.X.(*ast.CallExpr); ok && racecheck.FailsTest(info, call) {
			return true
		}
	}
	return false
}

// wantsZero reports whether a call is a check of the kind require.False(t, v) or
// require.Equal(t, 0, v).
func wantsZero(info *types.Info, call *ast.CallExpr, pos token.Pos) bool {
	if wantsNot(call, pos) {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch strings.TrimSuffix(sel.Sel.Name, "f") {
	case "False", "Zero", "Empty", "Nil", "NoError":
		return true
	case "Equal", "EqualValues", "Len":
		for _, a := range call.Args {
			if !racecheck.Contains(a, pos) && isZero(info, a) {
				return true
			}
		}
	}
	return false
}

// wantsNot reports whether a call is a check, by whatever helper, that !v is true.
func wantsNot(call *ast.CallExpr, pos token.Pos) bool {
	name := ""
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if !strings.HasSuffix(strings.TrimSuffix(strings.ToLower(name), "f"), "true") {
		return false
	}
	for _, a := range call.Args {
		if not, ok := ast.Unparen(a).(*ast.UnaryExpr); ok && not.Op == token.NOT && racecheck.Contains(not, pos) {
			return true
		}
	}
	return false
}

// isChanged reports whether a condition is true when something is not as it was:
// n != buf.Len() after n := buf.Len().
func isChanged(s *flow.Scope, e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ {
		return false
	}
	return remembers(s, b.X, b.Y) || remembers(s, b.Y, b.X)
}

// remembers reports whether a variable is declared as what an expression was.
func remembers(s *flow.Scope, v, e ast.Expr) bool {
	id, ok := v.(*ast.Ident)
	if !ok {
		return false
	}
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			l, ok := a.Lhs[0].(*ast.Ident)
			found = found || ok && s.Info().ObjectOf(l) == s.Info().ObjectOf(id) && types.ExprString(a.Rhs[0]) == types.ExprString(e)
		}
		return !found
	})
	return found
}
