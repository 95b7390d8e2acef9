// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"go/ast"
	"go/types"

	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// fromLiteral continues a trace of v.field at the value that the field got where
// v was made: in a composite literal, or by a constructor of the tree that puts
// its parameter there.
func (t *tracer) fromLiteral(ctx context.Context, frame int, place *source.Place, fn ast.Node, v, field *types.Var) {
	for _, made := range assigned(place.Pkg.Info, fn, v) {
		switch e := made.(type) {
		case *ast.CompositeLit:
			if value := keyed(place.Pkg.Info, e, field); value != nil {
				t.expr(ctx, frame, place, value)
				return
			}
		case *ast.CallExpr:
			if arg := t.constructed(ctx, place, e, field); arg != nil {
				t.expr(ctx, frame, place, arg)
				return
			}
		}
	}
}

// assigned lists what is assigned to v in a function, without & and parentheses.
func assigned(info *types.Info, fn ast.Node, v *types.Var) []ast.Expr {
	var list []ast.Expr
	bind := func(l, r ast.Expr) {
		id, ok := ast.Unparen(l).(*ast.Ident)
		if !ok || info.ObjectOf(id) != v {
			return
		}
		r = ast.Unparen(r)
		if u, ok := r.(*ast.UnaryExpr); ok {
			r = ast.Unparen(u.X)
		}
		list = append(list, r)
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				switch {
				case len(n.Lhs) == len(n.Rhs):
					bind(l, n.Rhs[i])
				case i == 0 && len(n.Rhs) == 1:
					bind(l, n.Rhs[0]) // x, err := New(…)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if i < len(n.Values) {
					bind(name, n.Values[i])
				}
			}
		}
		return true
	})
	return list
}

// keyed returns the value that a struct literal gives a field.
func keyed(info *types.Info, lit *ast.CompositeLit, field *types.Var) ast.Expr {
	st, ok := orInvalid(info.TypeOf(lit)).Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == field.Name() && holds(st, field) {
				return kv.Value
			}
			continue
		}
		if i < st.NumFields() && st.Field(i).Pos() == field.Pos() {
			return el
		}
	}
	return nil
}

// constructed returns the argument that a constructor puts into the field.
func (t *tracer) constructed(ctx context.Context, place *source.Place, call *ast.CallExpr, field *types.Var) ast.Expr {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	fn, ok := place.Pkg.Info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return nil
	}
	body := t.r.declared(ctx, place, fn)
	if body == nil {
		return nil
	}
	info := body.Pkg.Info
	var arg ast.Expr
	put := func(value ast.Expr) {
		v := racecheck.VarOf(info, value)
		if v == nil {
			return
		}
		if i, ok := paramIndex(info, body.Func(), v); ok && i >= 0 && i < len(call.Args) {
			arg = call.Args[i]
		}
	}
	body.Inspect(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			st, ok := orInvalid(info.TypeOf(n)).Underlying().(*types.Struct)
			if !ok {
				return true
			}
			for f := range st.Fields() {
				if varKey(body.Pkg, f) == varKey(place.Pkg, field) {
					if value := keyed(info, n, f); value != nil {
						put(value)
					}
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if f := racecheck.VarOf(info, l); f != nil && f.IsField() && len(n.Lhs) == len(n.Rhs) && varKey(body.Pkg, f) == varKey(place.Pkg, field) {
					put(n.Rhs[i])
				}
			}
		}
		return true
	})
	return arg
}
