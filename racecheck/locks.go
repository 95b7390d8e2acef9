// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Lock is a lock that is held, as far as the syntax of one function shows.
type Lock struct {
	// Var is the variable or field that is the lock: the mutex, or what embeds
	// one. nil when no variable names it.
	Var *types.Var
	// Expr is the lock's operand and What its source: "c.mu".
	Expr ast.Expr
	What string
	// Read is true for RLock.
	Read bool
	Pos  token.Pos
}

// LocksHeld returns the locks that fn's own body takes before pos and has not
// given back there. Branches that leave the path to pos (they end in return,
// break, continue, goto or panic) do not count; a deferred unlock gives back at
// the end. Locks that a caller holds are not seen.
func LocksHeld(info *types.Info, fn ast.Node, pos token.Pos) []Lock {
	var body *ast.BlockStmt
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		body = fn.Body
	case *ast.FuncLit:
		body = fn.Body
	}
	if body == nil || !Contains(body, pos) {
		return nil
	}
	h := &holder{info: info, pos: pos}
	h.list(body.List)
	return h.held
}

type holder struct {
	info *types.Info
	pos  token.Pos
	held []Lock
}

// list applies the statements before pos and enters the one around it.
func (h *holder) list(list []ast.Stmt) {
	for _, s := range list {
		if Contains(s, h.pos) {
			h.enter(s)
			return
		}
		if s.Pos() > h.pos {
			return
		}
		h.apply(s)
	}
}

func (h *holder) enter(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		h.list(s.List)
	case *ast.LabeledStmt:
		h.list([]ast.Stmt{s.Stmt})
	case *ast.IfStmt:
		h.header(s.Init)
		if Contains(s.Body, h.pos) {
			h.list(s.Body.List)
		} else if s.Else != nil && Contains(s.Else, h.pos) {
			h.enter(s.Else)
		}
	case *ast.ForStmt:
		h.header(s.Init)
		h.list(s.Body.List)
	case *ast.RangeStmt:
		h.list(s.Body.List)
	case *ast.SwitchStmt:
		h.header(s.Init)
		h.clauses(s.Body)
	case *ast.TypeSwitchStmt:
		h.header(s.Init)
		h.clauses(s.Body)
	case *ast.SelectStmt:
		h.clauses(s.Body)
	}
}

func (h *holder) header(s ast.Stmt) {
	if s != nil && s.End() <= h.pos {
		h.apply(s)
	}
}

func (h *holder) clauses(b *ast.BlockStmt) {
	for _, s := range b.List {
		if !Contains(s, h.pos) {
			continue
		}
		switch c := s.(type) {
		case *ast.CaseClause:
			h.list(c.Body)
		case *ast.CommClause:
			h.list(c.Body)
		}
	}
}

// apply takes and gives back what a statement as a whole does.
func (h *holder) apply(s ast.Stmt) {
	if leaves(s) {
		return
	}
	switch s := s.(type) {
	case *ast.DeferStmt, *ast.GoStmt:
		return
	case *ast.IfStmt:
		h.branch(s.Body)
		if s.Else != nil {
			h.apply(s.Else)
		}
		return
	case *ast.BlockStmt:
		h.branch(s)
		return
	case *ast.ForStmt:
		h.branch(s.Body)
		return
	case *ast.RangeStmt:
		h.branch(s.Body)
		return
	case *ast.LabeledStmt:
		h.apply(s.Stmt)
		return
	case *ast.SwitchStmt:
		h.branches(s.Body)
		return
	case *ast.TypeSwitchStmt:
		h.branches(s.Body)
		return
	case *ast.SelectStmt:
		h.branches(s.Body)
		return
	default:
		h.calls(s)
	}
}

func (h *holder) branches(b *ast.BlockStmt) {
	for _, s := range b.List {
		switch c := s.(type) {
		case *ast.CaseClause:
			h.branch(&ast.BlockStmt{List: c.Body})
		case *ast.CommClause:
			h.branch(&ast.BlockStmt{List: c.Body})
		}
	}
}

// branch applies a block that may or may not run: it counts unless it leaves.
func (h *holder) branch(b *ast.BlockStmt) {
	if n := len(b.List); n > 0 && leaves(b.List[n-1]) {
		return
	}
	for _, s := range b.List {
		h.apply(s)
	}
}

func leaves(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		if call, ok := s.X.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok {
				return id.Name == "panic"
			}
		}
	}
	return false
}

func (h *holder) calls(s ast.Stmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 0 {
				h.call(sel, n.Pos())
			}
		}
		return true
	})
}

func (h *holder) call(sel *ast.SelectorExpr, pos token.Pos) {
	switch sel.Sel.Name {
	case "Lock", "RLock":
		h.held = append(h.held, Lock{Var: VarOf(h.info, sel.X), Expr: sel.X, What: types.ExprString(sel.X), Read: sel.Sel.Name == "RLock", Pos: pos})
	case "Unlock", "RUnlock":
		what := types.ExprString(sel.X)
		for i := len(h.held) - 1; i >= 0; i-- {
			if h.held[i].What == what && h.held[i].Read == (sel.Sel.Name == "RUnlock") {
				h.held = append(h.held[:i:i], h.held[i+1:]...)
				return
			}
		}
	}
}
