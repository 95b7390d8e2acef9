// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
	"go/token"
	"slices"
)

// Root is a function that the package starts on goroutines of its own.
type Root struct {
	Func *Func
	// Test is set when only tests start it.
	Test bool
	// Reach are the functions of the package that it gets to, itself included.
	Reach map[*Func]bool
}

// Roots lists the functions that the package starts on goroutines, in source order.
func (p *Package) Roots() []*Root {
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
		r := &Root{Func: f, Test: test, Reach: map[*Func]bool{}}
		p.reach(f, r.Reach)
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
			if _, isGo := p.parents[n].(*ast.GoStmt); isGo {
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
			_, isGo := p.parents[n].(*ast.GoStmt)
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
				_, isGo := p.parents[n].(*ast.GoStmt)
				found = found || isGo && callee == r.Func || !isGo && callee.Obj != nil && p.gets(callee, r, seen)
			}
		}
		return !found
	})
	return found
}
