// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"cmp"
	"go/ast"
	"go/types"
	"io/fs"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// match is a variable that explains both accesses.
type match struct {
	x, y *cand // one of each side
	// subject is the variable to name; its place and expr say how the source
	// reads there.
	subject holder
	// own is true when both statements access the subject's own memory.
	own bool
	// field is true when the subject is a field of an object that the other side
	// hands to a call as a whole.
	field bool
	// whole is true when one side accesses the subject by name and the other
	// through a pointer to it.
	whole bool
	// path is the part of a local or package variable that both touch.
	path  string
	score int
	// hx and hy are the indexes in the chains of x and y, where chains met.
	hx, hy int
}

// matches lists what can explain both accesses, best first, one entry for each
// variable.
func matches(a, b *side) []match {
	var list []match
	for i := range a.cands {
		for j := range b.cands {
			if m, ok := meet(&a.cands[i], &b.cands[j]); ok {
				list = append(list, m)
			}
		}
	}
	slices.SortStableFunc(list, func(x, y match) int { return cmp.Compare(x.score, y.score) })
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(m match) bool {
		if seen[m.subject.key] {
			return true
		}
		seen[m.subject.key] = true
		return false
	})
}

// meet answers whether two candidates can be the same memory.
func meet(x, y *cand) (match, bool) {
	m := match{x: x, y: y, score: x.rank + y.rank}
	if h, path, ok := sameBlock(x, y); ok {
		m.subject, m.path, m.own = h, path, x.Kind == racecheck.TouchOwn && y.Kind == racecheck.TouchOwn
		return m, true
	}
	if x.Kind == racecheck.TouchOwn && y.Kind == racecheck.TouchOwn && !x.Atomic && !y.Atomic {
		return m, false // two variables' own memories, and not the same
	}
	best := false
	for i, hx := range x.chain {
		for j, hy := range y.chain {
			if hx.key != hy.key {
				continue
			}
			if skipOwn(x, i, hy) || skipOwn(y, j, hx) || private(hx, hy) || inOwnObjects(x, y, i, j) {
				continue
			}
			score := 10 + x.rank + y.rank + 2*(i+j)
			if !inTree(hx) {
				score += 20 // what the repository's code calls it says more
			}
			if !best || score < m.score {
				m.whole = x.Kind == racecheck.TouchOwn && i == 0 || y.Kind == racecheck.TouchOwn && j == 0
				m.subject, m.score, m.hx, m.hy, best = hx, score, i, j, true
			}
		}
	}
	// An object handed to a library, of which the other side accesses one field
	// by name: that field is what raced.
	if c := x; best && x.Kind != y.Kind && (x.Kind == racecheck.TouchOwn || y.Kind == racecheck.TouchOwn) {
		if y.Kind == racecheck.TouchOwn {
			c = y
		}
		if c.Var.IsField() {
			m.subject, m.field = ownHolder(c), true
		}
	}
	return m, best
}

// skipOwn: what a statement does to a variable's own memory says nothing about
// memory behind that variable; only where the other side got the variable's
// address is it the same.
func skipOwn(x *cand, i int, other holder) bool {
	return x.Kind == racecheck.TouchOwn && i == 0 && !other.addr
}

// inTree reports whether a variable is declared in the work tree.
func inTree(h holder) bool {
	rel := h.place.Pkg.Rel(h.v.Pos())
	return rel != "" && fs.ValidPath(rel) && h.place.Pkg.InTree(rel)
}

// private reports whether the common variable is one of which each call has its
// own: a parameter, a plain copy, or a local of a function that both goroutines
// run. Its name says nothing about what is shared.
func private(hx, hy holder) bool {
	if !racecheck.IsLocal(hx.v) {
		return false
	}
	captured := racecheck.DeclaredOutside(hx.v, hx.place.Func()) || racecheck.DeclaredOutside(hy.v, hy.place.Func())
	return !captured && (hx.param || hx.plain || !hx.created && !hy.created) && hx.place.Func() == hy.place.Func()
}

// inOwnObjects reports whether the common variable is a field of objects that
// each call made for itself: what they have in common is what was put there.
func inOwnObjects(x, y *cand, i, j int) bool {
	if !x.chain[i].v.IsField() || i+1 >= len(x.chain) || j+1 >= len(y.chain) {
		return false
	}
	nx, ny := x.chain[i+1], y.chain[j+1]
	return nx.key == ny.key && nx.fresh && private(nx, ny)
}

// sameBlock answers whether two touches overlap in one block of memory that both
// reach by name or by type.
func sameBlock(x, y *cand) (holder, string, bool) {
	if x.Kind == racecheck.TouchCall || y.Kind == racecheck.TouchCall {
		return holder{}, "", false
	}
	if x.Kind != racecheck.TouchOwn && y.Kind != racecheck.TouchOwn {
		return holder{}, "", false // by their chains
	}
	if x.Kind != racecheck.TouchOwn {
		x, y = y, x
	}
	if y.Kind == racecheck.TouchPointee || y.Kind == racecheck.TouchElem && len(y.Path) == 0 {
		// A copy of a whole struct: the field is in it when the types agree.
		if x.Base == nil || y.Base == nil || typeName(x.Base) != typeName(y.Base) || len(x.Path) == 0 {
			return holder{}, "", false
		}
		return ownHolder(x), "", true
	}
	if y.Kind != racecheck.TouchOwn {
		return holder{}, "", false
	}
	if h, path, ok := wholeVariable(x, y); ok {
		return h, path, ok
	}
	if h, path, ok := wholeVariable(y, x); ok {
		return h, path, ok
	}
	if !x.Path[0].IsField() || !y.Path[0].IsField() {
		return sameVariable(x, y)
	}
	kx, ky := keys(x), keys(y)
	switch {
	case slices.Contains(kx, ky[len(ky)-1]) && (len(kx) >= len(ky)):
		return ownHolder(y), "", true
	case slices.Contains(ky, kx[len(kx)-1]):
		return ownHolder(x), "", true
	}
	return holder{}, "", false
}

// wholeVariable: y copies or sets a variable that is a struct, x accesses a field
// of such a struct through a pointer. The address is of both, so x got it from the
// variable: a local one must be where x's pointer is seen to come from, and another
// variable must not.
func wholeVariable(x, y *cand) (holder, string, bool) {
	if len(x.Path) == 0 || len(y.Path) != 1 || !x.Path[0].IsField() || y.Path[0].IsField() || x.Base == nil || typeName(x.Base) != typeName(y.Var.Type()) {
		return holder{}, "", false
	}
	own, from := ownHolder(y), !racecheck.IsLocal(y.Var)
	for _, h := range x.chain {
		if h.key == own.key {
			from = true
			break
		}
		if !h.v.IsField() && !h.param && !h.plain {
			from = false
		}
	}
	if !from {
		return holder{}, "", false
	}
	path := ""
	for _, f := range x.Path {
		path += "." + f.Name()
	}
	return own, path, true
}

func keys(c *cand) []string {
	list := make([]string, len(c.Path))
	for i, v := range c.Path {
		list[i] = varKey(c.place.Pkg, v)
	}
	return list
}

// sameVariable compares local and package variables, whose parts are told apart:
// cfg.a and cfg.b do not overlap.
func sameVariable(x, y *cand) (holder, string, bool) {
	v := x.Path[0]
	switch {
	case racecheck.IsLocal(v):
		if v != y.Path[0] || !racecheck.DeclaredOutside(v, x.place.Func()) && !racecheck.DeclaredOutside(v, y.place.Func()) {
			return holder{}, "", false // each call has its own
		}
	case varKey(x.place.Pkg, v) != varKey(y.place.Pkg, y.Path[0]):
		return holder{}, "", false
	}
	short, long := x.Path, y.Path
	if len(short) > len(long) {
		short, long = long, short
	}
	for i, f := range short {
		if f.Name() != long[i].Name() {
			return holder{}, "", false
		}
	}
	path := ""
	for _, f := range long[1:] {
		path += "." + f.Name()
	}
	return holder{v: v, key: varKey(x.place.Pkg, v), expr: x.Expr, place: x.place}, path, true
}

func ownHolder(c *cand) holder {
	return holder{v: c.Var, key: varKey(c.place.Pkg, c.Var), expr: c.Expr, place: c.place}
}

func typeName(t types.Type) string { return types.TypeString(t, nil) }

// definite returns the candidate that a side's statement accesses for certain:
// the only one, or the only one of the best rank.
func definite(s *side) *cand {
	if s == nil || len(s.cands) == 0 {
		return nil
	}
	slices.SortStableFunc(s.cands, func(a, b cand) int { return cmp.Compare(a.rank, b.rank) })
	first := &s.cands[0]
	for i := range s.cands[1:] {
		c := &s.cands[1+i]
		if c.rank > first.rank {
			break
		}
		if c.Var != first.Var || c.Kind != first.Kind {
			return nil
		}
	}
	return first
}

// ownedBy keeps, of a side's candidates, the fields that the other side's
// function can have accessed: it is in no file of the tree, but its symbol names
// its receiver's type and its package.
func ownedBy(s *side, sym source.Symbol) []cand {
	var keep []cand
	for _, c := range s.cands {
		if c.Kind != racecheck.TouchOwn || c.Var == nil || !c.Var.IsField() || c.Var.Pkg() == nil || c.Var.Pkg().Path() != sym.Package {
			continue
		}
		keep = append(keep, c)
	}
	return keep
}

// promotes reports whether the side's line calls a method that a struct gets
// from its embedded field v: the wrapper that the compiler makes reads v and has
// no line.
func promotes(s *side, v *types.Var) bool {
	if s.place == nil || !v.Embedded() {
		return false
	}
	methods := types.NewMethodSet(v.Type())
	if _, isIface := v.Type().Underlying().(*types.Interface); !isIface {
		methods = types.NewMethodSet(types.NewPointer(v.Type()))
	}
	found := false
	s.place.Inspect(func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || s.place.Pkg.Line(call.Pos()) > s.place.Line || s.place.Line > s.place.Pkg.Line(call.End()) {
			return true
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			for m := range methods.Methods() {
				found = found || m.Obj().Name() == sel.Sel.Name
			}
		}
		return true
	})
	return found && s.access.Op == culprit.OpRead
}
