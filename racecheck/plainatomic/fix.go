// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package plainatomic

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

// suffixes name the functions of sync/atomic for a type.
var suffixes = map[types.BasicKind]string{
	types.Int32: "Int32", types.Int64: "Int64", types.Uint32: "Uint32", types.Uint64: "Uint64", types.Uintptr: "Uintptr",
}

// atomically makes a plain access atomic, where the function accesses the variable
// once: two atomic operations in a row are not one. The file has to import
// sync/atomic.
func atomically(pass *analysis.Pass, f *finding, a fielduse.Access) (analysis.SuggestedFix, bool) {
	name := importName(pass, a.Pos)
	basic, ok := types.Unalias(f.group.Var.Type()).(*types.Basic)
	if !ok || suffixes[basic.Kind()] == "" || name == "" || a.Expr == nil {
		return analysis.SuggestedFix{}, false
	}
	for _, b := range f.group.Accesses {
		if b.Func == a.Func && b.Stmt != a.Stmt || b.Stmt == a.Stmt && b.Pos != a.Pos && b.Op == a.Op {
			return analysis.SuggestedFix{}, false
		}
	}
	operand := "&" + types.ExprString(a.Expr)
	suffix := suffixes[basic.Kind()]
	var at ast.Node
	var text string
	switch s := a.Stmt.(type) {
	case *ast.IncDecStmt:
		delta := "1"
		if s.Tok == token.DEC {
			delta = "-1"
			if basic.Info()&types.IsUnsigned != 0 {
				delta = "^" + basic.Name() + "(0)"
			}
		}
		at, text = s, name+".Add"+suffix+"("+operand+", "+delta+")"
	case *ast.AssignStmt:
		at, text = assignment(pass, s, a, name, suffix, operand)
	default:
	}
	if at == nil && a.Op == culprit.OpRead {
		at, text = a.Expr, name+".Load"+suffix+"("+operand+")"
	}
	if at == nil || text == "" {
		return analysis.SuggestedFix{}, false
	}
	return analysis.SuggestedFix{
		Message:   "Make the access atomic",
		TextEdits: []analysis.TextEdit{{Pos: at.Pos(), End: at.End(), NewText: []byte(text)}},
	}, true
}

// assignment makes x = e and x += e atomic; nothing for other assignments to x. A
// read on the right side is none.
func assignment(pass *analysis.Pass, s *ast.AssignStmt, a fielduse.Access, name, suffix, operand string) (ast.Node, string) {
	onLeft := false
	for _, l := range s.Lhs {
		onLeft = onLeft || racecheck.Contains(l, a.Expr.Pos())
	}
	if !onLeft {
		return nil, ""
	}
	if len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return s, ""
	}
	var value bytes.Buffer
	if format.Node(&value, pass.Fset, s.Rhs[0]) != nil {
		return s, ""
	}
	switch s.Tok {
	case token.ASSIGN:
		return s, name + ".Store" + suffix + "(" + operand + ", " + value.String() + ")"
	case token.ADD_ASSIGN:
		return s, name + ".Add" + suffix + "(" + operand + ", " + value.String() + ")"
	}
	return s, ""
}

// importName gives the name under which the file around pos imports sync/atomic.
func importName(pass *analysis.Pass, pos token.Pos) string {
	for _, f := range pass.Files {
		if !racecheck.Contains(f, pos) {
			continue
		}
		for _, spec := range f.Imports {
			if strings.Trim(spec.Path.Value, `"`) != "sync/atomic" {
				continue
			}
			switch {
			case spec.Name == nil:
				return "atomic"
			case spec.Name.Name != "." && spec.Name.Name != "_":
				return spec.Name.Name
			}
		}
	}
	return ""
}
