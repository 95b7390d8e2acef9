// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A test double can signal its own calls: d.called <- x. Whoever receives from a channel
// without a buffer, or gives up waiting some time, runs next to it; and what a method
// does after the signal, nobody waits for.

// toldEarly lists the uses of what v refers to that follow a signal of a method of v
// which then writes it.
func (s *Scope) toldEarly(sh Shared, home *Run) []Unordered {
	t := sh.Var.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || !s.tests() {
		return nil
	}
	var received []op
	paths := map[token.Pos]string{}
	for _, o := range s.acquires(home) {
		if o.receive && !o.direct && !o.deferred && len(o.roots) == 1 && o.roots[0] == types.Object(sh.Var) {
			received = append(received, o)
		}
	}
	if len(received) == 0 {
		return nil
	}
	visitOwn(home, func(n ast.Node, _ bool) {
		if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			if obj, path, ok := memory(s.info, u.X); ok && obj == types.Object(sh.Var) {
				paths[u.Pos()] = path
			}
		}
	})
	address := !isPointer(sh.Var.Type())
	var list []Unordered
	for m := range named.Methods() {
		d := s.facts.decls[m]
		if d == nil || d.Recv == nil || !isPointer(m.Signature().Recv().Type()) {
			continue
		}
		for _, w := range s.afterSignal(d, m.Signature().Recv()) {
			w.signal = trim(w.signal, address)
			x := Use{Var: sh.Var, Path: trim(w.Path, address), Write: true, Pos: w.pos, Stmt: w.stmt}
			for _, o := range received {
				if paths[o.pos] != w.signal || !o.timed && !s.unbuffered(named, w.signal) {
					continue
				}
				for _, y := range sh.Uses {
					if y.Run == home && !y.Async && !y.Atomic && y.Guard == Plain && y.Via == "" && overlap(x.Path, y.Path) && !s.LockedAt(y.Run, y.Pos) && s.follows(home, o, y) {
						list = append(list, Unordered{y, x, true})
					}
				}
			}
		}
	}
	return list
}

// follows reports whether home comes from a receive to y by nothing that may wait.
func (s *Scope) follows(home *Run, o op, y Use) bool {
	choice := selectAround(home, o.pos)
	if caseAt(choice, y.Pos) {
		return false // looked at before anything is received
	}
	stop := func(n ast.Node) bool {
		return !(n.Pos() <= y.Pos && y.Pos < n.End()) && !s.harmless(n) && !isCase(choice, n) || declaration(n, y.Var)
	}
	g := s.graph(home)
	return g.from(g.points(o.pos), stop, never).has(y.Pos)
}

// signalled is a write of a method, with the channel of the receiver that it has sent on
// before.
type signalledWrite struct {
	effect
	signal string
}

// afterSignal lists the writes to fields of the receiver that a method makes after it has
// sent on a channel of it, and tells nobody of.
func (s *Scope) afterSignal(d *ast.FuncDecl, recv *types.Var) []signalledWrite {
	r := &Run{Kind: RunRoot, Fn: d}
	type signal struct {
		path string
		pos  token.Pos
	}
	var signals []signal
	visitOwn(r, func(n ast.Node, deferred bool) {
		if send, ok := n.(*ast.SendStmt); ok && !deferred && len(loopsAround(d.Body, send.Pos())) == 0 {
			if obj, path, ok := memory(s.info, send.Chan); ok && obj == types.Object(recv) {
				signals = append(signals, signal{path, send.Pos()})
			}
		}
	})
	if len(signals) == 0 {
		return nil
	}
	when, f := newOccasions(s.info, r), newGraph(s.info, d.Body)
	var list []signalledWrite
	t := &tracer{
		info: s.info, facts: s.facts,
		wanted: func(o types.Object) bool { return o == types.Object(recv) },
		guard:  func(token.Pos) Guard { return Plain },
		emit: func(e effect) {
			if !e.Write || e.Method != "" || e.via != "" || e.atomic || len(heldBy(s.info, s.facts, r, e.pos)) > 0 || !when.silent(e) {
				return
			}
			for _, g := range signals {
				waits := slices.ContainsFunc(acquireOps(s.info, r), func(o op) bool { return o.pos > g.pos && o.pos < e.pos && !o.lock })
				if g.pos < e.pos && !waits && f.from(f.points(g.pos), nothing, never).has(e.pos) {
					list = append(list, signalledWrite{e, g.path})
				}
			}
		},
	}
	walkOwn(r, t, func(*ast.CallExpr) bool { return false })
	return list
}

// unbuffered reports whether all channels that the package makes for a field of a type
// have no buffer.
func (s *Scope) unbuffered(named *types.Named, path string) bool {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	var field *types.Var
	for f := range st.Fields() {
		if path == "*."+f.Name() || path == "."+f.Name() {
			field = f
		}
	}
	made, buffered := false, false
	note := func(e ast.Expr) {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if ok && calleeName(call) == "make" && len(call.Args) == 1 {
			made = true
		} else {
			buffered = true
		}
	}
	for _, d := range s.facts.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && field != nil && s.info.Uses[id] == field {
					note(n.Value)
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if sel, ok := l.(*ast.SelectorExpr); ok && field != nil && s.info.Uses[sel.Sel] == field {
						note(n.Rhs[min(i, len(n.Rhs)-1)])
					}
				}
			case *ast.CompositeLit:
				// Without keys nothing is known.
				if t := s.info.TypeOf(n); t != nil && types.Identical(t, named) && len(n.Elts) > 0 {
					if _, keyed := n.Elts[0].(*ast.KeyValueExpr); !keyed {
						buffered = true
					}
				}
			}
			return true
		})
	}
	return made && !buffered
}
