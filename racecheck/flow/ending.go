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
