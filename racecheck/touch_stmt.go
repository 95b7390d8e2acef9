// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit"
)

// stmt walks a statement and everything in it.
func (w *toucher) stmt(s ast.Stmt) {
	if s == nil {
		return
	}
	outer := w.cur
	defer func() { w.cur = outer }()
	w.cur = s
	switch s := s.(type) {
	case *ast.BlockStmt:
		w.stmts(s.List)
	case *ast.ExprStmt:
		w.load(s.X)
	case *ast.AssignStmt:
		w.assign(s)
	case *ast.IncDecStmt:
		w.load(s.X)
		w.store(s.X, s.TokPos, false)
	case *ast.DeclStmt:
		w.decl(s)
	case *ast.SendStmt:
		w.load(s.Chan)
		w.load(s.Value)
		w.emit(block{kind: TouchChan, v: VarOf(w.info, s.Chan)}, culprit.OpRead, s.Chan, s.Arrow)
	case *ast.ReturnStmt:
		w.returns(s)
	case *ast.GoStmt:
		w.call(s.Call)
	case *ast.DeferStmt:
		w.call(s.Call)
	case *ast.LabeledStmt:
		w.stmt(s.Stmt)
	default:
		w.compound(s)
	}
}

func (w *toucher) stmts(list []ast.Stmt) {
	for _, s := range list {
		w.stmt(s)
	}
}

func (w *toucher) compound(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.IfStmt:
		w.stmt(s.Init)
		w.load(s.Cond)
		w.stmt(s.Body)
		w.stmt(s.Else)
	case *ast.ForStmt:
		w.stmt(s.Init)
		w.load(s.Cond)
		w.stmt(s.Post)
		w.stmt(s.Body)
	case *ast.RangeStmt:
		w.ranges(s)
		w.stmt(s.Body)
	case *ast.SwitchStmt:
		w.stmt(s.Init)
		w.load(s.Tag)
		w.stmt(s.Body)
	case *ast.TypeSwitchStmt:
		w.stmt(s.Init)
		w.stmt(s.Assign)
		w.stmt(s.Body)
	case *ast.SelectStmt:
		w.stmt(s.Body)
	case *ast.CaseClause:
		for _, e := range s.List {
			w.load(e)
		}
		w.stmts(s.Body)
	case *ast.CommClause:
		w.stmt(s.Comm)
		w.stmts(s.Body)
	}
}

func (w *toucher) assign(s *ast.AssignStmt) {
	for _, r := range s.Rhs {
		w.load(r)
	}
	for _, l := range s.Lhs {
		if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
			w.load(l)
		}
		w.store(l, s.TokPos, s.Tok == token.DEFINE)
	}
}

func (w *toucher) decl(s *ast.DeclStmt) {
	g, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range g.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for _, v := range vs.Values {
			w.load(v)
		}
		for _, name := range vs.Names {
			// Also without a value: a variable that is moved to the heap is
			// zeroed there, which the detector sees.
			w.store(name, name.Pos(), true)
		}
	}
}

// returns: a return with values sets the named results first (Go specification,
// "Return statements"); results that are moved to the heap are then read back.
func (w *toucher) returns(s *ast.ReturnStmt) {
	for _, r := range s.Results {
		w.load(r)
	}
	for _, v := range w.named {
		b := block{v: v, path: []*types.Var{v}}
		if len(s.Results) > 0 {
			w.emit(b, culprit.OpWrite, nil, s.Pos())
		}
		w.emit(b, culprit.OpRead, nil, s.Pos())
	}
}

func (w *toucher) ranges(s *ast.RangeStmt) {
	t := w.info.TypeOf(s.X)
	if t == nil {
		return
	}
	if isArray(t) && s.Value == nil {
		w.place(s.X)
	} else {
		w.load(s.X)
	}
	v := VarOf(w.info, s.X)
	switch under(t).(type) {
	case *types.Map:
		w.emit(block{kind: TouchMap, v: v}, culprit.OpRead, s.X, s.For)
	case *types.Slice, *types.Pointer:
		if s.Value != nil {
			w.emit(block{kind: TouchElem, v: v}, culprit.OpRead, s.X, s.For)
		}
	case *types.Chan:
		w.emit(block{kind: TouchChan, v: v}, culprit.OpRead, s.X, s.For)
	}
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil {
			w.store(e, s.For, s.Tok == token.DEFINE)
		}
	}
}

// call records what a call touches: its operands, and the objects it is handed.
func (w *toucher) call(c *ast.CallExpr) {
	fun := ast.Unparen(c.Fun)
	tv := w.info.Types[fun]
	switch {
	case tv.IsType():
		for _, a := range c.Args {
			w.load(a)
			w.conversion(tv.Type, a)
		}
		return
	case tv.IsBuiltin():
		w.builtin(c, fun)
		return
	}
	if w.atomic(c, fun) {
		return
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && w.info.Selections[sel] != nil && w.info.Selections[sel].Kind() == types.MethodVal {
		w.receiver(c, sel)
	} else if _, isLit := fun.(*ast.FuncLit); !isLit {
		w.load(fun)
	}
	for _, a := range c.Args {
		w.load(a)
		w.handed(c, a, false)
	}
}

// receiver records the receiver of a method call.
func (w *toucher) receiver(c *ast.CallExpr, sel *ast.SelectorExpr) {
	s := w.info.Selections[sel]
	n := len(s.Index()) - 1
	t := w.info.TypeOf(sel.X)
	byPointer := pointerMethod(s)
	if n > 0 { // promoted through embedded fields
		b, ok := w.fields(sel.X, s, n)
		if ok {
			if !byPointer || isPointer(b.v.Type()) {
				w.emit(b, culprit.OpRead, sel, token.NoPos)
			}
			w.emit(block{kind: TouchCall, v: b.v, path: b.path, base: b.base}, "", sel.X, token.NoPos)
			last := &w.list[len(w.list)-1]
			last.Call, last.Receiver = c, true
		}
		return
	}
	switch {
	case byPointer && !isPointer(t):
		if b, ok := w.place(sel.X); ok && b.kind == TouchOwn && t != nil && types.Identical(b.v.Type(), t) {
			b.kind = TouchCall
			last := w.emit(b, "", sel.X, token.NoPos)
			last.Call, last.Receiver = c, true
			return
		}
	case !byPointer && isPointer(t):
		w.load(sel.X)
		w.emit(block{kind: TouchPointee, v: VarOf(w.info, sel.X), base: pointee(t)}, culprit.OpRead, sel.X, token.NoPos)
	default:
		w.load(sel.X)
	}
	w.handed(c, sel.X, true)
}

// handed records that a call gets at the object that e denotes or leads to.
func (w *toucher) handed(c *ast.CallExpr, e ast.Expr, receiver bool) {
	if tv, ok := w.info.Types[e]; ok && (tv.Value != nil || tv.IsNil() || tv.IsType()) {
		return
	}
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return
	}
	t := w.emit(block{kind: TouchCall, v: VarOf(w.info, e)}, "", e, token.NoPos)
	t.Call, t.Receiver = c, receiver
}

// conversion: string(b) and []byte(s) read the elements of a slice.
func (w *toucher) conversion(to types.Type, a ast.Expr) {
	t := w.info.TypeOf(a)
	if t == nil {
		return
	}
	if _, ok := under(t).(*types.Slice); ok {
		if b, ok := under(to).(*types.Basic); ok && b.Info()&types.IsString != 0 {
			w.emit(block{kind: TouchElem, v: VarOf(w.info, a)}, culprit.OpRead, a, token.NoPos)
		}
	}
}

func (w *toucher) builtin(c *ast.CallExpr, fun ast.Expr) {
	id, ok := fun.(*ast.Ident)
	if !ok {
		return
	}
	for _, a := range c.Args {
		w.load(a)
	}
	touch := func(i int, op culprit.Op) {
		if i >= len(c.Args) {
			return
		}
		a := c.Args[i]
		t := w.info.TypeOf(a)
		if t == nil {
			return
		}
		b := block{v: VarOf(w.info, a)}
		switch under(t).(type) {
		case *types.Map:
			b.kind = TouchMap
		case *types.Chan:
			b.kind = TouchChan
		case *types.Slice:
			b.kind = TouchElem
		default:
			return
		}
		w.emit(b, op, a, c.Pos())
	}
	switch id.Name {
	case "append":
		touch(0, culprit.OpRead) // the old elements are copied when it grows
		touch(0, culprit.OpWrite)
		if c.Ellipsis.IsValid() {
			touch(1, culprit.OpRead)
		}
	case "copy":
		touch(1, culprit.OpRead)
		touch(0, culprit.OpWrite)
	case "delete", "clear", "close":
		touch(0, culprit.OpWrite)
	case "len", "cap":
		if t := w.info.TypeOf(c.Args[0]); t != nil {
			if _, isSlice := under(t).(*types.Slice); !isSlice {
				touch(0, culprit.OpRead)
			}
		}
	}
}

// atomic records the operand of a function or method of sync/atomic.
func (w *toucher) atomic(c *ast.CallExpr, fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := w.info.Uses[sel.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "sync/atomic" {
		return false
	}
	args, operand := c.Args, sel.X
	if f.Signature().Recv() == nil {
		if len(args) == 0 {
			return false
		}
		operand, args = args[0], args[1:]
	}
	for _, a := range args {
		w.load(a)
	}
	op := culprit.OpWrite
	if len(f.Name()) >= 4 && f.Name()[:4] == "Load" {
		op = culprit.OpRead
	}
	var b block
	if u, isAddr := ast.Unparen(operand).(*ast.UnaryExpr); isAddr && u.Op == token.AND {
		b, ok = w.place(u.X)
		operand = u.X
	} else if isPointer(w.info.TypeOf(operand)) {
		w.load(operand)
		b, ok = block{kind: TouchPointee, v: VarOf(w.info, operand), base: pointee(w.info.TypeOf(operand))}, true
	} else {
		b, ok = w.place(operand)
	}
	if ok {
		t := w.emit(b, op, operand, c.Pos())
		t.Atomic, t.Call = true, c
	}
	return true
}
