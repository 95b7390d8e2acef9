// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/types"

	"github.com/culprit-ci/culprit/racecheck"
)

// Group are the accesses to one piece of memory of a field or package variable:
// its own, or what the map, slice or pointer in it leads to.
type Group struct {
	Var  *types.Var
	Kind racecheck.TouchKind
	// Name is the variable's name, of a field with its type: "Cache.hits".
	Name     string
	Accesses []Access
}

// Groups lists the accesses of the package's own fields and variables, grouped, by
// first appearance. Objects that are handed to calls are left out.
func (p *Package) Groups() []*Group {
	type key struct {
		v    *types.Var
		kind racecheck.TouchKind
	}
	byKey := map[key]*Group{}
	var list []*Group
	for _, a := range p.Uses {
		if a.Kind == racecheck.TouchCall || a.Kind == racecheck.TouchChan || a.Var.Pkg() == nil {
			continue
		}
		k := key{a.Var.Origin(), a.Kind}
		g := byKey[k]
		if g == nil {
			g = &Group{Var: k.v, Kind: a.Kind, Name: k.v.Name()}
			if owner := ownerName(a.Base); owner != "" && len(a.Path) == 1 {
				g.Name = owner + "." + g.Name
			}
			byKey[k] = g
			list = append(list, g)
		}
		g.Accesses = append(g.Accesses, a)
	}
	return list
}

// ownerName gives the name of a struct type, "" for one without.
func ownerName(t types.Type) string {
	if t == nil {
		return ""
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// IsSync reports whether a type is one of the packages sync and sync/atomic, which
// are made to be shared.
func IsSync(t types.Type) bool {
	n, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	path := n.Obj().Pkg().Path()
	return path == "sync" || path == "sync/atomic"
}

// ToAccess gives an access as an instance of a pattern lists it.
func (a Access) ToAccess() racecheck.Access {
	return racecheck.Access{Var: a.Var, Op: a.Op, Expr: a.Expr, Pos: a.Pos, Stmt: a.Stmt}
}
