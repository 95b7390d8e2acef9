// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/types"
	"strings"
)

// FailsTest reports whether a call fails the test: what is read for its message is
// read when the test has failed anyway.
func FailsTest(info *types.Info, call *ast.CallExpr) bool {
	if b, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && b.Name == "panic" {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && info.TypeOf(sel.X) != nil &&
		(strings.HasPrefix(sel.Sel.Name, "Fatal") || strings.HasPrefix(sel.Sel.Name, "Error") || strings.HasPrefix(sel.Sel.Name, "Fail"))
}
