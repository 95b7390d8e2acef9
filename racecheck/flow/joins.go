// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// barrier gives the test for the nodes of l's body behind which the goroutine g
// has done x, and those that make a new variable, on the way from the start of g to
// a place in l. A loop between those is taken to run: what waits in it is waited for
// where it begins.
func (s *Scope) barrier(l, g *Run, x Use, pos, to token.Pos) func(ast.Node) bool {
	joins := s.joins(l, g, x, pos)
	if g.hidden() && g.unjoined == joined {
		joins = append(joins, s.ends(l, x.Var)...)
		joins = append(joins, s.handled(l, g)...)
	}
	heads := s.heads(l, g, joins, to)
	return func(n ast.Node) bool {
		if declaration(n, x.Var) || heads[n] {
			return true
		}
		for _, p := range joins {
			if n.Pos() <= p.pos && p.pos < n.End() && !p.deferred {
				return true
			}
		}
		return false
	}
}

// heads gives the nodes with which loops in l begin that wait for g, and that are
// neither around its start nor around the place to.
func (s *Scope) heads(l, g *Run, joins []op, to token.Pos) map[ast.Node]bool {
	start := g
	for start.Parent != nil && start.Parent != l {
		start = start.Parent
	}
	var heads map[ast.Node]bool
	for _, o := range joins {
		if o.deferred || o.timed || o.polls {
			continue
		}
		for _, loop := range loopsAround(l.Body(), o.pos) {
			if contains(loop, start.At) || contains(loop, to) {
				continue
			}
			if heads == nil {
				heads = map[ast.Node]bool{}
			}
			switch loop := loop.(type) {
			case *ast.RangeStmt:
				heads[loop.X] = true
			case *ast.ForStmt:
				if loop.Cond != nil {
					heads[loop.Cond] = true
				}
			}
		}
	}
	return heads
}

// joins lists the operations of l that may wait for what g does after pos.
func (s *Scope) joins(l, g *Run, x Use, pos token.Pos) []op {
	if g.unjoined != joined {
		return s.settles(l, g)
	}
	if g.hidden() { // it may signal anything
		list := slices.Concat(s.acquires(l), s.polled(l, x.Var))
		for _, v := range g.handles {
			list = append(list, s.polled(l, v)...)
		}
		return list
	}
	return append(s.handled(l, g), s.signalled(l, g, x, pos)...)
}

// signalled lists the operations of l that may wait for what g signals after pos.
func (s *Scope) signalled(l, g *Run, x Use, pos token.Pos) []op {
	list := append(s.ended(l, g, x, pos), s.polled(l, x.Var)...)
	if s.tells(g, x, pos) {
		for _, e := range s.exchanges(l) {
			if e.awaits {
				list = append(list, op{pos: e.pos, deferred: e.deferred})
			}
		}
	}
	if cancels(s.info, g) {
		list = append(list, s.cancelled(l)...)
	}
	released := releasesAfter(s.info, g, done(x, pos))
	told := released // what is told through channels
	if x.silent && x.Pos == pos && x.Run == g {
		told = releasesAfterCall(s.info, g, x)
	}
	var received map[types.Object]bool
	for _, o := range s.acquires(l) {
		if o.send {
			if received == nil {
				received = receivesAfter(s.info, g, done(x, pos))
			}
			if len(o.roots) == 1 && received[o.roots[0]] && (!s.buffered(o.roots[0]) || s.fills(l, g, o)) {
				list = append(list, o)
			}
			continue
		}
		if o.context {
			if cancels(s.info, g) {
				list = append(list, o)
			}
			continue
		}
		// What a called function does to an object, it may tell by the object's own channel.
		if own := o.receive && x.Via != "" && !x.silent && slices.Contains(o.roots, types.Object(x.Var)); own || s.caused(g, o, x, pos) {
			list = append(list, o)
			continue
		}
		by := released
		if o.receive {
			by = told
		}
		if len(o.roots) == 0 || slices.ContainsFunc(o.roots, func(r types.Object) bool {
			return slices.ContainsFunc(s.relatives(r), func(r types.Object) bool {
				return by[r] || slices.Contains(g.handles, r) || s.passedOn(g, r, by)
			})
		}) {
			list = append(list, o)
		}
	}
	return list
}

// fills reports whether a send is part of a loop that does not start g: it takes all
// places of a semaphore, which those that run give back.
func (s *Scope) fills(l, g *Run, o op) bool {
	at := g.At
	for r := g; r != nil && r.Parent != l; r = r.Parent {
		at = r.Parent.At
	}
	return slices.ContainsFunc(loopsAround(l.Body(), o.pos), func(loop ast.Node) bool { return !contains(loop, at) })
}

// buffered reports whether a channel is known to be made with room for several.
func (s *Scope) buffered(ch types.Object) bool {
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return !found
		}
		for i, l := range a.Lhs {
			id, isIdent := l.(*ast.Ident)
			call, isCall := a.Rhs[i].(*ast.CallExpr)
			if isIdent && isCall && s.info.ObjectOf(id) == ch && calleeName(call) == "make" && len(call.Args) == 2 {
				v := s.info.Types[call.Args[1]].Value
				found = v == nil || v.ExactString() != "0"
			}
		}
		return !found
	})
	return found
}

// caused reports whether a wait may be for a function that somebody keeps, and that
// g causes to be called after it has done x: the handler of a request it makes.
func (s *Scope) caused(g *Run, o op, x Use, pos token.Pos) bool {
	if len(o.roots) == 0 || o.lock || o.polls {
		return false
	}
	if !slices.ContainsFunc(s.Runs, func(k *Run) bool {
		return k != g && k.Kind == RunCallback && !contains(k.Fn, g.Fn.Pos()) && !contains(g.Fn, k.Fn.Pos()) && releasesAfter(s.info, k, k.Fn.Pos())[o.roots[0]]
	}) {
		return false
	}
	from, calls := done(x, pos), false
	visitOwn(g, func(n ast.Node, _ bool) {
		if call, ok := n.(*ast.CallExpr); ok && (call.Pos() >= from || !x.Write && contains(call, pos)) && !s.checks(call) {
			calls = true
		}
	})
	return calls
}

// passedOn reports whether another body waits for something that g signals and
// then signals o: go func() { wg.Wait(); close(done) }().
func (s *Scope) passedOn(g *Run, o types.Object, released map[types.Object]bool) bool {
	for _, r := range s.Runs {
		if r == g || r.hidden() || r.Kind == RunRoot || contains(r.Fn, g.Fn.Pos()) {
			continue
		}
		waits := slices.ContainsFunc(s.acquires(r), func(a op) bool {
			return len(a.roots) == 0 || slices.ContainsFunc(a.roots, func(x types.Object) bool { return released[x] })
		})
		if waits && releasesAfter(s.info, r, r.Fn.Pos())[o] {
			return true
		}
	}
	return false
}

// handled lists the calls of methods of what the call that starts g returns: the
// handle of a task, a timer. Those that wait for nobody are left out.
func (s *Scope) handled(l, g *Run) []op {
	if len(g.handles) == 0 {
		return nil
	}
	var list []op
	visitOwn(l, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if id := rootIdent(sel.X); id != nil && slices.Contains(g.handles, s.info.Uses[id]) && !s.facts.Of(calleeFunc(s.info, call)).Quiet {
				list = append(list, op{pos: call.Pos(), deferred: deferred, roots: []types.Object{s.info.Uses[id]}})
			}
		}
	})
	return list
}

// ends lists the calls of methods of v that may end the goroutines of v.
func (s *Scope) ends(l *Run, v *types.Var) []op {
	var list []op
	visitOwn(l, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return
		}
		if isEnding(sel.Sel.Name) {
			if id := rootIdent(sel.X); id != nil && s.info.Uses[id] == v {
				list = append(list, op{pos: call.Pos(), deferred: deferred, roots: []types.Object{v}})
			}
		}
	})
	return list
}

// deferredJoin reports whether a body waits for g when it returns.
func (s *Scope) deferredJoin(l, g *Run, x Use, pos token.Pos) bool {
	return slices.ContainsFunc(s.joins(l, g, x, pos), func(o op) bool { return o.deferred })
}

// joinedBefore reports whether a body that runs in place waits for g before pos.
func (s *Scope) joinedBefore(r *Run, pos token.Pos, g *Run, x Use, gpos token.Pos) bool {
	return slices.ContainsFunc(s.joins(r, g, x, gpos), func(o op) bool { return o.pos < pos && !o.deferred })
}
