// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A function can wait under any name: task.Result, worker.drained. Its body tells.

// waits reports whether an operation is over when somebody has done something:
// a receive, a wait, the first call of a sync.Once.
func (o op) waits() bool { return !o.lock && !o.polls && !o.send && !o.context }

// Waits reports whether a function waits for anybody but the goroutines that it has
// started itself, in its own statements or in what these call.
func (s *FactSet) Waits(fn *types.Func) bool {
	return s.trait(s.waits, fn, func(f *FuncFact) bool { return f.Waits }, func(d *ast.FuncDecl) bool {
		root := &Run{Kind: RunRoot, Fn: d}
		return slices.ContainsFunc(append(acquireOps(s.info, root), waitingCalls(s.info, s, root)...), func(o op) bool {
			others := func(v types.Object) bool { return !makes(d.Body, v) }
			return o.waits() && (len(o.roots) == 0 || slices.ContainsFunc(o.roots, others))
		})
	})
}

// trait answers a question about a function with what is known, or of is kept of it
// elsewhere, or its declaration says. It is not asked as part of the effects: these
// see nothing of a function that is being looked at, and would begin in the middle.
func (s *FactSet) trait(known map[*types.Func]bool, fn *types.Func, of func(*FuncFact) bool, says func(*ast.FuncDecl) bool) bool {
	if s == nil || fn == nil {
		return false
	}
	fn = fn.Origin()
	has, ok := known[fn]
	if ok {
		return has
	}
	known[fn] = false // recursion sees nothing
	if d := s.decls[fn]; d != nil {
		has = fn.Pkg() != nil && !standard(fn.Pkg().Path()) && says(d)
	} else {
		has = of(s.Of(fn))
	}
	known[fn] = has
	return has
}

// makes reports whether a variable is a local of a body that begins with nothing, or
// with what make returns.
func makes(body ast.Node, v types.Object) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			found = found || len(n.Values) == 0 && contains(n, v.Pos())
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if l.Pos() == v.Pos() && len(n.Lhs) == len(n.Rhs) {
					call, ok := n.Rhs[i].(*ast.CallExpr)
					found = found || ok && calleeName(call) == "make"
				}
			}
		}
		return !found
	})
	return found
}

// waitingCalls lists the calls of a run, and of what it runs in place, of functions
// that are known to wait; for what they are called on and given.
func waitingCalls(info *types.Info, facts *FactSet, r *Run) []op {
	var list []op
	visitOwn(r, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		name, of := calleeName(call), given(info, call)
		waits := facts.Waits(calleeFunc(info, call))
		if waits && (len(of) > 0 || acquires(name)) || len(of) > 0 && isPolling(name) && !isMethodCall(info, call) {
			list = append(list, op{pos: call.Pos(), deferred: deferred, roots: of, called: true})
		}
	})
	if r.Kind == RunSubtest {
		list = append(list, cleanups(info, facts, r)...)
	}
	for _, k := range r.Kids {
		switch k.Kind {
		case RunInline, RunSubtest:
			for _, o := range waitingCalls(info, facts, k) {
				o.pos, o.deferred = k.At, false
				list = append(list, o)
			}
		case RunDefer:
			for _, o := range waitingCalls(info, facts, k) {
				o.pos, o.deferred = k.At, true
				list = append(list, o)
			}
		}
	}
	return list
}

// cleanups lists what a subtest waits for when it is over: t.Cleanup(srv.Stop).
func cleanups(info *types.Info, facts *FactSet, r *Run) []op {
	var list []op
	visitOwn(r, func(n ast.Node, _ bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok || calleeName(call) != "Cleanup" || len(call.Args) != 1 {
			return
		}
		sel, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr)
		if !ok {
			return
		}
		fn, _ := info.Uses[sel.Sel].(*types.Func)
		if fn != nil && (acquires(fn.Name()) || isEnding(fn.Name()) || facts.Waits(fn)) {
			list = append(list, rootOp(info, sel.X, call.Pos(), true))
		}
	})
	for _, k := range r.Kids {
		if k.Kind == RunCleanup {
			for _, o := range append(acquireOps(info, k), waitingCalls(info, facts, k)...) {
				o.pos, o.deferred = k.At, true
				list = append(list, o)
			}
		}
	}
	return list
}

// polled lists where a body asks v, by a call, until the answer is right: for
// !v.Ready() { … }. What a goroutine of v has done before the answer is done then.
func (s *Scope) polled(l *Run, v types.Object) []op {
	var list []op
	asks := func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				found = found || slices.Contains(given(s.info, call), v)
			}
			return !found
		})
		return found
	}
	visitOwn(l, func(n ast.Node, _ bool) {
		loop, ok := n.(*ast.ForStmt)
		if !ok {
			return
		}
		if loop.Cond != nil {
			if asks(loop.Cond) {
				list = append(list, op{pos: loop.Cond.Pos()})
			}
			return
		}
		for _, st := range loop.Body.List { // for { if v.Ready() { break } … }
			if st, ok := st.(*ast.IfStmt); ok && leavesLoop(st.Body) && asks(st.Cond) {
				list = append(list, op{pos: st.Cond.Pos()})
			}
		}
	})
	for _, k := range l.Kids {
		if k.Call != nil && k.Fn != nil && k.Kind != RunGo && isPolling(calleeName(k.Call)) && asks(k.Body()) {
			list = append(list, op{pos: k.At})
		}
	}
	return list
}

// leavesLoop reports whether a block ends in a break or a return.
func leavesLoop(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch st := b.List[len(b.List)-1].(type) {
	case *ast.BranchStmt:
		return st.Tok == token.BREAK
	case *ast.ReturnStmt:
		return true
	}
	return false
}

// given lists the variables at the root of what a call is made on and given, where
// these can have anything to wait for in them.
func given(info *types.Info, call *ast.CallExpr) []types.Object {
	var list []types.Object
	note := func(e ast.Expr) {
		if id := rootIdent(e); id != nil {
			if v, ok := info.Uses[id].(*types.Var); ok && carries(v.Type()) {
				list = append(list, v)
			}
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		note(sel.X)
	}
	for _, a := range call.Args {
		note(a)
	}
	return list
}

// releasesAfterCall is releasesAfter for what is signalled after a call that makes an
// access: the call itself signals nobody of it, but what it is an operand of may:
// ch <- x.f().
func releasesAfterCall(info *types.Info, r *Run, x Use) map[types.Object]bool {
	out := releasesAfter(info, r, x.end)
	note := func(e ast.Node) {
		ast.Inspect(e, func(n ast.Node) bool {
			if n != nil && n.Pos() >= x.Pos && n.End() <= x.end {
				return false
			}
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := info.Uses[id].(*types.Var); ok {
					out[v] = true
					if a := r.alias[v]; a != nil {
						out[a] = true
					}
				}
			}
			return true
		})
	}
	visitOwn(r, func(n ast.Node, _ bool) {
		switch n := n.(type) {
		case *ast.SendStmt:
			if contains(n.Value, x.Pos) {
				note(n.Chan)
			}
		case *ast.CallExpr:
			if contains(n, x.Pos) && n.End() > x.end {
				note(n)
			}
		}
	})
	return out
}
