// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// mayMove reports whether a statement may stand behind others without another
// meaning, as far as its own text and theirs tell: it sets, sends and locks nothing,
// they name nothing that it names, and where they do anything it only checks. A
// test passes with most statements that are out of order, so that no run tells.
func mayMove(info *types.Info, st ast.Stmt, behind []ast.Stmt) bool {
	mine, pure, ok := effects(info, st)
	if !ok || !pure && len(behind) > 1 { // the last is the wait itself
		return false
	}
	for _, b := range behind {
		ast.Inspect(b, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				ok = ok && !mine[info.Uses[n]]
			case *ast.CallExpr:
				ok = ok && !locks(n)
			}
			return ok
		})
	}
	return ok
}

// effects lists the variables that a statement names. pure says that it calls
// nothing but checks and what only computes; ok is false where it changes something.
func effects(info *types.Info, st ast.Stmt) (named map[types.Object]bool, pure, ok bool) {
	named, pure, ok = map[types.Object]bool{}, true, true
	own := func(e ast.Expr) bool {
		id, isID := e.(*ast.Ident)
		return isID && (id.Name == "_" || racecheck.Contains(st, objectPos(info, id)))
	}
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if v, is := info.Uses[n].(*types.Var); is && !ofTesting(v.Type()) && !racecheck.Contains(st, v.Pos()) {
				named[v] = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				ok = ok && (n.Tok == token.DEFINE || own(l))
			}
		case *ast.RangeStmt:
			ok = ok && (n.Tok != token.ASSIGN)
		case *ast.IncDecStmt:
			ok = ok && own(n.X)
		case *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt:
			ok = false
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW
		case *ast.CallExpr:
			ok = ok && !locks(n)
			pure = pure && computes(info, n)
		}
		return ok
	})
	return named, pure, ok
}

func objectPos(info *types.Info, id *ast.Ident) token.Pos {
	if o := info.ObjectOf(id); o != nil {
		return o.Pos()
	}
	return token.NoPos
}

// locks reports whether a call takes or gives a lock, or ends a channel.
func locks(c *ast.CallExpr) bool {
	switch fn := c.Fun.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"close", "delete", "clear", "copy"}, fn.Name)
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock", "TryLock", "TryRLock"}, fn.Sel.Name)
	}
	return false
}

// computes reports whether a call is a conversion, a builtin, a check that is given
// the test or is a method of it, or of a package that writes texts.
func computes(info *types.Info, c *ast.CallExpr) bool {
	if tv, ok := info.Types[c.Fun]; ok && (tv.IsType() || tv.IsBuiltin()) {
		return true
	}
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
		if ofTesting(info.TypeOf(sel.X)) {
			return true
		}
		if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil && fn.Signature().Recv() == nil &&
			slices.Contains([]string{"fmt", "log", "strings", "bytes", "errors", "reflect", "slices", "maps", "strconv"}, fn.Pkg().Path()) {
			return true
		}
	}
	return len(c.Args) > 0 && ofTesting(info.TypeOf(c.Args[0]))
}

// ofTesting reports whether a type is a test's: T, B, F or TB of package testing.
func ofTesting(t types.Type) bool {
	if t == nil {
		return false
	}
	name := strings.TrimPrefix(types.TypeString(t, nil), "*")
	return slices.Contains([]string{"testing.T", "testing.B", "testing.F", "testing.TB", "testing.common"}, name)
}
