// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A signal orders what comes before it, and that only: where a function signals
// each call of it, the next call may be running when one was received; and what it
// does after the signal, nobody waits for.

// Unordered is a use that comes after a signal which does not order it with a
// write.
type Unordered struct {
	Use, Write Use
	// Early is set when the function signals before it writes; else it is called,
	// or goes round its loop, once more.
	Early bool
}

// Unordered lists the uses of a variable, by the function that declares it, which
// follow a signal of another function that writes it and are not ordered by that.
func (s *Scope) Unordered(sh Shared) []Unordered {
	home := s.home(sh.Var)
	if home == nil || s.bubbled(home) {
		return nil
	}
	list := s.toldEarly(sh, home)
	for _, x := range sh.Uses {
		if !x.Write || x.Atomic || x.Async || x.Guard != Plain || s.LockedAt(x.Run, x.Pos) {
			continue
		}
		g, pos := s.signaller(x, home)
		if g == nil {
			continue
		}
		for _, send := range s.sends(g) {
			for _, o := range s.acquires(home) {
				if !o.receive || !o.direct || o.deferred || o.roots[0] != send.roots[0] || !s.elsewhere(home, g, o) {
					continue
				}
				for _, y := range sh.Uses {
					if y.Run != home || y.Atomic || y.Async || y.Guard != Plain || !overlap(x.Path, y.Path) || s.LockedAt(y.Run, y.Pos) {
						continue
					}
					switch {
					case send.closes && !o.timed:
						// It may have been closed in place.
					case !send.closes && s.onceMore(home, g, x, pos, send, o, y):
						list = append(list, Unordered{y, x, false})
					case s.early(home, g, x, pos, send, o, y):
						list = append(list, Unordered{y, x, true})
					}
				}
			}
		}
	}
	return list
}

// signaller gives the function that makes a write and the place of it in there: a
// function that somebody keeps, or a goroutine, handed over by home itself.
func (s *Scope) signaller(x Use, home *Run) (*Run, token.Pos) {
	chain := x.Run.chain()
	i := slices.Index(chain, home) + 1
	if i == 0 || i >= len(chain) {
		return nil, token.NoPos
	}
	g := chain[i]
	if g.hidden() || g.Kind != RunCallback && g.Kind != RunGo || g.Kind == RunCallback && s.inTable(g) {
		return nil, token.NoPos
	}
	for _, r := range chain[i+1:] {
		if r.hidden() || r.Kind != RunInline {
			return nil, token.NoPos
		}
	}
	return g, inner(chain, i, x)
}

// sends lists the sends of a run's own statements on channels of the functions
// around it, and where it closes those.
func (s *Scope) sends(g *Run) []op {
	var list []op
	visitOwn(g, func(n ast.Node, deferred bool) {
		var ch ast.Expr
		closes := false
		switch n := n.(type) {
		case *ast.SendStmt:
			ch = n.Chan
		case *ast.CallExpr:
			if closes = len(n.Args) == 1 && calleeName(n) == "close" && s.info.Types[n.Fun].IsBuiltin(); closes {
				ch = n.Args[0]
			}
		}
		if ch == nil || deferred {
			return
		}
		o := rootOp(s.info, ch, n.Pos(), false)
		o.closes = closes
		if o.direct && len(o.roots) == 1 && !contains(g.Fn, o.roots[0].Pos()) {
			list = append(list, o)
		}
	})
	return list
}

// elsewhere reports whether the signals that home receives at o come from another
// goroutine: g is one, nothing could keep a signal that home has sent itself, or
// home gives up waiting some time.
func (s *Scope) elsewhere(home, g *Run, o op) bool {
	if g.Kind == RunGo || o.timed {
		return true
	}
	made := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && s.info.ObjectOf(id) == o.roots[0] {
					call, ok := a.Rhs[i].(*ast.CallExpr)
					made = ok && calleeName(call) == "make"
				}
			}
		}
		return true
	})
	return made && !s.buffered(o.roots[0])
}

// onceMore reports whether y stands in a loop that does nothing but receive the
// signals of g, which counts in x before each of them: when one has come, the next
// call of g may be at x.
func (s *Scope) onceMore(home, g *Run, x Use, pos token.Pos, send, o op, y Use) bool {
	if send.pos < done(x, pos) || !s.counts(x) {
		return false
	}
	if g.Kind == RunGo && !slices.ContainsFunc(loopsAround(g.Body(), pos), func(l ast.Node) bool { return contains(l, send.pos) }) {
		return false
	}
	loops := loopsAround(home.Body(), o.pos)
	if len(loops) == 0 {
		return false
	}
	loop := loops[len(loops)-1]
	return contains(loop, y.Pos) && s.onlyReceives(loop, send.roots[0]) && !s.judges(loop, o.pos)
}

// counts reports whether a write depends on what the variable was before: it is
// meant to happen more than once.
func (s *Scope) counts(x Use) bool {
	switch st := x.Stmt.(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		if st.Tok != token.ASSIGN {
			return st.Tok != token.DEFINE
		}
		for _, e := range st.Rhs {
			if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && calleeName(call) == "append" && mentions(s.info, call.Args[0], x.Var) {
				return true
			}
		}
	}
	return false
}

// onlyReceives reports whether a loop has nothing in it but the receive from ch,
// waits for a time or a context, and checks.
func (s *Scope) onlyReceives(loop ast.Node, ch types.Object) bool {
	ok := true
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.SendStmt, *ast.DeferStmt:
			ok = false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				for _, o := range receiveOp(s.info, n.X, n.Pos(), false) {
					ok = ok && (o.context || o.direct && o.roots[0] == ch)
				}
				return false
			}
		case *ast.CallExpr:
			ok = ok && s.checks(n)
		}
		return ok
	})
	return ok
}

// judges reports whether a loop has a condition on what it receives at pos: that may
// say which message is the last.
func (s *Scope) judges(loop ast.Node, pos token.Pos) bool {
	received := map[types.Object]bool{}
	ast.Inspect(loop, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && contains(a, pos) {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && s.info.ObjectOf(id) != nil {
					received[s.info.ObjectOf(id)] = true
				}
			}
		}
		return true
	})
	found := false
	judged := func(e ast.Expr) {
		if e == nil {
			return
		}
		found = found || contains(e, pos)
		for v := range received {
			found = found || mentions(s.info, e, v)
		}
	}
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			judged(n.Cond)
		case *ast.ForStmt:
			judged(n.Cond)
		case *ast.SwitchStmt:
			judged(n.Tag)
		case *ast.CaseClause:
			for _, e := range n.List {
				judged(e)
			}
		}
		return !found
	})
	return found
}

// early reports whether g signals before it makes the write x and not after, and
// home comes from the receive to y without anything that may wait for x.
func (s *Scope) early(home, g *Run, x Use, pos token.Pos, send, o op, y Use) bool {
	if g.Kind != RunCallback || send.pos >= pos || len(loopsAround(g.Body(), send.pos)) > 0 {
		return false
	}
	if releasesAfter(s.info, g, done(x, pos))[o.roots[0]] {
		return false
	}
	for _, a := range s.acquires(g) {
		if a.pos > send.pos && a.pos < pos && !a.lock {
			return false // it waits in between, perhaps for home
		}
	}
	f := s.graph(g)
	if !f.from(f.points(send.pos), nothing, never).has(pos) {
		return false
	}
	joins, choice := s.waitedFor(home, g, x), selectAround(home, o.pos)
	if caseAt(choice, y.Pos) {
		return false // looked at before anything is received
	}
	stop := func(n ast.Node) bool {
		return !(n.Pos() <= y.Pos && y.Pos < n.End()) && !s.harmless(n) && !isCase(choice, n) || joins(n) || declaration(n, y.Var)
	}
	h := s.graph(home)
	return h.from(h.points(o.pos), stop, never).has(y.Pos)
}

func nothing(ast.Node) bool { return false }
