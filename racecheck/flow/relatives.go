// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
)

// A variable that is made of another may wait for it, or signal through it: the
// copy of a channel, a connection over a pipe, the channel that a server hands
// out. Such variables are relatives.

// relatives gives v and the variables that it is made of, or that are made of it.
func (s *Scope) relatives(v types.Object) []types.Object {
	if s.related == nil {
		s.related = map[types.Object][]types.Object{}
		ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						s.relate(l, n.Rhs[i])
					} else {
						s.relate(l, n.Rhs[0])
					}
				}
			case *ast.ValueSpec:
				for i, l := range n.Names {
					if len(n.Names) == len(n.Values) {
						s.relate(l, n.Values[i])
					} else if len(n.Values) == 1 {
						s.relate(l, n.Values[0])
					}
				}
			case *ast.SendStmt: // who receives v has what can be told through it
				s.relate(n.Chan, n.Value)
			case *ast.RangeStmt:
				for _, x := range []ast.Expr{n.Key, n.Value} {
					if x != nil {
						s.relate(x, n.X)
					}
				}
			case *ast.CallExpr: // x.Use(y): y may be part of x from now on
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
					for _, a := range n.Args {
						s.relate(sel.X, a)
					}
				}
			}
			return true
		})
	}
	return append(s.related[v], v)
}

// relate makes the variable at the root of x a relative of those in e.
func (s *Scope) relate(x, e ast.Expr) {
	id := rootIdent(x)
	if id == nil {
		return
	}
	v, ok := s.info.ObjectOf(id).(*types.Var)
	if !ok || !carries(v.Type()) {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			if w, ok := s.info.Uses[n].(*types.Var); ok && w != v && !w.IsField() && carries(w.Type()) {
				s.related[v] = append(s.related[v], w)
				s.related[w] = append(s.related[w], v)
			}
		}
		return true
	})
}

// carries reports whether a value of the type can have anything to wait for in it.
// Tests and contexts are in everything and would relate all to all.
func carries(t types.Type) bool {
	if isTesting(t) || isContext(t) || types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic, *types.Signature:
		return false
	case *types.Slice:
		return !endless(t) && carries(u.Elem())
	}
	return true
}

// endless reports whether a type is a slice of slices of itself, as type T []T is:
// nothing is in it.
func endless(t types.Type) bool {
	seen := map[types.Type]bool{}
	for {
		u, ok := t.Underlying().(*types.Slice)
		if !ok {
			return false
		}
		t = types.Unalias(u.Elem())
		if seen[t] {
			return true
		}
		seen[t] = true
	}
}
