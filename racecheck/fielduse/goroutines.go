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

// Root is a function that the package starts on goroutines of its own.
type Root struct {
	Func *Func
	// Test is set when only tests start it.
	Test bool
	// Reach are the functions of the package that it gets to, itself included.
	Reach map[*Func]bool
	// On are the objects that it is started with: the receiver of the method, what
	// a literal captures, and the receivers of the methods that are called on them.
	On map[*types.Var]bool
}

// Roots lists the functions that the package starts on goroutines, in source order.
func (p *Package) Roots() []*Root {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.roots != nil {
		return p.roots
	}
	byFunc := map[*Func]*Root{}
	add := func(f *Func, test bool) {
		if f == nil {
			return
		}
		if r := byFunc[f]; r != nil {
			r.Test = r.Test && test
			return
		}
		r := &Root{Func: f, Test: test, Reach: map[*Func]bool{}, On: map[*types.Var]bool{}}
		p.reach(f, r.Reach)
		p.objects(r)
		byFunc[f] = r
		p.roots = append(p.roots, r)
	}
	for _, f := range p.Funcs {
		if f.How == HowGo {
			add(f, f.Test)
		}
		f.Own(func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				if callee := p.Callee(g.Call); callee != nil && callee.Obj != nil {
					add(callee, f.Test)
				}
			}
			return true
		})
	}
	return p.roots
}

// reach adds what a function gets to on its own goroutine.
func (p *Package) reach(f *Func, into map[*Func]bool) {
	if into[f] {
		return
	}
	into[f] = true
	f.Own(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if lit := p.byNode[n]; lit != nil && (lit.How == HowInPlace || lit.How == HowDeferred) {
				p.reach(lit, into)
			}
		case *ast.CallExpr:
			if p.calls[n].start {
				return true
			}
			if callee := p.Callee(n); callee != nil && callee.Obj != nil {
				p.reach(callee, into)
			}
		}
		return true
	})
}

// StartsLater reports whether f, or what calls f in the package, starts the
// goroutine only after pos: what stands before it is ordered with the goroutine.
func (p *Package) StartsLater(f *Func, r *Root, pos token.Pos) bool {
	return p.startsAfter(f, r, pos) || f.Obj != nil && len(f.Sites) > 0 && !f.Obj.Exported() && !slices.ContainsFunc(f.Sites, func(s Site) bool {
		return s.In == nil || !p.startsAfter(s.In, r, s.Call.Pos())
	})
}

// startsAfter reports whether a function's own body starts the goroutine after
// pos, itself or by a call, and nowhere before.
func (p *Package) startsAfter(f *Func, r *Root, pos token.Pos) bool {
	before, after := false, false
	f.Own(func(n ast.Node) bool {
		starts := false
		switch n := n.(type) {
		case *ast.FuncLit:
			starts = p.byNode[n] == r.Func
		case *ast.CallExpr:
			callee := p.Callee(n)
			isGo := p.calls[n].start
			starts = callee != nil && (isGo && callee == r.Func || !isGo && callee.Obj != nil && p.gets(callee, r, map[*Func]bool{}))
		}
		if starts {
			before, after = before || n.Pos() < pos, after || n.Pos() > pos
		}
		return true
	})
	return after && !before
}

// gets reports whether a function, or what it calls, starts the goroutine.
func (p *Package) gets(f *Func, r *Root, seen map[*Func]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	found := false
	f.Own(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || p.byNode[n] == r.Func
		case *ast.CallExpr:
			if callee := p.Callee(n); callee != nil {
				isGo := p.calls[n].start
				found = found || isGo && callee == r.Func || !isGo && callee.Obj != nil && p.gets(callee, r, seen)
			}
		}
		return !found
	})
	return found
}

// objects finds the variables for what the goroutine is started with.
func (p *Package) objects(r *Root) {
	if recv := receiverVar(p.Info, r.Func); recv != nil {
		r.On[recv] = true
	}
	if lit, ok := r.Func.Node.(*ast.FuncLit); ok {
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := p.Info.Uses[id].(*types.Var); ok && racecheck.DeclaredOutside(v, lit) && isReference(v.Type()) {
					r.On[v] = true
				}
			}
			return true
		})
	}
	for changed := true; changed; {
		changed = false
		for f := range r.Reach {
			f.Own(func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
				callee := p.Callee(call)
				if !ok || callee == nil || !r.Reach[callee] {
					return true
				}
				id, ok := ast.Unparen(sel.X).(*ast.Ident)
				if v, isVar := p.Info.Uses[id].(*types.Var); ok && isVar && r.On[v] {
					if recv := receiverVar(p.Info, callee); recv != nil && !r.On[recv] {
						r.On[recv], changed = true, true
					}
				}
				return true
			})
		}
	}
}

// receiverVar gives the receiver of a method, nil for none or one without a name.
func receiverVar(info *types.Info, f *Func) *types.Var {
	d, ok := f.Node.(*ast.FuncDecl)
	if !ok || d.Recv == nil || len(d.Recv.List) != 1 || len(d.Recv.List[0].Names) != 1 {
		return nil
	}
	v, _ := info.Defs[d.Recv.List[0].Names[0]].(*types.Var)
	return v
}

// OnReceiver reports whether an access is to a field of its function's receiver.
func (p *Package) OnReceiver(a Access) bool {
	for f := a.Func; f != nil; f = f.Parent {
		if recv := receiverVar(p.Info, f); recv != nil {
			return a.Root == recv
		}
	}
	return false
}

// Spawned reports whether the declaration around an access starts a goroutine before
// it, itself or by what it calls in the package.
func (p *Package) Spawned(a Access) bool {
	found := false
	if a.Decl == nil {
		return true
	}
	ast.Inspect(a.Decl, func(n ast.Node) bool {
		if n == nil || found || n.Pos() > a.Pos {
			return false
		}
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.FuncLit:
			f := p.byNode[n]
			found = f != nil && f.How == HowGo
		case *ast.CallExpr:
			callee := p.Callee(n)
			found = callee != nil && callee.Obj != nil && p.starts(callee, map[*Func]bool{})
		}
		return !found
	})
	return found
}

// Alone reports whether a function is known to run on one goroutine of the package
// only: it is not exported, and all its callers are functions that one goroutine
// gets to.
func (p *Package) Alone(f *Func) bool {
	for f.Obj == nil && f.Parent != nil && (f.How == HowInPlace || f.How == HowDeferred) {
		f = f.Parent
	}
	return f.Obj != nil && !f.Obj.Exported() && !f.Value && slices.ContainsFunc(p.Roots(), func(r *Root) bool {
		return r.Reach[f] && !slices.ContainsFunc(f.product(), func(s Site) bool { return s.Go && r.Func != f || s.In == nil || !s.Go && !r.Reach[s.In] })
	})
}
