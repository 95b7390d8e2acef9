// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// parallelPos gives the end of the statement of a subtest's function that calls
// t.Parallel, itself or through a helper that is known to; no position when none
// of its own statements does. A call under a condition does not count.
func parallelPos(info *types.Info, facts *FactSet, lit *ast.FuncLit) token.Pos {
	params := lit.Type.Params
	if params == nil || len(params.List) == 0 || len(params.List[0].Names) != 1 {
		return token.NoPos
	}
	t := info.Defs[params.List[0].Names[0]]
	if t == nil {
		return token.NoPos
	}
	for _, s := range lit.Body.List {
		if callsParallel(info, facts, s, t) {
			return s.End()
		}
	}
	return token.NoPos
}

// callsParallel reports whether a statement calls t.Parallel whenever it runs.
func callsParallel(info *types.Info, facts *FactSet, s ast.Stmt, t types.Object) bool {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Parallel" && len(call.Args) == 0 {
		x, ok := sel.X.(*ast.Ident)
		return ok && info.Uses[x] == t
	}
	fn := calleeFunc(info, call)
	if fn == nil {
		return false
	}
	for i, a := range call.Args {
		if id, ok := ast.Unparen(a).(*ast.Ident); ok && info.Uses[id] == t && facts.Of(fn).Param(i, fn).Parallel {
			return true
		}
	}
	return false
}

// op is an operation that can order accesses, with the variables at the root of
// what it operates on. No root means that nothing is known of it.
type op struct {
	pos   token.Pos
	roots []types.Object
	// direct is set when the operand is the root variable itself.
	direct bool
	// deferred operations happen when the function returns.
	deferred bool
	// context is set for the channel of a context, which only its cancel
	// function closes.
	context bool
	lock    bool
	send    bool
	// closes is set for a close of a channel, where it is asked for.
	closes bool
	// receive is set for a receive from a channel.
	receive bool
	// polls is set for a look at an atomic variable: it does not wait.
	polls bool
	// of is the statement or call, where it is asked for.
	of ast.Node
	// called is set for a call of a function that waits, for somebody or other.
	called bool
	// timed is set for a case of a select that gives up after some time.
	timed bool
}

// acquireMethods wait for somebody or see what he did; their names are those of
// package sync and what is modelled after it.
func acquires(name string) bool {
	switch name {
	case "Lock", "RLock", "TryLock", "Acquire", "Load", "CompareAndSwap", "Swap", "Recv", "Receive", "Get", "Join":
		return name != "Get"
	}
	lower := strings.ToLower(name)
	return strings.Contains(lower, "wait") || strings.Contains(lower, "join")
}

// acquireOps lists what can make a body see what another goroutine did, in its
// own statements and those of the functions it runs in place.
func acquireOps(info *types.Info, r *Run) []op {
	var list []op
	visitOwn(r, func(n ast.Node, deferred bool) {
		switch n := n.(type) {
		case *ast.CallExpr:
			list = append(list, callAcquire(info, n, deferred)...)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				list = append(list, receiveOp(info, n.X, n.Pos(), deferred)...)
			}
		case *ast.SendStmt:
			// A send on a channel without a buffer is over when it was received.
			o := rootOp(info, n.Chan, n.Pos(), deferred)
			o.send = true
			list = append(list, o)
		case *ast.RangeStmt:
			if t := info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Chan); ok {
					list = append(list, receiveOp(info, n.X, n.X.Pos(), deferred)...)
				}
			}
		}
	})
	markTimed(info, r, list)
	for _, k := range r.Kids {
		// A callback counts as well: it may be what a helper polls.
		if k.Kind == RunInline || k.Kind == RunSubtest || k.Kind == RunCallback {
			for _, o := range acquireOps(info, k) {
				o.pos, o.deferred = k.At, o.deferred && k.Kind == RunCallback
				list = append(list, o)
			}
		}
		if k.Kind == RunDefer {
			for _, o := range acquireOps(info, k) {
				o.pos, o.deferred = k.At, true
				list = append(list, o)
			}
		}
	}
	return list
}

// markTimed marks the operations in a select that has a case for a timer.
func markTimed(info *types.Info, r *Run, list []op) {
	if len(list) == 0 {
		return
	}
	visitOwn(r, func(n ast.Node, _ bool) {
		sel, ok := n.(*ast.SelectStmt)
		if !ok {
			return
		}
		timed := false
		for _, c := range sel.Body.List {
			if comm := c.(*ast.CommClause).Comm; comm != nil {
				ast.Inspect(comm, func(n ast.Node) bool {
					if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.ARROW && len(receiveOp(info, u.X, u.Pos(), false)) == 0 {
						timed = true
					}
					return true
				})
			}
		}
		for i := range list {
			if timed && contains(sel, list[i].pos) {
				list[i].timed = true
			}
		}
	})
}

// visitOwn visits the nodes of a body that run when it runs, leaving out
// literals and the calls of go statements.
func visitOwn(r *Run, f func(n ast.Node, deferred bool)) {
	var visit func(root ast.Node, deferred bool)
	visit = func(root ast.Node, deferred bool) {
		ast.Inspect(root, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.GoStmt:
				for _, a := range n.Call.Args {
					visit(a, deferred)
				}
				return false
			case *ast.DeferStmt:
				if !deferred {
					visit(n.Call, true)
					return false
				}
			case nil:
				return false
			}
			f(n, deferred)
			return true
		})
	}
	if b := r.Body(); b != nil {
		visit(b, false)
	}
}

func receiveOp(info *types.Info, ch ast.Expr, pos token.Pos, deferred bool) []op {
	ch = ast.Unparen(ch)
	if call, ok := ch.(*ast.CallExpr); ok {
		if calleeName(call) == "Done" && len(call.Args) == 0 {
			o := rootOp(info, call.Fun, pos, deferred)
			o.direct, o.receive = false, true
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && isContext(info.TypeOf(sel.X)) {
				o.context = true
			}
			return []op{o}
		}
		if fn := calleeFunc(info, call); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "time" {
			return nil // time orders nothing
		}
	}
	if sel, ok := ch.(*ast.SelectorExpr); ok && sel.Sel.Name == "C" && isTimer(info.TypeOf(sel.X)) {
		return nil
	}
	if id, ok := ch.(*ast.Ident); ok && isTimeChan(info.TypeOf(id)) {
		return nil
	}
	o := rootOp(info, ch, pos, deferred)
	o.receive = true
	return []op{o}
}

func rootOp(info *types.Info, e ast.Expr, pos token.Pos, deferred bool) op {
	o := op{pos: pos, deferred: deferred}
	if id := rootIdent(e); id != nil {
		if obj := info.Uses[id]; obj != nil {
			o.roots = []types.Object{obj}
			o.direct = ast.Unparen(e) == ast.Expr(id)
		}
	}
	return o
}

// callAcquire tells what a call waits for.
func callAcquire(info *types.Info, call *ast.CallExpr, deferred bool) []op {
	name := calleeName(call)
	sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if isSel && isMethodCall(info, call) && (acquires(name) || name == "Do" && isNamed(info.TypeOf(sel.X), "sync", "Once")) {
		o := rootOp(info, sel.X, call.Pos(), deferred)
		o.lock = name == "Lock" || name == "RLock" || name == "TryLock"
		o.called = name == "Do" // onceOrders tells what that orders
		o.polls = name == "Load" || name == "CompareAndSwap" || name == "Swap"
		return []op{o}
	}
	fn := calleeFunc(info, call)
	if fn != nil && fn.FullName() == "testing/synctest.Wait" {
		return []op{{pos: call.Pos(), deferred: deferred}} // for all goroutines
	}
	if fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && !isMethodCall(info, call) {
		if strings.HasPrefix(name, "Load") || strings.HasPrefix(name, "CompareAndSwap") || strings.HasPrefix(name, "Swap") || strings.HasPrefix(name, "Add") {
			if len(call.Args) > 0 {
				o := rootOp(info, call.Args[0], call.Pos(), deferred)
				o.polls = true
				return []op{o}
			}
		}
		return nil
	}
	if tv := info.Types[call.Fun]; tv.IsBuiltin() || tv.IsType() {
		return nil // make, close, len: none waits
	}
	// A helper that is given the thing to wait for.
	var list []op
	for _, a := range call.Args {
		if t := info.TypeOf(a); t != nil && isSyncType(t) {
			list = append(list, rootOp(info, a, call.Pos(), deferred))
		}
	}
	return list
}

// isSyncType reports whether t is, or points to, something goroutines signal
// each other with: a channel, a type of package sync or sync/atomic, a group.
func isSyncType(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if _, ok := t.Underlying().(*types.Chan); ok {
		return true
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case "sync", "sync/atomic", "golang.org/x/sync/errgroup":
		return true
	}
	return false
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

func isTimer(t types.Type) bool { return isNamed(t, "time", "Timer") || isNamed(t, "time", "Ticker") }

// isTimeChan reports whether t is a channel of time.Time, as time.After gives.
func isTimeChan(t types.Type) bool {
	if t == nil {
		return false
	}
	c, ok := t.Underlying().(*types.Chan)
	return ok && c.Dir() == types.RecvOnly && isNamed(c.Elem(), "time", "Time")
}

func isNamed(t types.Type, pkg, name string) bool {
	if t == nil {
		return false
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}
