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

// onceOrders reports whether one of two accesses is made by the function of a
// sync.Once, and the other by the same or behind a Do of that: when Do returns, what
// the function has done is done (package sync, "Once.Do").
func (s *Scope) onceOrders(x, y Use) bool {
	return s.behindOnce(x, y) || s.behindOnce(y, x)
}

func (s *Scope) behindOnce(x, y Use) bool {
	once := onceOf(s.info, x.Run)
	if once == nil {
		return false
	}
	if onceOf(s.info, y.Run) == once {
		return true
	}
	chain := y.Run.chain()
	for i, r := range chain {
		if r.hidden() {
			continue
		}
		pos := inner(chain, i, y)
		if slices.ContainsFunc(s.acquires(r), func(o op) bool {
			return o.pos < pos && !o.deferred && slices.Contains(o.roots, once)
		}) || s.does(r, once, pos) {
			return true
		}
	}
	return false
}

// does reports whether a run calls the Do of a once before pos.
func (s *Scope) does(r *Run, once types.Object, pos token.Pos) bool {
	found := false
	visitOwn(r, func(n ast.Node, deferred bool) {
		if call, ok := n.(*ast.CallExpr); ok && !deferred && call.End() <= pos && calleeName(call) == "Do" {
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !ok {
				return
			}
			id := rootIdent(sel.X)
			found = found || id != nil && s.info.Uses[id] == once
		}
	})
	return found
}

// onceOf gives the variable at the root of the sync.Once by which a run, or one that
// it is part of, is started; nil for none. Somebody's own type with Once in its name
// and the same method counts as well.
func onceOf(info *types.Info, r *Run) types.Object {
	for ; r != nil; r = r.Parent {
		if r.Call == nil || calleeName(r.Call) != "Do" {
			continue
		}
		if sel, ok := ast.Unparen(r.Call.Fun).(*ast.SelectorExpr); ok && isOnce(info.TypeOf(sel.X)) {
			if id := rootIdent(sel.X); id != nil {
				return info.Uses[id]
			}
		}
	}
	return nil
}

// isOnce reports whether t is, or points to, sync.Once or a type that is named after it.
func isOnce(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && strings.Contains(strings.ToLower(n.Obj().Name()), "once")
}
