// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
)

// Sync is an operation in the source that can order accesses.
type Sync struct {
	Pos token.Pos
	// What describes it for a reader: "mu.Lock", "channel receive".
	What string
}

// syncMethods are names of methods that order accesses in the standard library
// and in what is modelled after it. The name alone decides: to take an
// unrelated Lock for a lock hides an instance, which is the safe error here.
var syncMethods = map[string]bool{
	"Lock": true, "RLock": true, "TryLock": true, "Wait": true,
	"Acquire": true, "Load": true, "CompareAndSwap": true,
}

// SyncBefore returns the last operation inside fn's own body, before pos, that
// can order an access at pos with accesses elsewhere: a lock, a channel
// operation, a Wait. ok is false when there is none.
func SyncBefore(fn ast.Node, pos token.Pos) (last Sync, ok bool) {
	for _, s := range syncs(fn) {
		if s.Pos < pos {
			last, ok = s, true
		}
	}
	return last, ok
}

// SyncBetween reports whether an operation that can order accesses stands
// between two positions of fn's own body.
func SyncBetween(fn ast.Node, from, to token.Pos) bool {
	for _, s := range syncs(fn) {
		if from < s.Pos && s.Pos < to {
			return true
		}
	}
	return false
}

func syncs(fn ast.Node) []Sync {
	var list []Sync
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == fn
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && syncMethods[sel.Sel.Name] {
				list = append(list, Sync{n.Pos(), selectorText(sel)})
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				list = append(list, Sync{n.Pos(), "channel receive"})
			}
		case *ast.SendStmt:
			list = append(list, Sync{n.Pos(), "channel send"})
		case *ast.SelectStmt:
			list = append(list, Sync{n.Pos(), "select"})
		}
		return true
	})
	return list
}

func selectorText(sel *ast.SelectorExpr) string {
	switch x := sel.X.(type) {
	case *ast.Ident:
		return x.Name + "." + sel.Sel.Name
	case *ast.SelectorExpr:
		return selectorText(x) + "." + sel.Sel.Name
	}
	return sel.Sel.Name
}
