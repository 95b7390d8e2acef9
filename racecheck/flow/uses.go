// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
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
	s.unjoined()
	s.outlived()
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
				s.double(r, e)
				return
			}
			if e.Async {
				s.inside(r, e)
			}
			if e.Prefix && onGoroutine(r) {
				e.Gated = true
			}
			if e.Async && s.wantsError(r, e.stmt, e.pos) {
				return
			}
			u := Use{Var: e.obj.(*types.Var), Path: e.Path, Write: e.Write, Pos: e.pos, Expr: e.expr, Stmt: e.stmt, Run: r,
				Guard: e.Guard, Via: e.via, Async: e.Async, Called: e.called, Late: e.Late, Atomic: e.atomic, Callee: e.fn, Maybe: e.Maybe || e.Tick && !s.brief(), Gated: e.Gated || e.Async && s.never(e.Effect), Ends: e.Ends,
				silent: e.Silent && e.via != "" && !e.Async, end: e.end}
			if ix, ok := e.expr.(*ast.IndexExpr); ok {
				u.Element = s.info.TypeOf(ix.X)
			} else if e.expr != nil && len(e.Path) >= 3 && e.Path[len(e.Path)-3:] == "*[]" {
				u.Element = s.info.TypeOf(e.expr) // delete(m, k), clear(m), copy(s, t)
			} else if e.expr == nil {
				u.Element = container(u.Var.Type(), u.Path)
			}
			if e.Async {
				u.Run = s.hiddenRun(r, e.pos, nil)
			}
			s.uses = append(s.uses, u)
		},
	}
	t.made = func(arg ast.Expr, fact ParamFact, at effect, async bool) { s.made(r, t, arg, fact, at, async) }
	walkOwn(r, t, func(*ast.CallExpr) bool { return true })
	s.namedResults(r)
}

// inside records what a goroutine does to what the variable of an effect was given:
// the memory of another variable of this function.
func (s *Scope) inside(r *Run, e effect) {
	if e.Late || e.Guard == Unknown || e.Prefix && onGoroutine(r) {
		return
	}
	for _, h := range s.keptHere().list {
		v, ok := h.src.(*types.Var)
		if h.obj != e.obj || !ok || h.method != nil || !isLocal(v) || v == e.obj {
			continue
		}
		rest, ok := cutPath(e.Path, h.path)
		if !ok || !strings.HasPrefix(rest, "*") || h.path == "" {
			continue
		}
		if h.address {
			rest = rest[1:]
		}
		u := Use{Var: v, Path: h.srcPath + rest, Write: e.Write, Pos: e.pos, Stmt: e.stmt, Run: s.hiddenRun(r, e.pos, e.obj), Guard: e.Guard, Via: e.via, Callee: e.fn,
			Async: true, Maybe: e.Maybe || e.Tick && !s.brief(), Gated: e.Gated || s.never(e.Effect), Ends: e.Ends}
		u.Element = container(v.Type(), u.Path)
		s.uses = append(s.uses, u)
	}
}

// keptHere tells what the function keeps, and where.
func (s *Scope) keptHere() *keeping {
	if s.given == nil {
		s.given = newKeeping(s.info, s.facts, s.Decl.Body, true)
	}
	return s.given
}

// double records what a call of a method of an interface, within something that a
// callee was given, does to the variable of this function that is in the interface: a
// test double.
func (s *Scope) double(r *Run, e effect) {
	if e.Late || e.Path == "" && !e.Async || e.Prefix && onGoroutine(r) {
		return
	}
	s.doubles(r, e, s.keptHere().at(e.obj, e.Path))
}

// made records the same for an argument that is made on the spot: f(Config{Store: s}).
func (s *Scope) made(r *Run, t *tracer, arg ast.Expr, fact ParamFact, at effect, async bool) {
	for _, e := range fact.all() {
		if e.Method == "" || e.Late || e.Path == "" && !e.Async || e.Prefix && (async || onGoroutine(r)) {
			continue
		}
		at.Effect = e
		at.Guard, at.Async = t.guardOf(e.Guard, at.pos, e.Async || async), e.Async || async
		s.doubles(r, at, s.keptHere().within(arg, e.Path))
	}
}

// doubles records what the call of an effect does to the variables in a list.
func (s *Scope) doubles(r *Run, e effect, list []holding) {
	for _, h := range list {
		v, ok := h.src.(*types.Var)
		if !ok || !isLocal(v) || v == e.obj || types.IsInterface(h.typ) {
			continue
		}
		call := e.Effect
		switch {
		case h.method != nil && e.Method == Called:
			call.Method = h.method.Name()
		case h.method != nil || e.Method == Called:
			continue
		}
		for _, x := range s.facts.ofMethod(h.typ, call, h.address) {
			u := Use{Var: v, Path: h.srcPath + x.Path, Write: x.Write, Pos: e.pos, Stmt: e.stmt, Run: r, Guard: x.Guard, Via: call.Method, Callee: methodOf(h.typ, call.Method),
				Async: x.Async, Called: call.Async, Late: x.Late, Maybe: x.Maybe || x.Tick && !s.brief(), Gated: x.Gated || x.Async && s.never(x), Ends: x.Ends}
			u.Element = container(v.Type(), u.Path)
			if x.Async {
				u.Run = s.hiddenRun(r, e.pos, s.worksFor(e))
			}
			s.uses = append(s.uses, u)
		}
	}
}

// worksFor gives the variable that the goroutine of an effect works for: that which it
// uses, or to which the call that starts it is assigned.
func (s *Scope) worksFor(e effect) types.Object {
	if a, ok := e.stmt.(*ast.AssignStmt); ok && e.obj == nil {
		if id, ok := a.Lhs[0].(*ast.Ident); ok {
			return s.info.ObjectOf(id)
		}
	}
	return e.obj
}

// container gives the type of the map, slice or array of which a path from a value of
// type t leads to an element; nil when it does not.
func container(t types.Type, path string) types.Type {
	path, ok := strings.CutSuffix(path, "[]")
	for ok && path != "" {
		switch u := t.Underlying().(type) {
		case *types.Pointer:
			path, ok = strings.CutPrefix(path, "*")
			t = u.Elem()
		case *types.Struct:
			name, found := strings.TrimPrefix(path, "."), false
			if i := strings.IndexAny(name, ".*["); i >= 0 {
				name = name[:i]
			}
			for f := range u.Fields() {
				if f.Name() == name {
					t, found = f.Type(), true
				}
			}
			path, ok = strings.CutPrefix(path, "."+name)
			ok = ok && found
		case *types.Map, *types.Slice:
			if path != "*" {
				return nil // an element of an element
			}
			return t
		default:
			return nil
		}
	}
	if _, isArray := t.Underlying().(*types.Array); ok && isArray {
		return t
	}
	return nil
}

// methodOf gives a method of a type by its name, exported or of the type's package.
func methodOf(t types.Type, name string) *types.Func {
	elem := t
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		elem = p.Elem()
	}
	var pkg *types.Package
	if n, ok := types.Unalias(elem).(*types.Named); ok {
		pkg = n.Obj().Pkg()
	}
	m, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	fn, _ := m.(*types.Func)
	return fn
}

// hiddenRun gives the goroutine that the function called at pos leaves running; by is
// the variable that it works for, where that is not the one it uses.
func (s *Scope) hiddenRun(r *Run, pos token.Pos, by types.Object) *Run {
	for _, k := range s.hidden {
		if k.Parent == r && k.At == pos && k.worksFor(by) {
			return k
		}
	}
	k := &Run{Kind: RunGo, Parent: r, At: pos, Spelled: "goroutine"}
	if by != nil {
		k.handles = []types.Object{by}
	}
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
			if s.Races(x, y) && !(Pair{x, y}).Told() {
				s.hold(&x)
				s.hold(&y)
				pairs = append(pairs, Pair{x, y})
			}
		}
	}
	return pairs
}
