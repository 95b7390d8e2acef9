// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"
)

// graph is the control flow of one body.
type graph struct {
	g    *cfg.CFG
	info *types.Info
}

func newGraph(info *types.Info, body *ast.BlockStmt) *graph {
	return &graph{cfg.New(body, func(call *ast.CallExpr) bool { return mayReturn(info, call) }), info}
}

// mayReturn is false for calls that end the goroutine or the process.
func mayReturn(info *types.Info, call *ast.CallExpr) bool {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		b, ok := info.Uses[f].(*types.Builtin)
		return !ok || b.Name() != "panic"
	case *ast.SelectorExpr:
		switch f.Sel.Name {
		case "Fatal", "Fatalf", "Fatalln", "FailNow", "SkipNow", "Skip", "Skipf", "Goexit", "Exit", "Panicf", "Panic":
			return false
		}
	}
	return true
}

func calleeFunc(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	return fn
}

// point is a place in the flow: after the node i of a block, -1 for its start.
type point struct {
	b *cfg.Block
	i int
}

// points gives the places of the nodes around pos.
func (f *graph) points(pos token.Pos) []point {
	var list []point
	for _, b := range f.g.Blocks {
		if !b.Live {
			continue
		}
		for i, n := range b.Nodes {
			if n.Pos() <= pos && pos < n.End() {
				list = append(list, point{b, i})
			}
		}
	}
	return list
}

// reach is the set of nodes that can follow a place without passing a barrier.
type reach struct {
	nodes map[ast.Node]bool
	exit  bool // the end of the function can be reached
}

// has reports whether the node around pos can be reached.
func (r reach) has(pos token.Pos) bool {
	for n := range r.nodes {
		if n.Pos() <= pos && pos < n.End() {
			return true
		}
	}
	return false
}

// from follows the flow from after the nodes around start. Nodes for which stop
// is true are not passed and not in the set; entering a block of a loop for which
// fresh is true is not done. A loop behind start is taken to run: it is not passed
// when each iteration stops.
func (f *graph) from(start []point, stop func(ast.Node) bool, fresh func(*cfg.Block) bool) reach {
	r := reach{nodes: map[ast.Node]bool{}}
	seen := map[*cfg.Block]bool{}
	var queue []point
	queue = append(queue, start...)
	for len(queue) > 0 {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		stopped := false
		for _, n := range p.b.Nodes[p.i+1:] {
			if stop(n) {
				stopped = true
				break
			}
			r.nodes[n] = true
		}
		if stopped {
			continue
		}
		if p.b.Return() != nil {
			r.exit = true
		}
		for _, s := range p.b.Succs {
			if seen[s] || fresh(s) || f.stops(p.b, s, start, stop) || f.receives(s, stop) {
				continue
			}
			seen[s] = true
			if loop, ok := s.Stmt.(*ast.RangeStmt); ok && s.Kind == cfg.KindRangeLoop {
				// The next iteration assigns its variables here; the graph has
				// them before the loop only.
				for _, e := range []ast.Expr{loop.Key, loop.Value} {
					if e != nil {
						r.nodes[e] = true
					}
				}
			}
			queue = append(queue, point{s, -1})
		}
	}
	return r
}

// receives reports whether the head of a loop over a channel is a receive that stops:
// the graph has the channel before the loop only.
func (f *graph) receives(head *cfg.Block, stop func(ast.Node) bool) bool {
	loop, ok := head.Stmt.(*ast.RangeStmt)
	if !ok || head.Kind != cfg.KindRangeLoop {
		return false
	}
	_, isChan := typeOf(f.info, loop.X).Underlying().(*types.Chan)
	return isChan && stop(loop.X)
}

// stops reports whether an edge leaves a loop at its head, start is not in the loop,
// and no iteration of it comes to its end without passing a node for which stop is
// true: for range n { <-done }.
func (f *graph) stops(head, next *cfg.Block, start []point, stop func(ast.Node) bool) bool {
	leaves := head.Kind == cfg.KindRangeLoop && next.Kind == cfg.KindRangeDone || head.Kind == cfg.KindForLoop && next.Kind == cfg.KindForDone
	if !leaves || head.Stmt == nil || head.Stmt != next.Stmt {
		return false
	}
	for _, p := range start {
		if p.i >= 0 && p.i < len(p.b.Nodes) && contains(head.Stmt, p.b.Nodes[p.i].Pos()) {
			return false
		}
	}
	seen := map[*cfg.Block]bool{next: true}
	var queue []*cfg.Block
	for _, s := range head.Succs {
		if s != next {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		b := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if b == head {
			return false
		}
		if seen[b] || slices.ContainsFunc(b.Nodes, stop) {
			continue
		}
		seen[b] = true
		queue = append(queue, b.Succs...)
	}
	return true
}

// freshIn gives the test for the block that begins a new iteration of the loop
// that declares v, when each iteration has a variable of its own: from Go 1.22
// on, and in loops over := before that never.
func freshIn(v *types.Var, perIteration bool) func(*cfg.Block) bool {
	return func(b *cfg.Block) bool {
		if !perIteration {
			return false
		}
		switch s := b.Stmt.(type) {
		case *ast.RangeStmt:
			return b.Kind == cfg.KindRangeLoop && s.Tok == token.DEFINE && declares(v, s.Key, s.Value)
		case *ast.ForStmt:
			init, ok := s.Init.(*ast.AssignStmt)
			if !ok || init.Tok != token.DEFINE || !declares(v, init.Lhs...) {
				return false
			}
			return b.Kind == cfg.KindForPost || b.Kind == cfg.KindForLoop && s.Post == nil
		}
		return false
	}
}

func declares(v *types.Var, list ...ast.Expr) bool {
	for _, e := range list {
		if id, ok := e.(*ast.Ident); ok && id.Pos() == v.Pos() {
			return true
		}
	}
	return false
}

// declaration reports whether a node makes a new v.
func declaration(n ast.Node, v *types.Var) bool {
	switch n.(type) {
	case *ast.AssignStmt, *ast.ValueSpec:
		return n.Pos() <= v.Pos() && v.Pos() < n.End() && !insideLit(n, v.Pos())
	}
	return false
}

// insideLit reports whether pos is in a function literal below n.
func insideLit(n ast.Node, pos token.Pos) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && contains(lit, pos) {
			found = true
		}
		return !found
	})
	return found
}

// releases tells which variables a run signals somebody with after pos, by
// themselves or by handing them to someone who may.
func releasesAfter(info *types.Info, r *Run, pos token.Pos) map[types.Object]bool {
	out := map[types.Object]bool{}
	for _, o := range r.owns {
		out[o] = true
	}
	collectReleases(info, r, pos, out)
	loops := loopsAround(r.Body(), pos)
	for _, k := range r.Kids { // closures with a name that it calls
		again := slices.ContainsFunc(loops, func(l ast.Node) bool { return contains(l, k.At) })
		if (k.Kind == RunInline && (k.At >= pos || again) || k.Kind == RunDefer) && !contains(r.Body(), k.Fn.Pos()) {
			maps.Copy(out, releasesAfter(info, k, k.Fn.Pos()))
		}
	}
	for param, arg := range r.alias {
		if out[param] && arg != nil {
			out[arg] = true
		}
	}
	return out
}

func collectReleases(info *types.Info, r *Run, pos token.Pos, out map[types.Object]bool) {
	body := r.Body()
	loops := loopsAround(body, pos)
	after := func(p token.Pos) bool {
		if p > pos {
			return true
		}
		for _, l := range loops {
			if contains(l, p) {
				return true
			}
		}
		return false
	}
	skip := map[*ast.Ident]bool{}
	deferred := false
	var visit func(n ast.Node) bool
	// inside visits a call or send that pos is an operand of: it happens after.
	inside := func(n ast.Node) bool {
		if deferred || !contains(n, pos) {
			return false
		}
		deferred = true
		ast.Inspect(n, visit)
		deferred = false
		return true
	}
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			// It may run after pos, wherever it stands.
			was := deferred
			deferred = true
			ast.Inspect(n.Body, visit)
			deferred = was
			return false
		case *ast.DeferStmt:
			was := deferred
			deferred = true
			ast.Inspect(n.Call, visit)
			deferred = was
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				skipRoot(n.X, skip) // a receive signals nothing that is waited for
			}
		case *ast.SendStmt:
			if inside(n) {
				return false
			}
			if !deferred && !after(n.Pos()) {
				skipRoot(n.Chan, skip)
			}
		case *ast.CallExpr:
			if inside(n) {
				return false
			}
			name := calleeName(n)
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && isMethodCall(info, n) {
				switch {
				case name == "Add" || name == "Lock" || name == "RLock" || name == "Wait" || name == "Load":
					if isSyncType(typeOf(info, sel.X)) {
						if !(name == "Add" && isNamedPkg(info.TypeOf(sel.X), "sync/atomic")) || !deferred && !after(n.Pos()) {
							skipRoot(sel.X, skip)
						}
					}
				case !deferred && !after(n.Pos()) && isSyncType(typeOf(info, sel.X)):
					skipRoot(sel.X, skip)
				}
			} else if name == "close" && len(n.Args) == 1 && !deferred && !after(n.Pos()) {
				skipRoot(n.Args[0], skip)
			}
		case *ast.Ident:
			if obj := info.Uses[n]; obj != nil && !skip[n] && (deferred || after(n.Pos())) {
				if _, ok := obj.(*types.Var); ok {
					out[obj] = true
				}
			}
		}
		return true
	}
	ast.Inspect(body, visit)
}

func typeOf(info *types.Info, e ast.Expr) types.Type {
	if t := info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

func isNamedPkg(t types.Type, pkg string) bool {
	if t == nil {
		return false
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}

func skipRoot(e ast.Expr, skip map[*ast.Ident]bool) {
	if id := rootIdent(e); id != nil {
		skip[id] = true
	}
}

// loopsAround gives the loops of a body around a position, outside of literals
// below it.
func loopsAround(body ast.Node, pos token.Pos) []ast.Node {
	var list []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || !contains(n, pos) {
			return false
		}
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			list = append(list, n)
		}
		return true
	})
	return list
}

// receivesAfter tells which variables a run receives from after pos, or when it ends.
func receivesAfter(info *types.Info, r *Run, pos token.Pos) map[types.Object]bool {
	out := map[types.Object]bool{}
	loops := loopsAround(r.Body(), pos)
	var visit func(root ast.Node, deferred bool)
	visit = func(root ast.Node, deferred bool) {
		ast.Inspect(root, func(n ast.Node) bool {
			var from ast.Expr
			switch n := n.(type) {
			case *ast.DeferStmt:
				if !deferred {
					visit(n.Call, true)
					return false
				}
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					from = n.X
				}
			case *ast.RangeStmt:
				if _, ok := typeOf(info, n.X).Underlying().(*types.Chan); ok {
					from = n.X
				}
			}
			if from == nil || !deferred && n.Pos() <= pos && !slices.ContainsFunc(loops, func(l ast.Node) bool { return contains(l, n.Pos()) }) {
				return true
			}
			if id := rootIdent(from); id != nil && info.Uses[id] != nil {
				out[info.Uses[id]] = true
				if a := r.alias[info.Uses[id]]; a != nil {
					out[a] = true
				}
			}
			return true
		})
	}
	visit(r.Body(), false)
	return out
}

// cancels reports whether a body calls, or hands on, a cancel function.
func cancels(info *types.Info, r *Run) bool {
	found := false
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := info.Uses[id].(*types.Var); ok && (isNamed(v.Type(), "context", "CancelFunc") || isNamed(v.Type(), "context", "CancelCauseFunc") || strings.Contains(strings.ToLower(v.Name()), "cancel")) {
				found = true
			}
		}
		return !found
	})
	return found
}
