// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// Lock is a lock that is held: the expression it is called on.
type Lock struct {
	Root types.Object
	Expr string
	// Read is set for a lock that several may hold at once.
	Read bool
}

// heldAt lists the locks that a body holds at pos: those that statements before
// it, in the blocks around it, lock and do not unlock again. A deferred unlock
// happens later.
func heldAt(info *types.Info, facts *FactSet, body *ast.BlockStmt, pos token.Pos) []Lock {
	var held []Lock
	apply := func(list []ast.Stmt) {
		for _, s := range list {
			if s.Pos() > pos || contains(s, pos) {
				return
			}
			held = lockStmt(info, facts, held, s)
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || !contains(n, pos) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			apply(n.List)
		case *ast.CaseClause:
			apply(n.Body)
		case *ast.CommClause:
			apply(n.Body)
		case *ast.IfStmt:
			if n.Init != nil && pos > n.Init.End() {
				held = lockStmt(info, facts, held, n.Init)
			}
		}
		return true
	})
	return held
}

// lockStmt applies one statement to the locks that are held.
func lockStmt(info *types.Info, facts *FactSet, held []Lock, s ast.Stmt) []Lock {
	var call *ast.CallExpr
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, _ = s.X.(*ast.CallExpr)
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			call, _ = s.Rhs[0].(*ast.CallExpr)
		}
	case *ast.IfStmt:
		// if err := x.lock(); err != nil { return err }
		if s.Init != nil {
			return lockStmt(info, facts, held, s.Init)
		}
	case *ast.DeferStmt:
		// defer x.lock()() and defer unlock(mu.Lock()) lock at once.
		if c, ok := s.Call.Fun.(*ast.CallExpr); ok {
			call = c
		}
	}
	if call == nil {
		return held
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		if id, isIdent := ast.Unparen(call.Fun).(*ast.Ident); isIdent && strings.HasPrefix(strings.ToLower(id.Name), "lock") {
			return append(held, Lock{info.Uses[id], id.Name, false})
		}
		return held
	}
	name := strings.ToLower(sel.Sel.Name)
	if !strings.Contains(name, "lock") {
		// A function that locks for its caller, or unlocks.
		switch f := facts.Of(calleeFunc(info, call)); {
		case f.Locks:
			name = "lock"
		case f.Unlocks:
			name = "unlock"
		default:
			return held
		}
	}
	l := Lock{Expr: types.ExprString(sel.X), Read: strings.HasPrefix(name, "rlock") || strings.HasPrefix(name, "runlock")}
	if id := rootIdent(sel.X); id != nil {
		l.Root = info.Uses[id]
	}
	if strings.Contains(name, "unlock") {
		var left []Lock
		for _, h := range held {
			if h.Root != l.Root || h.Expr != l.Expr {
				left = append(left, h)
			}
		}
		return left
	}
	return append(held, l)
}

// heldBy lists the locks around a position of a run, also those that the runs
// around it hold while it runs in place.
func heldBy(info *types.Info, facts *FactSet, r *Run, pos token.Pos) []Lock {
	var held []Lock
	for ; r != nil; r = r.Parent {
		if r.takesLocks(info, facts) {
			held = append(held, heldAt(info, facts, r.Body(), pos)...)
			held = append(held, handedOver(info, r, pos)...)
		}
		if r.Call != nil && r.Kind != RunGo && r.Kind != RunParallel && r.Kind != RunSubtest {
			// withLock(func() { … }), once.Do(func() { … })
			name := calleeName(r.Call)
			if strings.Contains(strings.ToLower(name), "lock") || name == "Do" || name == "Synchronized" {
				held = append(held, Lock{Expr: types.ExprString(r.Call.Fun)})
			}
		}
		if r.locked {
			held = append(held, Lock{Expr: types.ExprString(r.Call.Fun)})
		}
		if r.Kind != RunInline && r.Kind != RunSubtest {
			break
		}
		pos = r.At
	}
	return held
}

// takesLocks reports whether anything in a run's own statements locks or unlocks.
func (r *Run) takesLocks(info *types.Info, facts *FactSet) bool {
	if r.locks != 0 {
		return r.locks == yes
	}
	r.locks = no
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || r.locks == yes {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			if strings.Contains(strings.ToLower(calleeName(call)), "lock") {
				r.locks = yes
			} else if fn := calleeFunc(info, call); fn != nil {
				if f := facts.Of(fn); f.Locks || f.Unlocks {
					r.locks = yes
				}
			}
		}
		return true
	})
	return r.locks == yes
}

// handedOver lists the locks that a function unlocks after pos and does not lock
// before: whoever called or started it holds them for it.
func handedOver(info *types.Info, r *Run, pos token.Pos) []Lock {
	if r.Kind != RunGo && r.Kind != RunRoot {
		return nil
	}
	if r.unlocks == nil {
		r.unlocks = unlocking(info, r)
	}
	var held []Lock
	for _, u := range r.unlocks {
		if u.deferred || u.pos > pos {
			held = append(held, u.Lock)
		}
	}
	return held
}

// unlock is where a lock is given back that the function has not locked before.
type unlock struct {
	Lock
	pos      token.Pos
	deferred bool
}

// unlocking lists what a run gives back without having taken it; not nil.
func unlocking(info *types.Info, r *Run) []unlock {
	list := []unlock{}
	locked := map[string]bool{}
	visitOwn(r, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return
		}
		switch sel.Sel.Name {
		case "Lock", "RLock":
			locked[types.ExprString(sel.X)] = true
		case "Unlock", "RUnlock":
			l := Lock{Expr: types.ExprString(sel.X)}
			if locked[l.Expr] {
				return
			}
			if id := rootIdent(sel.X); id != nil {
				l.Root = info.Uses[id]
			}
			list = append(list, unlock{l, call.Pos(), deferred})
		}
	})
	return list
}

// guarded reports whether the locks around two accesses keep them apart, or may.
func guarded(x, y Use) bool {
	if x.Guard != Plain && (len(y.Held) > 0 || y.Guard != Plain) || y.Guard != Plain && len(x.Held) > 0 || x.Guard == Unknown || y.Guard == Unknown {
		return true
	}
	for _, a := range x.Held {
		for _, b := range y.Held {
			if a.Expr == b.Expr && a.Root == b.Root {
				return !a.Read || !b.Read
			}
		}
	}
	// Two locks of different names may be one.
	return len(x.Held) > 0 && len(y.Held) > 0
}

// overlap reports whether two paths below one variable touch common memory:
// one is a part of the other, and no pointer lies between them.
func overlap(p, q string) bool {
	if len(p) > len(q) {
		p, q = q, p
	}
	rest, ok := strings.CutPrefix(q, p)
	if !ok || strings.Contains(rest, "*") {
		return false
	}
	return rest == "" || p == "" || rest[0] == '.' || rest[0] == '['
}

// maxPath bounds the length of a path, so that a recursive type has an end.
const maxPath = 60

// memory resolves an expression to the memory it names: a variable and the path
// from it. A "*" in the path is a pointer, slice or map that is followed. ok is
// false for what begins with a call or a literal.
func memory(info *types.Info, e ast.Expr) (obj types.Object, path string, ok bool) {
	switch e := e.(type) {
	case *ast.Ident:
		v, isVar := info.Uses[e].(*types.Var)
		if !isVar {
			if v, isVar = info.Defs[e].(*types.Var); !isVar {
				return nil, "", false
			}
		}
		return v, "", true
	case *ast.ParenExpr:
		return memory(info, e.X)
	case *ast.StarExpr:
		obj, path, ok = memory(info, e.X)
		return obj, path + "*", ok
	case *ast.IndexExpr:
		obj, path, ok = memory(info, e.X)
		switch t := typeOf(info, e.X).Underlying().(type) {
		case *types.Map, *types.Slice:
			path += "*"
		case *types.Pointer:
			path += "*"
			_ = t
		case *types.Array:
		default:
			return nil, "", false
		}
		return obj, path + "[" + constantIndex(info, e) + "]", ok
	case *ast.SelectorExpr:
		return field(info, e)
	case *ast.TypeAssertExpr: // the pointer in an interface
		if e.Type != nil && isPointer(info.TypeOf(e.Type)) {
			return memory(info, e.X)
		}
	}
	return nil, "", false
}

// constantIndex gives an index of a slice or array that is a small constant, "" for
// others.
func constantIndex(info *types.Info, e *ast.IndexExpr) string {
	v := info.Types[e.Index].Value
	if _, isMap := typeOf(info, e.X).Underlying().(*types.Map); isMap || v == nil || v.Kind() != constant.Int {
		return ""
	}
	if i, ok := constant.Int64Val(v); ok && i >= 0 && i < 100 {
		return strconv.FormatInt(i, 10)
	}
	return ""
}

// field resolves x.f with the embedded fields and pointers on the way.
func field(info *types.Info, e *ast.SelectorExpr) (types.Object, string, bool) {
	sel := info.Selections[e]
	if sel == nil {
		v, ok := info.Uses[e.Sel].(*types.Var) // pkg.V
		return v, "", ok
	}
	if sel.Kind() != types.FieldVal {
		return nil, "", false
	}
	obj, path, ok := memory(info, e.X)
	if !ok {
		return nil, "", false
	}
	t := sel.Recv()
	for _, i := range sel.Index() {
		if p, isPtr := t.Underlying().(*types.Pointer); isPtr {
			path += "*"
			t = p.Elem()
		}
		st, isStruct := t.Underlying().(*types.Struct)
		if !isStruct {
			return nil, "", false
		}
		f := st.Field(i)
		path += "." + f.Name()
		t = f.Type()
	}
	return obj, path, len(path) < maxPath
}

// contains reports whether pos is inside n.
func contains(n ast.Node, pos token.Pos) bool {
	return n != nil && n.Pos() <= pos && pos < n.End()
}

// isLocal reports whether v is a local variable, parameter or result.
func isLocal(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
}

func isPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// takesTestingT reports whether a literal has one parameter, a *testing.T.
func takesTestingT(info *types.Info, lit *ast.FuncLit) bool {
	p := lit.Type.Params
	return p.NumFields() == 1 && isNamed(info.TypeOf(p.List[0].Type), "testing", "T")
}
