// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
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
			byKey[k] = g
			list = append(list, g)
		}
		if owner := ownerName(a.Owner()); owner != "" && g.Name == g.Var.Name() {
			g.Name = owner + "." + g.Name
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

// MadeForSharing reports whether a struct has a field of package sync or
// sync/atomic: several goroutines are meant to have the same object.
func MadeForSharing(t types.Type) bool {
	if t == nil {
		return false
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if IsSync(f.Type()) {
			return true
		}
	}
	return false
}

// Beside reports whether a lock is a field of the struct that the accessed field is
// in, or of one around it.
func (a Access) Beside(lock *types.Var) bool {
	for _, t := range a.owners {
		st, ok := deref(t).Underlying().(*types.Struct)
		for i := 0; ok && i < st.NumFields(); i++ {
			if st.Field(i).Origin() == lock {
				return true
			}
			if in, isStruct := deref(st.Field(i).Type()).Underlying().(*types.Struct); isStruct && st.Field(i).Embedded() {
				for f := range in.Fields() {
					if f.Origin() == lock {
						return true
					}
				}
			}
		}
	}
	return false
}

// Owner gives the struct type that the accessed field is declared in, nil when the
// operand does not show it.
func (a Access) Owner() types.Type {
	if len(a.owners) == 0 {
		return nil
	}
	return a.owners[len(a.owners)-1]
}

// SameHolder reports whether two accesses of a field reach it from the same type: an
// embedded struct is often shared in one of the types that embed it, and not in
// another.
func (a Access) SameHolder(b Access) bool {
	if len(a.owners) == 0 || len(b.owners) == 0 {
		return true
	}
	return types.Identical(a.owners[0], b.owners[0])
}

// owners lists the struct types through which an operand reaches the field v, from
// the one that is selected from to the one that declares it.
func owners(info *types.Info, e ast.Expr, v *types.Var) []types.Type {
	for e != nil {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			sel := info.Selections[x]
			if sel == nil || sel.Kind() == types.FieldVal && sel.Obj() != v {
				e = x.X
				continue
			}
			return along(sel)
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		default:
			return nil
		}
	}
	return nil
}

// along gives the types of a selection's way through embedded fields.
func along(sel *types.Selection) []types.Type {
	t := deref(sel.Recv())
	list := []types.Type{t}
	index := sel.Index()
	for _, i := range index[:len(index)-1] {
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			break
		}
		t = deref(st.Field(i).Type())
		list = append(list, t)
	}
	return list
}
