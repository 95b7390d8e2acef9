// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// quiet reports whether a function waits for nobody: it neither receives nor sends,
// and all that it calls is known not to. A lock is not waited for in this sense: it
// does not tell whether the other has been there.
func (s *summary) quiet() bool {
	info := s.set.info
	quiet := true
	ast.Inspect(s.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			return false
		case *ast.SendStmt, *ast.SelectStmt:
			quiet = false
		case *ast.UnaryExpr:
			quiet = quiet && n.Op != token.ARROW
		case *ast.RangeStmt:
			switch typeOf(info, n.X).Underlying().(type) {
			case *types.Chan, *types.Signature:
				quiet = false
			}
		case *ast.CallExpr:
			quiet = quiet && s.quietCall(n)
		}
		return quiet
	})
	return quiet
}

func (s *summary) quietCall(call *ast.CallExpr) bool {
	if tv := s.set.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok && lit != nil {
		return true // its body is looked at where it stands
	}
	fn := calleeFunc(s.set.info, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	if r := fn.Signature().Recv(); r != nil && types.IsInterface(r.Type()) {
		return false
	}
	switch fn.Pkg().Path() {
	case "errors", "time", "strings", "strconv", "math", "bytes", "sort", "slices", "maps", "sync/atomic", "unicode/utf8":
		return true
	case "sync":
		switch fn.Name() {
		case "Lock", "Unlock", "RLock", "RUnlock", "TryLock", "TryRLock", "Add", "Done", "Load", "Store":
			return true
		}
	}
	return s.set.Of(fn).Quiet
}
