// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outervar

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

// redeclare makes = a := where the literal then has variables of its own and
// nothing else changes: the assignment comes before every other use of each of
// its variables in the literal, in the same block or one around them, and what it
// assigns is used nowhere else afterwards. A declaration that nothing uses then goes.
func redeclare(fset *token.FileSet, s *flow.Scope, sh flow.Shared, u flow.Use) (analysis.SuggestedFix, bool) {
	assign, ok := u.Stmt.(*ast.AssignStmt)
	if !ok || assign.Tok != token.ASSIGN || u.Run.Kind == flow.RunRoot {
		return analysis.SuggestedFix{}, false
	}
	lit := literal(u.Run, sh.Var)
	if lit == nil {
		return analysis.SuggestedFix{}, false
	}
	block := blockOf(lit, assign)
	edits := []analysis.TextEdit{{Pos: assign.TokPos, End: assign.TokPos + 1, NewText: []byte(":=")}}
	for _, l := range assign.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return analysis.SuggestedFix{}, false
		}
		if id.Name == "_" {
			continue
		}
		v, ok := s.Info().Uses[id].(*types.Var)
		if !ok {
			return analysis.SuggestedFix{}, false
		}
		can, outside := own(s, v, lit, block, assign)
		if !can {
			return analysis.SuggestedFix{}, false
		}
		if !outside {
			// A variable that nothing uses does not compile.
			edit, ok := undeclare(fset, s.Decl, v)
			if !ok {
				return analysis.SuggestedFix{}, false
			}
			edits = append(edits, edit)
		}
	}
	return analysis.SuggestedFix{
		Message:   "Declare " + sh.Var.Name() + " in the function literal",
		TextEdits: edits,
	}, true
}

// undeclare deletes the lines of "var v T", with the comment above it, if they hold
// nothing else.
func undeclare(fset *token.FileSet, decl *ast.FuncDecl, v *types.Var) (analysis.TextEdit, bool) {
	var edit analysis.TextEdit
	check := func(list []ast.Stmt, from, to token.Pos) {
		for i, st := range list {
			d, ok := st.(*ast.DeclStmt)
			if !ok || !racecheck.Contains(d, v.Pos()) {
				continue
			}
			gen := d.Decl.(*ast.GenDecl)
			spec, ok := gen.Specs[0].(*ast.ValueSpec)
			if !ok || len(gen.Specs) != 1 || len(spec.Names) != 1 || len(spec.Values) != 0 {
				return
			}
			if i > 0 {
				from = list[i-1].End()
			}
			if i+1 < len(list) {
				to = list[i+1].Pos()
			}
			start := d.Pos()
			if gen.Doc != nil {
				start = gen.Doc.Pos()
			}
			file := fset.File(start)
			first, last := file.Line(start), file.Line(d.End())
			if file.Line(from) < first && last < file.Line(to) {
				edit = analysis.TextEdit{Pos: file.LineStart(first), End: file.LineStart(last + 1)}
			}
		}
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			check(n.List, n.Lbrace, n.Rbrace)
		case *ast.CaseClause:
			check(n.Body, n.Colon, n.End()+1)
		case *ast.CommClause:
			check(n.Body, n.Colon, n.End()+1)
		}
		return !edit.Pos.IsValid()
	})
	return edit, edit.Pos.IsValid()
}

// literal gives the innermost literal of a run that is around the use and not
// around the variable.
func literal(r *flow.Run, v *types.Var) *ast.FuncLit {
	lit, ok := r.Fn.(*ast.FuncLit)
	if !ok || racecheck.Contains(lit, v.Pos()) {
		return nil
	}
	return lit
}

// blockOf gives the innermost block, or statement with a header, that is around
// a statement of a literal.
func blockOf(lit *ast.FuncLit, stmt ast.Stmt) ast.Node {
	var block ast.Node = lit.Body
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if n == nil || !racecheck.Contains(n, stmt.Pos()) {
			return false
		}
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			block = n
		}
		return n != stmt
	})
	return block
}

// own reports whether v can become a variable of the block, and whether the one that
// is declared outside is still used then.
func own(s *flow.Scope, v *types.Var, lit *ast.FuncLit, block ast.Node, assign *ast.AssignStmt) (can, outside bool) {
	if racecheck.Contains(lit, v.Pos()) {
		return false, false
	}
	ok, used, usedOutside := true, false, false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		id, isIdent := n.(*ast.Ident)
		if !isIdent || s.Info().Uses[id] != v {
			return ok
		}
		switch {
		case racecheck.Contains(lit, id.Pos()):
			used = used || !racecheck.Contains(assign, id.Pos())
			if !racecheck.Contains(block, id.Pos()) || id.Pos() < assign.Pos() {
				ok = false // used before it is assigned, or after the block
			}
			for _, r := range assign.Rhs {
				if racecheck.Contains(r, id.Pos()) {
					ok = false // its old value is used
				}
			}
		case written(s, id):
		case id.Pos() < lit.Pos():
			usedOutside = true
		default:
			usedOutside = true
			// Read after the literal: perhaps for what the literal assigned. Other
			// literals that assign it first read their own.
			if !dominated(s, v, id) {
				ok = false
			}
		}
		return ok
	})
	return ok && used, usedOutside // one that nothing in the block uses does not compile
}

// written reports whether an identifier is assigned by a plain assignment.
func written(s *flow.Scope, id *ast.Ident) bool {
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && (a.Tok == token.ASSIGN || a.Tok == token.DEFINE) {
			for _, l := range a.Lhs {
				found = found || l == ast.Expr(id)
			}
		}
		return !found
	})
	return found
}

// dominated reports whether a read is preceded, in the same function literal or
// declaration and after the start of its innermost block list, by an assignment
// of the variable in a block around the read.
func dominated(s *flow.Scope, v *types.Var, read *ast.Ident) bool {
	r := s.Around(read.Pos())
	if r == nil {
		return false
	}
	found := false
	check := func(list []ast.Stmt) {
		for _, st := range list {
			if st.Pos() > read.Pos() {
				return
			}
			if a, ok := st.(*ast.AssignStmt); ok && a.End() <= read.Pos() {
				for _, l := range a.Lhs {
					if id, ok := l.(*ast.Ident); ok && s.Info().Uses[id] == v {
						found = true
					}
				}
			}
		}
	}
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if n == nil || !racecheck.Contains(n, read.Pos()) {
			return false
		}
		switch n := n.(type) {
		case *ast.BlockStmt:
			check(n.List)
		case *ast.CaseClause:
			check(n.Body)
		case *ast.CommClause:
			check(n.Body)
		case *ast.IfStmt:
			if n.Init != nil {
				check([]ast.Stmt{n.Init})
			}
		}
		return true
	})
	return found
}
