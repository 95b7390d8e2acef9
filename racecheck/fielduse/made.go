// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// object is a local variable with an object that the function made itself.
type object struct {
	made bool
	// shared is where others may first get to know it.
	shared token.Pos
}

// Making reports whether an access is to an object that nobody else can know yet,
// as far as the source shows: it fills in a literal, works on what its function
// made and has not shared so far, or stands in a function that only makers call.
func (p *Package) Making(a Access) bool {
	if a.Init || a.Touch.Decl {
		return true
	}
	if a.Expr == nil {
		return false
	}
	mine, made := p.made(a.Func, a.Expr, a.Pos)
	if mine {
		return made
	}
	for f := a.Func; f != nil; f = f.Parent {
		if f.making {
			return true
		}
		if f.How != HowInPlace && f.How != HowDeferred {
			break
		}
	}
	return false
}

// made reports whether an operand starts from an object that the function made
// itself, and whether others cannot know that before pos.
func (p *Package) made(f *Func, e ast.Expr, pos token.Pos) (mine, alone bool) {
	if e == nil {
		return false, false
	}
	v := rootOf(p.Info, e)
	if v == nil || !racecheck.IsLocal(v) {
		return false, false
	}
	// The function that declares it, unless a goroutine lies between.
	for f != nil && !(racecheck.Contains(f.Node, v.Pos()) && !f.inside(v)) {
		if f.How != HowInPlace && f.How != HowDeferred {
			return false, false
		}
		f = f.Parent
	}
	if f == nil {
		return false, false
	}
	o := p.object(f, v)
	return o.made, o.made && (!o.shared.IsValid() || pos < o.shared)
}

// inside reports whether a literal inside f declares v.
func (f *Func) inside(v *types.Var) bool {
	return slices.ContainsFunc(f.literals, func(lit *ast.FuncLit) bool { return racecheck.Contains(lit, v.Pos()) })
}

// object tells of a local variable of a function whether it holds an object that
// the function made, and from where on it is shared.
func (p *Package) object(f *Func, v *types.Var) *object {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := f.objects[v]; o != nil {
		return o
	}
	if f.objects == nil {
		f.objects = map[*types.Var]*object{}
	}
	o := &object{made: p.copied(f, v)}
	f.objects[v] = o
	ast.Inspect(f.Node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			p.assigned(o, v, n)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if p.Info.Defs[name] == v {
					o.made = len(n.Values) == 0 && !isReference(v.Type()) || i < len(n.Values) && p.makes(n.Values[i])
				}
			}
		case *ast.GoStmt:
			o.share(p.names(n, v), n.Pos())
		case *ast.SendStmt:
			o.share(p.is(n.Value, v), n.Pos())
		case *ast.FuncLit:
			if lit := p.byNode[n]; lit != nil && lit != f && (lit.How == HowGo || lit.How == HowKept) {
				o.share(p.names(n, v), n.Pos())
			}
		case *ast.CallExpr:
			p.called(o, v, n)
		}
		return true
	})
	return o
}

func (o *object) share(really bool, pos token.Pos) {
	if really && (!o.shared.IsValid() || pos < o.shared) {
		o.shared = pos
	}
}

// copied reports whether v is a parameter or receiver that is no reference: the
// function has one of its own.
func (p *Package) copied(f *Func, v *types.Var) bool {
	if isReference(v.Type()) {
		return false
	}
	var t *ast.FuncType
	switch n := f.Node.(type) {
	case *ast.FuncDecl:
		if n.Recv != nil && racecheck.Contains(n.Recv, v.Pos()) {
			return true
		}
		t = n.Type
	case *ast.FuncLit:
		t = n.Type
	}
	return t != nil && racecheck.Contains(t, v.Pos())
}

// assigned notes what v is set to, and whether v is stored where others look.
func (p *Package) assigned(o *object, v *types.Var, n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		id, ok := ast.Unparen(l).(*ast.Ident)
		switch {
		case ok && p.Info.ObjectOf(id) == v && len(n.Lhs) == len(n.Rhs):
			if n.Tok == token.DEFINE && p.Info.Defs[id] == v {
				o.made = p.makes(n.Rhs[i])
			} else if !p.makes(n.Rhs[i]) {
				o.share(isReference(v.Type()), n.Pos())
			}
		case ok && p.Info.Defs[id] == v:
			o.made = len(n.Rhs) == 1 && p.makes(n.Rhs[0])
		case len(n.Lhs) == len(n.Rhs) && p.is(n.Rhs[i], v):
			if to := rootOf(p.Info, l); to != v {
				o.share(to == nil || !ok || !racecheck.IsLocal(to), n.Pos())
			}
		}
	}
}

// called: a function that starts goroutines with v shares it, and one that keeps
// what it is given in something else.
func (p *Package) called(o *object, v *types.Var, call *ast.CallExpr) {
	callee := p.Callee(call)
	given := false
	for _, a := range call.Args {
		given = given || p.is(a, v)
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	given = given || ok && rootOf(p.Info, sel.X) == v
	if given && callee != nil {
		o.share(p.starts(callee, map[*Func]bool{}), call.Pos())
	}
}

// starts reports whether a function of the package, or what it calls there, starts
// a goroutine.
func (p *Package) starts(f *Func, seen map[*Func]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	found := false
	f.Own(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.FuncLit:
			if lit := p.byNode[n]; lit != nil {
				found = found || lit.How == HowGo || lit.How != HowKept && p.starts(lit, seen)
			}
		case *ast.CallExpr:
			if callee := p.Callee(n); callee != nil && callee.Obj != nil {
				found = found || p.starts(callee, seen)
			}
		}
		return !found
	})
	return found
}

// makes reports whether an expression makes a new object.
func (p *Package) makes(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return p.makes(e.X)
		}
	case *ast.StarExpr:
		return true // a copy
	case *ast.CallExpr:
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && p.Info.Types[id].IsBuiltin() {
			return id.Name == "new" || id.Name == "make"
		}
		if p.Info.Types[e.Fun].IsType() {
			return false
		}
		if callee := p.Callee(e); callee != nil && callee.Obj != nil {
			return Makes(callee.Decl) && !p.starts(callee, map[*Func]bool{})
		}
		t := p.Info.TypeOf(e)
		return t != nil && !isReference(t)
	}
	t := p.Info.TypeOf(e)
	return t != nil && !isReference(t) // a copy
}

// is reports whether an expression is the variable itself or its address.
func (p *Package) is(e ast.Expr, v *types.Var) bool {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	id, ok := e.(*ast.Ident)
	return ok && p.Info.Uses[id] == v
}

// names reports whether a node names the variable.
func (p *Package) names(n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && p.Info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// isReference reports whether a value of the type leads to memory that others may
// know too.
func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice, *types.Chan, *types.Interface, *types.Signature, *types.TypeParam:
		return true
	}
	return false
}
