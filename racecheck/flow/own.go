// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
)

// Own visits the nodes of each run's own body, those of the functions below it
// left out. Arguments of a go statement are the body's own; the call is not.
func (s *Scope) Own(f func(*Run, ast.Node)) {
	for _, r := range s.Runs {
		visitOwn(r, func(n ast.Node, _ bool) { f(r, n) })
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

// RacingPairs lists the pairs of accesses, to any variables, that race.
func (s *Scope) RacingPairs(uses []Use) []Pair {
	var pairs []Pair
	for i, x := range uses {
		if i >= maxUses {
			break
		}
		for _, y := range uses[i:] {
			if s.Races(x, y) {
				pairs = append(pairs, Pair{x, y})
			}
		}
	}
	return pairs
}
