// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// functions finds what is done with parameters that are functions.
func (s *summary) functions() {
	for obj, p := range s.param {
		if obj == nil {
			continue
		}
		if _, ok := obj.Type().Underlying().(*types.Signature); ok {
			p.Func = s.useOf(obj)
			p.Locked = p.Func != FuncKept && s.calledLocked(obj)
		}
	}
}

// useOf judges all uses of a parameter.
func (s *summary) useOf(obj types.Object) FuncUse {
	called, kept, use := false, false, FuncKept
	for _, r := range s.runs {
		async, late, known := s.placed(r)
		async = async && !late
		many := false
		for p := r; p.Parent != nil; p = p.Parent {
			if p.Kind == RunMany || p.Kind == RunGo && s.again(p.Parent, p.At) {
				many = true
			}
		}
		s.uses(r, obj, func(u FuncUse) {
			switch {
			case !known:
				kept = true
			case async && u != FuncKept:
				use = max(use, FuncAsync)
			case many && u != FuncKept:
				use = max(use, FuncMany)
			case u == FuncKept:
				kept = true
			case u == FuncCalled:
				called = true
			default:
				use = max(use, u)
			}
		})
	}
	switch {
	case use != FuncKept:
		return use
	case kept || !called:
		return FuncKept
	}
	return FuncCalled
}

// again reports whether a goroutine that is started at pos may be running when the
// same statement starts the next: it is in a loop, and a round does not wait for it.
func (s *summary) again(r *Run, pos token.Pos) bool {
	if len(loopsAround(r.Body(), pos)) == 0 {
		return false
	}
	g := newGraph(s.set.info, r.Body())
	waits := func(n ast.Node) bool {
		return slices.ContainsFunc(s.waitsOf(r), func(o op) bool {
			return !o.context && !o.lock && !o.send && !o.polls && !o.timed && !o.deferred && contains(n, o.pos)
		})
	}
	return g.from(g.points(pos), waits, never).has(pos)
}

// calledLocked reports whether a parameter is called, and with a lock held
// wherever it is.
func (s *summary) calledLocked(obj types.Object) bool {
	calls, locked := 0, 0
	for _, r := range s.runs {
		visitOwn(r, func(n ast.Node, _ bool) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return
			}
			if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && s.set.info.Uses[id] == obj {
				calls++
				if len(heldBy(s.set.info, s.set, r, call.Pos())) > 0 {
					locked++
				}
				return
			}
			fn := calleeFunc(s.set.info, call)
			for i, a := range call.Args {
				if id, ok := ast.Unparen(a).(*ast.Ident); ok && s.set.info.Uses[id] == obj && fn != nil {
					calls++
					if s.set.Of(fn).Param(i, fn).Locked {
						locked++
					}
				}
			}
		})
	}
	return calls > 0 && calls == locked
}

// uses reports each use of obj in a run's own statements.
func (s *summary) uses(r *Run, obj types.Object, f func(FuncUse)) {
	info := s.set.info
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == obj
	}
	counted := map[*ast.Ident]bool{}
	count := func(e ast.Expr, u FuncUse) {
		counted[ast.Unparen(e).(*ast.Ident)] = true
		f(u)
	}
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			if s.joined(r, n.Pos()) == joinNever && mentions(info, n, obj) {
				f(FuncAsync) // called, or handed to what is started
				return false
			}
		case *ast.CallExpr:
			if is(n.Fun) {
				count(n.Fun, FuncCalled)
			}
			fn := calleeFunc(info, n)
			for i, a := range n.Args {
				if is(a) && fn != nil {
					count(a, s.set.Of(fn).Param(i, fn).Func)
				}
			}
		case *ast.BinaryExpr:
			for _, e := range []ast.Expr{n.X, n.Y} {
				if is(e) {
					counted[ast.Unparen(e).(*ast.Ident)] = true // f == nil
				}
			}
		case *ast.Ident:
			if info.Uses[n] == obj && !counted[n] {
				f(FuncKept)
			}
		}
		return true
	})
}

// mentions reports whether a node uses obj outside of literals.
func mentions(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			found = found || info.Uses[n] == obj
		}
		return !found
	})
	return found
}
