// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// prepare finds the locals that are returned and those made of parameters.
func (s *summary) prepare() {
	s.names = spots(s.set.info, s.decl.Body)
	ast.Inspect(s.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for i, e := range n.Results {
				if id, ok := ast.Unparen(e).(*ast.Ident); ok && i < len(s.out.Results) {
					if v, ok := s.set.info.Uses[id].(*types.Var); ok && s.param[v] == nil && isLocal(v) {
						s.local[v] = append(s.local[v], i)
					}
				}
				if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
					s.passOn(call, i, len(n.Results))
				}
				if i < len(s.out.Results) {
					s.composite(nil, i, e)
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && i < len(n.Rhs) && n.Tok == token.DEFINE {
					s.composite(s.set.info.Defs[id], -1, n.Rhs[i])
				}
			}
		}
		return true
	})
}

// passOn copies the facts of the results of a call that is returned.
func (s *summary) passOn(call *ast.CallExpr, i, n int) {
	fn := calleeFunc(s.set.info, call)
	if fn == nil {
		return
	}
	f := s.set.Of(fn)
	if n > 1 {
		for _, e := range f.Result(0).all() {
			s.out.Results[i].add(e)
		}
		return
	}
	for j := range s.out.Results {
		for _, e := range f.Result(j).all() {
			s.out.Results[j].add(e)
		}
	}
}

// composite records x := &T{f: y}, or that it is a result.
func (s *summary) composite(x types.Object, result int, e ast.Expr) {
	prefix := ""
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		prefix, e = "*", u.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || x == nil && result < 0 {
		return
	}
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		path := prefix + "." + key.Name
		switch val := ast.Unparen(kv.Value).(type) {
		case *ast.Ident:
			obj := s.set.info.Uses[val]
			if v, ok := obj.(*types.Var); s.param[obj] != nil && x != nil {
				s.alias = append(s.alias, alias{x, path, obj})
			} else if ok && isLocal(v) && s.param[obj] == nil {
				s.parts = append(s.parts, part{x, result, path, obj})
			}
		case *ast.CallExpr:
			if fn := calleeFunc(s.set.info, val); fn != nil {
				s.made = append(s.made, made{part{x, result, path, nil}, fn})
			}
		}
	}
}

// part says that a local variable is a field of another one, or of a result: a
// goroutine that uses the one uses the other.
type part struct {
	whole  types.Object // nil for a result
	result int
	path   string
	obj    types.Object
}

// made says that a part is what a function returns.
type made struct {
	part part
	by   *types.Func
}

// keepMade adds what goroutines that made a part do with it.
func (s *summary) keepMade() {
	for _, m := range s.made {
		for _, e := range s.set.Of(m.by).Result(0).all() {
			s.keepIn(m.part, e)
		}
	}
}

func (s *summary) isPart(o types.Object) bool {
	return slices.ContainsFunc(s.parts, func(p part) bool { return p.obj == o })
}

// keepPart adds what a goroutine does with a part to the results it is part of.
func (s *summary) keepPart(e effect) {
	for _, p := range s.parts {
		if p.obj == e.obj {
			s.keepIn(p, e.switched())
		}
	}
}

func (s *summary) keepIn(p part, e Effect) {
	if !e.Async || !strings.HasPrefix(e.Path, "*") || len(p.path)+len(e.Path) >= maxPath {
		return
	}
	results := s.local[p.whole]
	if p.whole == nil {
		results = []int{p.result}
	}
	e.Path = p.path + e.Path
	for _, i := range results {
		s.out.Results[i].add(e)
	}
}
