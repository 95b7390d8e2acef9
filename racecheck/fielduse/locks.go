// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// Key is a lock that is held: the field or variable that is the mutex.
type Key struct {
	// Var is nil when the source does not show which.
	Var *types.Var
	// Read is set for RLock.
	Read bool
}

// entry is what holds whenever a function begins.
type entry struct {
	// top is set as long as nothing limits it: a function without callers.
	top   bool
	locks []Key
}

// Locks lists the locks held at a place of f: those that its body took, those of
// the function around a literal that runs in place, and those that every caller in
// the package holds. unknown is true when there may be others: a helper took one,
// or the function is told to be called under one.
func (p *Package) Locks(f *Func, pos token.Pos) (held []Key, unknown bool) {
	for f != nil {
		for _, k := range racecheck.LocksHeld(p.Info, f.Node, pos) {
			held = append(held, Key{LockVar(p.Info, k.Expr), k.Read})
		}
		unknown = unknown || f.handed || f.Helped(pos)
		switch f.How {
		case HowInPlace, HowDeferred:
			if f.Parent == nil {
				return held, unknown
			}
			pos = f.At
			unknown = unknown || p.locksFor(f)
			if f.How == HowDeferred {
				pos = f.Parent.Node.End() - 1
				unknown = unknown || f.Parent.locksAtEnd()
			}
			f = f.Parent
			continue
		case HowRoot:
			held = append(held, f.entry.locks...)
			unknown = unknown || f.entry.top || LeavesLocking(f.Decl)
		}
		return held, unknown
	}
	return held, unknown
}

// Helped reports whether a body has called a helper before pos that may take locks
// for it.
func (f *Func) Helped(pos token.Pos) bool {
	return slices.ContainsFunc(f.murky, func(m token.Pos) bool { return m < pos })
}

// locksFor reports whether the call that a literal is handed to may hold something
// while it runs: once.Do, withLock, a function of the package that takes a lock.
func (p *Package) locksFor(f *Func) bool {
	call := f.call
	if call == nil || ast.Unparen(call.Fun) == f.Node {
		return false
	}
	if callee := p.Callee(call); callee != nil && p.takesAny(callee, map[*Func]bool{}) {
		return true
	}
	id := calleeIdent(call)
	return id != nil && (id.Name == "Do" || id.Name == "OnceFunc" || strings.HasPrefix(id.Name, "OnceValue") || strings.Contains(strings.ToLower(id.Name), "lock"))
}

// locksAtEnd reports whether a function defers an unlock: what it defers later
// runs before that.
func (f *Func) locksAtEnd() bool {
	found := false
	f.Own(func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			if sel, ok := d.Call.Fun.(*ast.SelectorExpr); ok && strings.HasSuffix(sel.Sel.Name, "Unlock") {
				found = true
			}
		}
		return true
	})
	return found
}

// LockVar gives the field or variable that is the mutex which a call of Lock on e
// takes, the embedded field for a struct that embeds one.
func LockVar(info *types.Info, e ast.Expr) *types.Var {
	t := info.TypeOf(e)
	if t == nil {
		return racecheck.VarOf(info, e)
	}
	var pkg *types.Package
	if n, ok := types.Unalias(deref(t)).(*types.Named); ok {
		pkg = n.Obj().Pkg()
	}
	_, index, _ := types.LookupFieldOrMethod(t, true, pkg, "Lock")
	v := racecheck.VarOf(info, e)
	for i, at := range index {
		st, ok := deref(t).Underlying().(*types.Struct)
		if i == len(index)-1 || !ok {
			break
		}
		v = st.Field(at)
		t = v.Type()
	}
	if v == nil {
		return nil
	}
	return v.Origin()
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// bodies notes in which ways a body takes and gives locks that are not followed.
func (p *Package) bodies(f *Func) {
	taken, given := map[string]bool{}, map[string]bool{}
	defer func() {
		for x := range taken {
			f.leaves = f.leaves || !given[x]
		}
	}()
	for _, call := range f.calls {
		name := ""
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.SelectorExpr:
			name = fun.Sel.Name
			switch name {
			case "Lock", "RLock":
				taken[types.ExprString(fun.X)] = true
				continue
			case "Unlock", "RUnlock":
				x := types.ExprString(fun.X)
				given[x] = true
				f.handed = f.handed || !taken[x]
				continue
			}
		case *ast.Ident:
			name = fun.Name
		}
		if locksByName(name) {
			f.murky = append(f.murky, call.Pos())
		}
	}
}

// locksByName reports whether a function is a helper that takes a lock, by its
// name: lockAll, TryLock, withLock.
func locksByName(name string) bool {
	l := strings.ToLower(name)
	if strings.HasPrefix(l, "unlock") || strings.HasSuffix(l, "block") || strings.HasSuffix(l, "clock") {
		return false
	}
	return strings.HasPrefix(l, "lock") || strings.HasPrefix(l, "rlock") || strings.HasPrefix(l, "trylock") || strings.HasSuffix(l, "lock") || strings.HasPrefix(l, "withlock")
}

// settle finds what every caller of an unexported function holds, and which
// functions only objects see that are being made.
func (p *Package) settle() {
	for _, f := range p.Funcs {
		for _, call := range f.calls {
			// A helper that locks for its caller, or unlocks, under any name.
			if c := p.Callee(call); c != nil && c.Obj != nil && (c.handed || c.leaves) {
				f.murky = append(f.murky, call.Pos())
			}
		}
	}
	for _, f := range p.Funcs {
		if f.Obj == nil {
			continue
		}
		f.internal = f.isInternal(p.interfaces)
		f.making = Makes(f.Decl) || f.internal
		f.entry.top = f.internal
	}
	for changed := true; changed; {
		changed = false
		for _, f := range p.Funcs {
			if f.Obj == nil || !f.internal {
				continue
			}
			if f.making && !Makes(f.Decl) && !p.onlyMade(f) {
				f.making, changed = false, true
			}
			if e := p.meet(f); e.top != f.entry.top || len(e.locks) != len(f.entry.locks) {
				f.entry, changed = e, true
			}
		}
	}
}

// isInternal reports whether all calls of a function are known: it is not exported,
// called in the package, no value, and no method of an interface of the package.
func (f *Func) isInternal(interfaces []*types.Interface) bool {
	if f.Obj.Exported() || f.Value || len(f.Sites) == 0 || f.Obj.Name() == "init" || f.Obj.Name() == "main" {
		return false
	}
	recv := f.Obj.Signature().Recv()
	return recv == nil || !slices.ContainsFunc(interfaces, func(i *types.Interface) bool {
		for m := range i.Methods() {
			if m.Name() == f.Obj.Name() {
				return types.Implements(recv.Type(), i)
			}
		}
		return false
	})
}

// product lists the calls of a function outside of tests, or all when only tests
// call it: a test often has the object to itself.
func (f *Func) product() []Site {
	var list []Site
	for _, s := range f.Sites {
		if s.In != nil && !s.In.Test {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return f.Sites
	}
	return list
}

// meet gives the locks that all calls of f are made under. Calls on an object that
// is being made need none.
func (p *Package) meet(f *Func) entry {
	e := entry{top: true}
	for _, s := range f.product() {
		if s.Go || s.In == nil {
			return entry{}
		}
		if _, alone := p.made(s.In, receiver(s.Call), s.Call.Pos()); alone {
			continue
		}
		held, unknown := p.Locks(s.In, s.Call.Pos())
		if unknown && len(held) == 0 {
			continue // under a lock that is not known, or from nowhere
		}
		if e.top {
			e = entry{locks: slices.Clone(held)}
			continue
		}
		e.locks = slices.DeleteFunc(e.locks, func(k Key) bool { return !slices.Contains(held, k) })
	}
	return e
}

// receiver gives the operand that a method is called on, the first argument of a
// function.
func receiver(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	if len(call.Args) > 0 {
		return call.Args[0]
	}
	return nil
}

// onlyMade reports whether a function sees only objects that are being made.
func (p *Package) onlyMade(f *Func) bool {
	for _, s := range f.product() {
		if s.Go || s.In == nil {
			return false
		}
		by := s.In
		for by.How == HowInPlace && by.Parent != nil {
			by = by.Parent
		}
		if mine, alone := p.made(s.In, receiver(s.Call), s.Call.Pos()); !alone && (mine || !by.making) {
			return false
		}
	}
	return true
}

// Guarded reports whether two accesses are kept apart by a lock that both hold, or
// may be by one that is not known.
func (p *Package) Guarded(a, b Access) bool {
	ka, ua := p.Locks(a.Func, a.Pos)
	kb, ub := p.Locks(b.Func, b.Pos)
	if ua && (ub || len(kb) > 0) || ub && len(ka) > 0 {
		return true
	}
	for _, x := range ka {
		for _, y := range kb {
			if (x.Var == nil || y.Var == nil || x.Var == y.Var) && !(x.Read && y.Read) {
				return true
			}
		}
	}
	return false
}

// Kept reports whether the declaration around a place is kept as a value, so that
// anybody may call it, under any lock.
func (f *Func) Kept() bool {
	for f.Parent != nil && f.How != HowRoot {
		f = f.Parent
	}
	return f.Value
}

// Takes reports whether a function of the package takes the lock, itself or in
// what it calls; where that is not known, that it does.
func (p *Package) Takes(f *Func, lock *types.Var) bool {
	return p.takes(f, lock, map[*Func]bool{})
}

func (p *Package) takes(f *Func, lock *types.Var, seen map[*Func]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	found := false
	ast.Inspect(f.Node, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if sel.Sel.Name == "Lock" || sel.Sel.Name == "RLock" {
				v := LockVar(p.Info, sel.X)
				found = found || v == nil || v == lock
			}
			if s := p.Info.Selections[sel]; s != nil && types.IsInterface(s.Recv()) {
				found = true // it may be one of this package
			}
		}
		if callee := p.Callee(call); callee != nil {
			found = found || p.takes(callee, lock, seen)
		} else if _, isVar := p.Info.Uses[calleeIdent(call)].(*types.Var); isVar {
			found = true
		}
		return !found
	})
	return found
}

// takesAny reports whether a function of the package takes any lock, itself or in
// what it calls.
func (p *Package) takesAny(f *Func, seen map[*Func]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	found := false
	ast.Inspect(f.Node, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			id, callee := calleeIdent(call), p.Callee(call)
			found = found || id != nil && (id.Name == "Lock" || id.Name == "RLock") || callee != nil && p.takesAny(callee, seen)
		}
		return !found
	})
	return found
}

func calleeIdent(call *ast.CallExpr) *ast.Ident {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		return fun.Sel
	}
	return nil
}
