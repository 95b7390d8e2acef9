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

// postedOf lists the methods of an interface that are only called so.
func (s *FactSet) postedOf(t types.Type) []*types.Func {
	if list, ok := s.post[t]; ok {
		return list
	}
	list := s.postedIn(t)
	if s.post == nil {
		s.post = map[types.Type][]*types.Func{}
	}
	s.post[t] = list
	return list
}

func (s *FactSet) postedIn(t types.Type) []*types.Func {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || standard(n.Obj().Pkg().Path()) {
		return nil
	}
	i, ok := n.Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var list []*types.Func
	for m := range i.Methods() {
		if m.Signature().Results().Len() == 0 && m.Exported() && s.Of(m).Posted != NotPosted {
			list = append(list, m)
		}
	}
	return list
}

// unjoined records what the methods of a local object write that a call gives to
// somebody who calls them so. Where he is given several, one may tell of another.
func (s *Scope) unjoined() {
	type gift struct {
		run     *Run
		call    *ast.CallExpr
		v       *types.Var
		address bool
		methods []*types.Func
	}
	var list []gift
	several := false
	for _, r := range s.Runs {
		visitOwn(r, func(n ast.Node, deferred bool) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return
			}
			for i, methods := range s.posts(call) {
				g := gift{run: r, call: call, methods: methods}
				if i < len(call.Args) {
					a := ast.Unparen(call.Args[i])
					if u, ok := a.(*ast.UnaryExpr); ok && u.Op == token.AND {
						g.address, a = true, u.X
					}
					if id, ok := ast.Unparen(a).(*ast.Ident); ok && !deferred {
						if v, ok := s.info.Uses[id].(*types.Var); ok && isLocal(v) && !types.IsInterface(v.Type()) {
							g.v = v
						}
					}
				}
				several = several || len(list) > 0 && list[0].v != g.v
				list = append(list, g)
			}
		})
	}
	if several {
		return
	}
	for _, g := range list {
		if g.v != nil {
			s.told(g.run, g.call, g.v, g.address, g.methods)
		}
	}
}

// posts gives, by parameter, the methods of the interfaces that a call is given which
// are called so.
func (s *Scope) posts(call *ast.CallExpr) map[int][]*types.Func {
	sig, ok := typeOf(s.info, call.Fun).Underlying().(*types.Signature)
	if !ok || !s.tests() {
		return nil
	}
	var found map[int][]*types.Func
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if sl, ok := t.(*types.Slice); ok && sig.Variadic() && i == sig.Params().Len()-1 {
			t = sl.Elem()
		}
		if !types.IsInterface(t) {
			continue
		}
		if list := s.facts.postedOf(t); len(list) > 0 {
			if found == nil {
				found = map[int][]*types.Func{}
			}
			found[i] = list
		}
	}
	return found
}

// tests reports whether the declaration is a test, or helps one.
func (s *Scope) tests() bool {
	return slices.ContainsFunc(s.Decl.Type.Params.List, func(f *ast.Field) bool { return isTesting(s.info.TypeOf(f.Type)) })
}

// told records the writes of the methods in a list for a variable that a call gives
// away, from the next call on that is about the same things: that may cause an event.
func (s *Scope) told(r *Run, given *ast.CallExpr, v *types.Var, address bool, list []*types.Func) {
	next := s.nextAbout(r, given, v)
	if !next.IsValid() {
		return
	}
	for _, m := range list {
		fn := methodOf(v.Type(), m.Name())
		if fn == nil {
			continue
		}
		how := queued
		if s.facts.Of(m).Posted == Alone {
			how = alone
		}
		for _, e := range s.facts.Of(fn).Recv().Effects {
			if e.Method != "" || !e.Write || e.Async || !e.Silent || e.Guard == Unknown {
				continue
			}
			u := Use{Var: v, Path: trim(e.Path, address), Write: true, Pos: given.Pos(), Run: s.unjoinedRun(r, next, how), Guard: e.Guard, Via: m.Name(), Callee: fn, Async: true, Called: true}
			u.Element = container(v.Type(), u.Path)
			s.uses = append(s.uses, u)
		}
	}
}

// nextAbout gives the first call in r behind one, other than checks, that has something
// in common with it besides v: what it is made on, given, or assigned to.
func (s *Scope) nextAbout(r *Run, call *ast.CallExpr, v *types.Var) token.Pos {
	about := map[types.Object]bool{}
	for _, o := range given(s.info, call) {
		about[o] = o != v
	}
	visitOwn(r, func(n ast.Node, _ bool) {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && ast.Unparen(a.Rhs[0]) == call {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && !isError(s.info.TypeOf(id)) && s.info.ObjectOf(id) != nil {
					about[s.info.ObjectOf(id)] = true
				}
			}
		}
	})
	next := token.NoPos
	visitOwn(r, func(n ast.Node, deferred bool) {
		c, ok := n.(*ast.CallExpr)
		if !ok || deferred || c.Pos() <= call.End() || next.IsValid() && c.Pos() > next || s.checks(c) {
			return
		}
		id, isIdent := ast.Unparen(c.Fun).(*ast.Ident)
		if isIdent && about[s.info.Uses[id]] || slices.ContainsFunc(given(s.info, c), func(o types.Object) bool { return about[o] }) {
			next = c.Pos()
		}
	})
	return next
}

// unjoinedRun gives the goroutine that is not waited for from pos on.
func (s *Scope) unjoinedRun(r *Run, pos token.Pos, how unjoin) *Run {
	for _, k := range s.hidden {
		if k.Parent == r && k.At == pos && k.unjoined == how {
			return k
		}
	}
	k := &Run{Kind: RunGo, Parent: r, At: pos, Spelled: "goroutine", unjoined: how}
	s.hidden = append(s.hidden, k)
	return k
}

// unjoin says why a goroutine is hardly waited for.
type unjoin uint8

const (
	joined    unjoin = iota // it may be
	queued                  // it tells nobody, but goes on with something that may
	outliving               // its work goes on after the response
	alone                   // it tells nobody, and ends
)

// settles lists where a body may wait for an unjoined goroutine after all: where it
// receives or waits itself, or ends or flushes something.
func (s *Scope) settles(l, g *Run) []op {
	if g.unjoined == alone {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(acquireOps(s.info, l)), func(o op) bool { return o.lock || o.polls || o.send || o.context })
	if g.unjoined == outliving {
		return list
	}
	visitOwn(l, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		name := strings.ToLower(calleeName(call))
		if isEnding(calleeName(call)) || slices.ContainsFunc([]string{"flush", "drain", "sync", "idle", "settle", "barrier", "unsub", "cancel", "stop", "close", "shutdown", "remove", "unregister"}, func(p string) bool { return strings.Contains(name, p) }) {
			list = append(list, op{pos: call.Pos(), deferred: deferred})
		}
	})
	return list
}
