// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A goroutine can wait for leave before it makes an access. Then not its start is
// what counts, but who lets it go on.

// gates reports whether what follows an operation may have to wait for what another
// goroutine does. A call that waits is no gate: most of what talks to somebody
// waits somewhere, and seldom for him.
func (o op) gates() bool {
	return !o.deferred && !o.lock && !o.send && !o.polls && !o.context && !o.called
}

// gate gives the last wait of a goroutine before pos.
func (s *Scope) gate(g *Run, pos token.Pos) (op, bool) {
	var last op
	found := false
	for _, o := range s.acquires(g) {
		if o.pos < pos && (o.gates() || s.cancelOf(o) != nil) && s.passes(selectAround(g, o.pos), o, pos) {
			last, found = o, true
		}
	}
	if found && len(last.roots) > 0 && g.alias[last.roots[0]] != nil {
		last.roots = []types.Object{g.alias[last.roots[0]]}
	}
	return last, found
}

// cancelledWithin reports whether what a goroutine runs in place waits for a context
// before it does x: whoever cancels that lets it go on.
func (s *Scope) cancelledWithin(runs []*Run, x Use) bool {
	for i, r := range runs {
		if r.hidden() || r.Kind != RunInline {
			return false
		}
		pos := inner(runs, i, x)
		if slices.ContainsFunc(s.acquires(r), func(o op) bool {
			sel := selectAround(r, o.pos)
			return o.context && !o.deferred && o.pos < pos && (sel != nil && contains(sel, pos) || s.passes(sel, o, pos))
		}) {
			return true
		}
	}
	return false
}

// rangesAround reports whether what receives at recv is a loop over a channel around
// pos: that is over when the channel is closed.
func rangesAround(body *ast.BlockStmt, recv, pos token.Pos) bool {
	return slices.ContainsFunc(loopsAround(body, pos), func(l ast.Node) bool {
		loop, ok := l.(*ast.RangeStmt)
		return ok && loop.X.Pos() == recv
	})
}

// signals gives where a body's own statements send on, close, or otherwise
// release what a gate waits for. What is within a loop over
// a channel goes on when somebody sends, not when the channel is closed; but where the
// body does not send itself, the close tells that somebody has.
func (s *Scope) signals(l *Run, gate op, within bool) []token.Pos {
	var list, closes []token.Pos
	if len(gate.roots) == 0 {
		return nil
	}
	cancel := s.cancelOf(gate)
	is := func(e ast.Expr) bool {
		id := rootIdent(e)
		return id != nil && s.info.Uses[id] == gate.roots[0]
	}
	visitOwn(l, func(n ast.Node, deferred bool) {
		switch n := n.(type) {
		case *ast.SendStmt:
			if is(n.Chan) {
				list = append(list, n.Pos())
			}
		case *ast.CallExpr:
			name := calleeName(n)
			if id := builtinIdent(n.Fun); id != nil && cancel != nil && s.info.Uses[id] == cancel && !deferred {
				list = append(list, n.Pos())
			}
			if name == "close" && len(n.Args) == 1 && is(n.Args[0]) {
				closes = append(closes, n.Pos())
			}
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && is(sel.X) && (name == "Done" || name == "Unlock" || name == "Broadcast" || name == "Signal" || name == "Store") {
				list = append(list, n.Pos())
			}
		}
	})
	if !within || len(list) == 0 {
		list = append(list, closes...)
	}
	return list
}

// gatedTogether reports whether two goroutines may be ordered by what they wait
// for, receive or send before their accesses. A channel that is only ever closed
// starts everybody at once and orders nobody.
func (s *Scope) gatedTogether(g *Run, cx, cy []*Run, x, y Use) bool {
	for _, side := range []struct {
		runs []*Run
		t    Use
	}{{cx, x}, {cy, y}} {
		for i, r := range side.runs {
			if r.hidden() || r.Kind == RunRoot || r != g && !r.Concurrent() && r.Kind != RunInline && r.Kind != RunSubtest {
				continue
			}
			if g.hidden() || !contains(g.Fn, r.Fn.Pos()) && r != g && !r.Concurrent() {
				continue
			}
			pos := inner(side.runs, i, side.t)
			for _, o := range s.acquires(r) {
				if o.pos < pos && o.gates() && !s.startSignal(o, cx, cy) {
					return true
				}
			}
			if spinsAround(s.info, r, pos) {
				return true
			}
			if s.sendsBefore(r, pos) {
				return true
			}
		}
	}
	return false
}

// startSignal reports whether an operation waits for a local channel that the
// declaration closes and never sends on; but not in one of the goroutines
// themselves, which that orders.
func (s *Scope) startSignal(o op, cx, cy []*Run) bool {
	if !o.direct || len(o.roots) != 1 {
		return false
	}
	closed, sent := false, false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			if id := rootIdent(n.Chan); id != nil && s.info.Uses[id] == o.roots[0] {
				sent = true
			}
		case *ast.CallExpr:
			for _, a := range n.Args {
				if id, ok := ast.Unparen(a).(*ast.Ident); ok && s.info.Uses[id] == o.roots[0] {
					if calleeName(n) == "close" && !startedAround(cx, n.Pos()) && !startedAround(cy, n.Pos()) {
						closed = true
					} else {
						sent = true // handed on: somebody may
					}
				}
			}
		}
		return true
	})
	return closed && !sent
}

// startedAround reports whether pos is in a goroutine among the runs.
func startedAround(runs []*Run, pos token.Pos) bool {
	return slices.ContainsFunc(runs, func(r *Run) bool { return r.Kind == RunGo && !r.hidden() && contains(r.Fn, pos) })
}

// sendsBefore reports whether a body sends on a channel before pos, itself or by a
// function that does: it may take a place of a semaphore.
func (s *Scope) sendsBefore(r *Run, pos token.Pos) bool {
	found := false
	visitOwn(r, func(n ast.Node, _ bool) {
		if n.Pos() >= pos {
			return
		}
		switch n := n.(type) {
		case *ast.SendStmt:
			found = true
		case *ast.CallExpr:
			found = found || s.facts.Of(calleeFunc(s.info, n)).Sends
		}
	})
	return found
}

// otherCase reports whether pos is in another case of a select than the wait at o.
func otherCase(sel *ast.SelectStmt, o, pos token.Pos) bool {
	if sel == nil || !contains(sel, pos) {
		return false
	}
	return !slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool { return contains(c, o) && contains(c, pos) })
}

// passes reports whether a goroutine comes to pos only behind the wait o, a case of
// a select: not when pos is in another case, or when the case of o ends it.
func (s *Scope) passes(sel *ast.SelectStmt, o op, pos token.Pos) bool {
	if sel == nil {
		return true
	}
	if contains(sel, pos) {
		return !otherCase(sel, o.pos, pos)
	}
	for _, c := range sel.Body.List {
		c := c.(*ast.CommClause)
		ends := len(c.Body) > 0 && s.leaves(c.Body[len(c.Body)-1])
		if own := contains(c, o.pos); own && ends || !own && !ends && o.context {
			return false
		}
	}
	return true
}

// leaves reports whether a statement does not let the flow go on behind it.
func (s *Scope) leaves(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return st.Tok != token.BREAK || st.Label != nil
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		return ok && !mayReturn(s.info, call)
	}
	return false
}

// cancelOf gives the function that ends the context which an operation waits for,
// where the scope has made both and no time does: ctx, cancel := context.WithCancel(…).
func (s *Scope) cancelOf(o op) types.Object {
	if !o.context || o.deferred || len(o.roots) != 1 {
		return nil
	}
	var cancel types.Object
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 2 || len(a.Rhs) != 1 || a.Lhs[0].Pos() != o.roots[0].Pos() {
			return true
		}
		if call, ok := a.Rhs[0].(*ast.CallExpr); ok && startsWith(calleeName(call), "WithCancel") {
			if id, ok := a.Lhs[1].(*ast.Ident); ok {
				cancel = s.info.ObjectOf(id)
			}
		}
		return true
	})
	return cancel
}
