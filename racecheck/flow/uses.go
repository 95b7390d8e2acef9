// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Uses lists the accesses that all runs of the scope make to its local
// variables, and to what these lead to, in source order.
func (s *Scope) Uses() []Use {
	if s.uses != nil {
		return s.uses
	}
	names := spots(s.info, s.Decl.Body)
	for x, sp := range names {
		if v, ok := sp.obj.(*types.Var); ok && !s.perIteration && s.IsLoopVar(v) {
			delete(names, x) // that is something else each time
		}
	}
	for _, r := range s.Runs {
		s.trace(r, names)
	}
	slices.SortStableFunc(s.uses, func(a, b Use) int { return int(a.Pos - b.Pos) })
	return s.uses
}

func (s *Scope) trace(r *Run, names map[types.Object]spot) {
	t := &tracer{
		info: s.info, facts: s.facts, names: names,
		wanted: func(o types.Object) bool {
			v, ok := o.(*types.Var)
			return ok && isLocal(v)
		},
		guard: func(token.Pos) Guard { return Plain }, // locks are looked up when it matters
		emit: func(e effect) {
			if e.Method != "" {
				return
			}
			u := Use{Var: e.obj.(*types.Var), Path: e.Path, Write: e.Write, Pos: e.pos, Expr: e.expr, Stmt: e.stmt, Run: r,
				Guard: e.Guard, Via: e.via, Async: e.Async, Late: e.Late, Atomic: e.atomic, Callee: e.fn, Maybe: e.Maybe, Gated: e.Gated, Ends: e.Ends,
				silent: e.Silent && e.via != "" && !e.Async, end: e.end}
			if ix, ok := e.expr.(*ast.IndexExpr); ok {
				u.Element = s.info.TypeOf(ix.X)
			} else if e.expr != nil && len(e.Path) >= 3 && e.Path[len(e.Path)-3:] == "*[]" {
				u.Element = s.info.TypeOf(e.expr) // delete(m, k), clear(m), copy(s, t)
			}
			if e.Async {
				u.Run = s.hiddenRun(r, e.pos)
			}
			s.uses = append(s.uses, u)
		},
	}
	walkOwn(r, t, func(*ast.CallExpr) bool { return true })
	s.namedResults(r)
}

// hiddenRun gives the goroutine that the function called at pos leaves running.
func (s *Scope) hiddenRun(r *Run, pos token.Pos) *Run {
	for _, k := range s.hidden {
		if k.Parent == r && k.At == pos {
			return k
		}
	}
	k := &Run{Kind: RunGo, Parent: r, At: pos, Spelled: "goroutine"}
	s.hidden = append(s.hidden, k)
	return k
}

// namedResults records that a return with values assigns the named results
// first (Go specification, "Return statements").
func (s *Scope) namedResults(r *Run) {
	var t *ast.FuncType
	switch fn := r.Fn.(type) {
	case *ast.FuncDecl:
		t = fn.Type
	case *ast.FuncLit:
		t = fn.Type
	}
	if t.Results == nil {
		return
	}
	var named []*types.Var // nil for "_"
	some := false
	for _, f := range t.Results.List {
		for _, name := range f.Names {
			v, ok := s.info.Defs[name].(*types.Var)
			if ok = ok && name.Name != "_"; !ok {
				v = nil
			}
			named, some = append(named, v), some || ok
		}
	}
	if !some {
		return
	}
	visitOwn(r, func(n ast.Node, _ bool) {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			for i, v := range named {
				if v == nil {
					continue
				}
				if len(ret.Results) > 0 && !(i < len(ret.Results) && s.is(ret.Results[i], v)) {
					s.uses = append(s.uses, Use{Var: v, Write: true, Pos: ret.Pos(), Stmt: ret, Run: r})
				} else {
					s.uses = append(s.uses, Use{Var: v, Pos: ret.Pos(), Stmt: ret, Run: r})
				}
			}
		}
	})
}

// is reports whether an expression is the variable v: to return a result itself
// assigns nothing.
func (s *Scope) is(e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && s.info.Uses[id] == v
}

// hold finds the locks around a use.
func (s *Scope) hold(u *Use) {
	if u.Held == nil && !u.Run.hidden() {
		u.Held = heldBy(s.info, s.facts, u.Run, u.Pos)
	}
}

// Captured groups the uses by variable and keeps the variables that a function
// literal shares with the functions around it, in the order of their
// declarations.
func (s *Scope) Captured() []Shared {
	byVar := map[*types.Var][]Use{}
	captured := map[*types.Var]bool{}
	for _, u := range s.Uses() {
		byVar[u.Var] = append(byVar[u.Var], u)
		if u.Run.hidden() || !contains(u.Run.Fn, u.Var.Pos()) {
			captured[u.Var] = true
		}
	}
	var list []Shared
	for v := range captured {
		list = append(list, Shared{v, byVar[v]})
	}
	slices.SortFunc(list, func(a, b Shared) int { return int(a.Var.Pos() - b.Var.Pos()) })
	return list
}

// Shared is a variable that several runs use.
type Shared struct {
	Var  *types.Var
	Uses []Use
}

// Pair are two accesses that can happen at the same time.
type Pair struct{ A, B Use }

// maxUses bounds the accesses of one variable that are compared with each other.
const maxUses = 300

// Pairs lists the pairs of uses that race. same selects the uses to look at.
func (s *Scope) Pairs(sh Shared, wanted func(Use) bool) []Pair {
	var uses []Use
	for _, u := range sh.Uses {
		if wanted(u) && len(uses) < maxUses {
			uses = append(uses, u)
		}
	}
	if !slices.ContainsFunc(uses, func(u Use) bool { return u.Write }) {
		return nil
	}
	var pairs []Pair
	for i, x := range uses {
		for _, y := range uses[i:] {
			if s.Races(x, y) {
				s.hold(&x)
				s.hold(&y)
				pairs = append(pairs, Pair{x, y})
			}
		}
	}
	return pairs
}
