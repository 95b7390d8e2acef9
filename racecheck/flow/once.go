// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"slices"
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
		}) {
			return true
		}
	}
	return false
}

// onceOf gives the variable at the root of the sync.Once by which a run, or one that
// it is part of, is started; nil for none.
func onceOf(info *types.Info, r *Run) types.Object {
	for ; r != nil; r = r.Parent {
		if r.Call == nil || calleeName(r.Call) != "Do" {
			continue
		}
		if sel, ok := ast.Unparen(r.Call.Fun).(*ast.SelectorExpr); ok && isNamed(info.TypeOf(sel.X), "sync", "Once") {
			if id := rootIdent(sel.X); id != nil {
				return info.Uses[id]
			}
		}
	}
	return nil
}
