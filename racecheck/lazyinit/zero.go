// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package lazyinit

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit/racecheck"
)

// FirstUse reports whether a write in the function fn is made on the first use: it
// stands in the body of an if that tests the same variable for its zero value, and
// does not store that value again.
func FirstUse(info *types.Info, fn ast.Node, t racecheck.Touch) bool {
	return zeroCheck(info, fn, t) != nil
}

// zeroCheck gives the outermost such if, nil for none.
func zeroCheck(info *types.Info, fn ast.Node, t racecheck.Touch) *ast.IfStmt {
	if t.Var == nil || resets(info, t) {
		return nil
	}
	var found *ast.IfStmt
	ast.Inspect(fn, func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		if !ok || found != nil || !racecheck.Contains(s.Body, t.Pos) {
			return true
		}
		if testsZero(info, s.Cond, t.Var) {
			found = s
		}
		return true
	})
	return found
}

// testsZero reports whether a condition compares a variable with its zero value.
func testsZero(info *types.Info, cond ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL && zero(info, n.Y) && racecheck.VarOf(info, n.X) == v {
				found = true
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT && racecheck.VarOf(info, n.X) == v {
				found = true
			}
		}
		return true
	})
	return found
}

// resets reports whether the write stores the zero value: clean-up, not a first use.
func resets(info *types.Info, t racecheck.Touch) bool {
	a, ok := t.Stmt.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != len(a.Rhs) {
		return false
	}
	for i, l := range a.Lhs {
		if racecheck.VarOf(info, l) == t.Var {
			return zero(info, a.Rhs[i])
		}
	}
	return false
}

func zero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.IsNil() {
		return true
	}
	return tv.Value != nil && (tv.Value.String() == "0" || tv.Value.String() == `""` || tv.Value.String() == "false")
}
