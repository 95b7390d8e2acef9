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

// A call can last until somebody ends it: go func() { n++; srv.Stop() }() and then
// srv.Serve(). The names tell which calls do.

// isEnding reports whether a method of this name ends what others do with its
// receiver.
func isEnding(name string) bool {
	switch name {
	case "Close", "Stop", "Shutdown", "Quit", "Cancel", "Kill", "End", "Finish", "Flush", "Drain", "Terminate", "Disconnect":
		return true
	}
	return false
}

// lasts reports whether a method of this name returns when its receiver is ended.
func lasts(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc([]string{"until", "serve", "run", "loop", "listen"}, func(p string) bool { return strings.Contains(lower, p) })
}

// ended lists the calls in l's body that order what follows with x, which g does
// at pos: those that last until g, after x, ends their receiver, and those that end
// the receiver or an argument of the call for which g reads x.
func (s *Scope) ended(l, g *Run, x Use, pos token.Pos) []op {
	from := done(x, pos)
	ends, uses := map[types.Object]bool{}, map[types.Object]bool{}
	note := func(set map[types.Object]bool, e ast.Expr) {
		if id := rootIdent(e); id != nil {
			if v, ok := s.info.Uses[id].(*types.Var); ok && carries(v.Type()) {
				set[g.Argument(v)] = true
			}
		}
	}
	visitOwn(g, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if isSel && isEnding(sel.Sel.Name) && (deferred || call.Pos() >= from) {
			note(ends, sel.X)
		}
		if !x.Write && contains(call, pos) {
			if isSel {
				note(uses, sel.X)
			}
			for _, a := range call.Args {
				note(uses, a)
			}
		}
	})
	if len(ends)+len(uses) == 0 {
		return nil
	}
	var list []op
	visitOwn(l, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok || deferred {
			return
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return
		}
		if id := rootIdent(sel.X); id != nil && (ends[s.info.Uses[id]] && lasts(sel.Sel.Name) || uses[s.info.Uses[id]] && isEnding(sel.Sel.Name)) {
			list = append(list, op{pos: call.Pos()})
		}
	})
	return list
}

// bubbled reports whether a run is in a bubble of package synctest, where time
// stands still while anybody runs: there a sleep does wait.
func (s *Scope) bubbled(r *Run) bool {
	for ; r != nil; r = r.Parent {
		if r.Call != nil {
			fn := calleeFunc(s.info, r.Call)
			if inBubble(fn) {
				return true
			}
			if d := s.facts.decls[fn]; d != nil && r.Kind != RunGo { // a helper that makes the bubble
				found := false
				ast.Inspect(d, func(n ast.Node) bool {
					call, ok := n.(*ast.CallExpr)
					found = found || ok && inBubble(calleeFunc(s.info, call))
					return !found
				})
				if found {
					return true
				}
			}
		}
	}
	return false
}

func inBubble(fn *types.Func) bool {
	return fn != nil && fn.Pkg() != nil && strings.HasSuffix(fn.Pkg().Path(), "/synctest")
}

// spinsAround reports whether a run waits in a loop for an atomic variable, before
// pos or in a loop around it: for flag.Load() != i { }.
func spinsAround(info *types.Info, r *Run, pos token.Pos) bool {
	loops := loopsAround(r.Body(), pos)
	found := false
	visitOwn(r, func(n ast.Node, _ bool) {
		loop, ok := n.(*ast.ForStmt)
		if !ok || loop.Cond == nil || contains(loop, pos) {
			return
		}
		if loop.Pos() > pos && !slices.ContainsFunc(loops, func(l ast.Node) bool { return contains(l, loop.Pos()) }) {
			return
		}
		ast.Inspect(loop.Cond, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				found = found || slices.ContainsFunc(callAcquire(info, call, false), func(o op) bool { return o.polls })
			}
			return !found
		})
	})
	return found
}

// isVisiting reports whether a function of this name calls its argument once for
// each of something, and keeps it not: sync.Map.Range.
func isVisiting(name string) bool {
	return slices.ContainsFunc([]string{"Range", "Each", "Walk", "Visit", "Iterate"}, func(p string) bool { return strings.HasPrefix(name, p) || strings.HasSuffix(name, p) })
}
