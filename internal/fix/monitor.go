// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// monitor plans to hold a lock for the whole of each method that uses the field
// in more than one step: a lock around each step would end the report and leave
// the steps of two goroutines mixed. Uses that are one step are guarded as any
// other. Not ok comes with a reason, or without one where no method needs it.
func (s *subject) monitor(uses []*use, lockOf func(*use) (lock, string)) (edits map[string][]edit, why string, ok bool) {
	byFn := map[*ast.FuncDecl][]*use{}
	var fns []*ast.FuncDecl
	var rest []*use
	compound := map[*ast.FuncDecl]bool{}
	for _, u := range uses {
		fn, isMethod := methodOf(u)
		if !isMethod {
			rest = append(rest, u)
			continue
		}
		if byFn[fn] == nil {
			fns = append(fns, fn)
		}
		byFn[fn] = append(byFn[fn], u)
	}
	for _, fn := range fns {
		compound[fn] = s.steps(byFn[fn])
	}
	if !slices.ContainsFunc(fns, func(fn *ast.FuncDecl) bool { return compound[fn] }) {
		return nil, "", false
	}
	whole := map[string][]edit{}
	for _, fn := range fns {
		if !compound[fn] {
			rest = append(rest, byFn[fn]...)
			continue
		}
		u := byFn[fn][0]
		if why := s.cannotHold(u, fn, fns); why != "" {
			return nil, why, false
		}
		l, why := lockOf(u)
		if why != "" {
			return nil, why, false
		}
		whole[u.rel] = append(whole[u.rel], atStart(u.pkg, fn.Body, l.take(false)+"\ndefer "+l.give(false)))
	}
	slices.SortFunc(rest, func(a, b *use) int { return int(a.id.Pos() - b.id.Pos()) })
	if edits, why = s.guardUses(rest, lockOf); why != "" {
		return nil, why, false
	}
	for rel, list := range whole {
		edits[rel] = append(edits[rel], list...)
	}
	return edits, "", true
}

// methodOf is the method around a use of its receiver's field, outside any
// function literal.
func methodOf(u *use) (*ast.FuncDecl, bool) {
	fn, ok := u.fn().(*ast.FuncDecl)
	if !ok || fn.Recv == nil || len(fn.Recv.List) != 1 || len(fn.Recv.List[0].Names) != 1 {
		return nil, false
	}
	_, isPtr := fn.Recv.List[0].Type.(*ast.StarExpr)
	return fn, isPtr && u.base() == fn.Recv.List[0].Names[0].Name
}

// steps reports whether the uses of one function are several statements, one of
// which changes the subject.
func (s *subject) steps(uses []*use) bool {
	var stmts []ast.Stmt
	for _, u := range uses {
		if st := u.stmt(); !slices.Contains(stmts, st) {
			stmts = append(stmts, st)
		}
	}
	return len(stmts) > 1 && slices.ContainsFunc(uses, func(u *use) bool { return u.writes() || s.mutates([]*use{u}) })
}

// cannotHold says why a method must not be run under a lock: it waits for
// something, or calls another method that would take the same lock.
func (s *subject) cannotHold(u *use, fn *ast.FuncDecl, fns []*ast.FuncDecl) string {
	if len(racecheck.LocksHeld(u.pkg.Info, fn, u.id.Pos())) > 0 {
		return fmt.Sprintf("line %d holds another lock already", u.line())
	}
	recv := fn.Recv.List[0].Names[0].Name
	why := ""
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Name == recv && isNilIdent(n.Y) {
				why = fmt.Sprintf("%s may be called on nil, which has no lock", fn.Name.Name)
			}
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
			why = fmt.Sprintf("%s sends, selects or starts a goroutine", fn.Name.Name)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				why = fmt.Sprintf("%s receives from a channel", fn.Name.Name)
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch sel.Sel.Name {
			case "Lock", "RLock", "Wait", "Sleep":
				why = fmt.Sprintf("%s calls %s", fn.Name.Name, sel.Sel.Name)
			}
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == recv && slices.ContainsFunc(fns, func(o *ast.FuncDecl) bool { return o.Name.Name == sel.Sel.Name }) {
				why = fmt.Sprintf("%s calls %s, which would take the same lock", fn.Name.Name, sel.Sel.Name)
			}
		}
		return why == ""
	})
	return why
}
