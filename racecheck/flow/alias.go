// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// spot is memory that a variable stands for: in ws := &wb.items, *ws is .items of
// wb; in c := s.conn, *c is *.conn* of s.
type spot struct {
	obj     types.Object
	path    string
	address bool
	// calls is set where only the calls of what is in there are followed.
	calls bool
}

// spots finds the local variables of a body that are set once, to a part of another
// local variable that is set once as well, or to the address of one.
func spots(info *types.Info, body *ast.BlockStmt) map[types.Object]spot {
	var names map[types.Object]spot
	var again map[types.Object]bool
	set := func(l, r ast.Expr) {
		id, ok := l.(*ast.Ident)
		if !ok {
			return
		}
		if sp, ok := spotOf(info, r); ok && info.Defs[id] != nil {
			if names == nil {
				names = map[types.Object]spot{}
			}
			names[info.Defs[id]] = sp
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && loop.Tok == token.DEFINE && loop.Value != nil && keeps(info.TypeOf(loop.Value)) {
			if obj, path, ok := memory(info, loop.X); ok && obj != nil {
				if v, ok := obj.(*types.Var); ok && isLocal(v) && refers(info.TypeOf(loop.X)) {
					if names == nil {
						names = map[types.Object]spot{}
					}
					names[info.Defs[loop.Value.(*ast.Ident)]] = spot{obj, path + element, false, !isCode(info.TypeOf(loop.Value))}
				}
			}
		}
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			return true
		}
		if len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				set(l, a.Rhs[i])
			}
		} else if _, ok := ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr); ok {
			set(a.Lhs[0], a.Rhs[0])
		}
		return true
	})
	if names == nil {
		return nil
	}
	// What is set again stands for more than one thing.
	again = map[types.Object]bool{}
	mark := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && info.Uses[id] != nil {
			again[info.Uses[id]] = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				mark(l)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				mark(n.X)
			}
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				mark(n.Key)
				mark(n.Value)
			}
		}
		return true
	})
	for x, sp := range names {
		if again[x] || again[sp.obj] {
			delete(names, x)
		}
	}
	return names
}

// spotOf resolves x.f, &x.f, x.f.(*T) and x.(*T), and x.f[i] where that is a function:
// any of those that are kept there. In a map it is the one of a key.
func spotOf(info *types.Info, e ast.Expr) (spot, bool) {
	e = ast.Unparen(e)
	address, asserted := false, false
	switch x := e.(type) {
	case *ast.CallExpr: // a copy of a list has the same functions in it
		list, ok := copied(info, x)
		if !ok {
			return spot{}, false
		}
		obj, path, ok := memory(info, list)
		if !ok || obj == nil || strings.Contains(path, "[") {
			return spot{}, false
		}
		v, ok := obj.(*types.Var)
		return spot{obj, path, false, true}, ok && isLocal(v)
	case *ast.IndexExpr:
		if _, slice := typeOf(info, x.X).Underlying().(*types.Slice); !slice || !isCode(info.TypeOf(x)) {
			return spot{}, false
		}
		obj, path, ok := memory(info, x.X)
		if !ok || obj == nil || strings.Contains(path, "[") {
			return spot{}, false
		}
		v, ok := obj.(*types.Var)
		return spot{obj, path + element, false, false}, ok && isLocal(v)
	case *ast.UnaryExpr:
		if x.Op != token.AND {
			return spot{}, false
		}
		address, e = true, ast.Unparen(x.X)
	case *ast.TypeAssertExpr:
		if x.Type == nil || !isPointer(info.TypeOf(x.Type)) {
			return spot{}, false
		}
		asserted, e = true, ast.Unparen(x.X)
	default:
		if t := info.TypeOf(e); !refers(t) && !isCode(t) {
			return spot{}, false
		}
	}
	switch e.(type) {
	case *ast.SelectorExpr:
	case *ast.Ident:
		if !asserted && (address || !isCode(info.TypeOf(e))) {
			return spot{}, false
		}
	default:
		if !asserted {
			return spot{}, false
		}
	}
	obj, path, ok := memory(info, e)
	if !ok || obj == nil || strings.Contains(path, "[") {
		return spot{}, false
	}
	v, ok := obj.(*types.Var)
	return spot{obj, path, address, false}, ok && isLocal(v)
}

// copied gives the list that append(nil, list...) or slices.Clone(list) copies.
func copied(info *types.Info, call *ast.CallExpr) (ast.Expr, bool) {
	sl, ok := typeOf(info, call).Underlying().(*types.Slice)
	if !ok || !keeps(sl.Elem()) {
		return nil, false
	}
	if info.Types[call.Fun].IsBuiltin() && calleeName(call) == "append" && len(call.Args) == 2 && call.Ellipsis.IsValid() {
		return call.Args[1], true
	}
	fn := calleeFunc(info, call)
	if fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "slices" && fn.Name() == "Clone" && len(call.Args) == 1 {
		return call.Args[0], true
	}
	return nil, false
}

// isCode reports whether a value of the type is a function, or has methods that are
// not known: an interface.
func isCode(t types.Type) bool {
	if t == nil || isError(t) || isContext(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return true
	case *types.Interface:
		return u.NumMethods() > 0
	}
	return false
}

// refers reports whether copies of a value share memory that is followed.
func refers(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice:
		return true
	}
	return false
}

// want reports whether a variable, or what it stands for, is to be traced.
func (t *tracer) want(obj types.Object) bool {
	for range 4 {
		if t.wanted(obj) {
			return true
		}
		sp, ok := t.names[obj]
		if !ok {
			return false
		}
		obj = sp.obj
	}
	return false
}

// out tells of an effect, on the memory that a variable stands for if it is one of
// those.
func (t *tracer) out(e effect) {
	for range 4 {
		sp, ok := t.names[e.obj]
		if !ok || sp.calls && e.Method == "" || !strings.HasPrefix(e.Path, "*") && (e.Method == "" || sp.address) || len(sp.path)+len(e.Path) >= maxPath {
			break
		}
		if sp.address {
			e.Path = e.Path[1:]
		}
		e.obj, e.Path = sp.obj, sp.path+e.Path
	}
	if t.wanted(e.obj) {
		t.emit(e)
	}
}
