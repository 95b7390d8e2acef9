// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// Own visits the nodes of each run's own body that run where they stand: those of
// the functions below it are left out, and so are deferred calls, which happen
// when all that the body waits for has ended. Arguments of a go statement are the
// body's own; the call is not.
func (s *Scope) Own(f func(*Run, ast.Node)) {
	for _, r := range s.Runs {
		visitOwn(r, func(n ast.Node, deferred bool) {
			if !deferred {
				f(r, n)
			}
		})
	}
}

// Memory gives the local variable of the scope that an expression begins with, and
// the path from it to the memory that the expression names. ok is false for what
// begins with a call, a literal, or a variable of the package.
func (s *Scope) Memory(e ast.Expr) (v *types.Var, path string, ok bool) {
	obj, path, ok := memory(s.info, e)
	if !ok {
		return nil, "", false
	}
	v, ok = obj.(*types.Var)
	return v, path, ok && isLocal(v)
}

// Conflicts lists the pairs of accesses, to any variables, that race and for which
// together holds: A writes, and each place that writes is in one pair only, the
// first that was found.
func (s *Scope) Conflicts(uses []Use, together func(x, y Use) bool) []Pair {
	var pairs []Pair
	add := func(p Pair) {
		if !slices.ContainsFunc(pairs, func(o Pair) bool { return o.A.Pos == p.A.Pos }) {
			pairs = append(pairs, p)
		}
	}
	for i, x := range uses[:min(len(uses), maxUses)] {
		for _, y := range uses[i:] {
			if !together(x, y) || !s.Races(x, y) || (Pair{x, y}).Told() {
				continue
			}
			if x.Write {
				add(Pair{x, y})
			} else {
				add(Pair{y, x})
			}
		}
	}
	return pairs
}

// Any lets every pair of accesses count.
func Any(Use, Use) bool { return true }
