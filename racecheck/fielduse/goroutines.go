// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fielduse

import (
	"go/ast"
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
		f.own(func(n ast.Node) bool {
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
	f.own(func(n ast.Node) bool {
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
