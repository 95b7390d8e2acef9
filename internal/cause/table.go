// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/types"

	"github.com/culprit-ci/culprit/internal/source"
)

// tableValues evaluates the name expression of a table-driven test: tc.name or
// name, where a range statement binds tc or name to the elements or keys of a
// composite literal of the same package. nil when any value is not constant.
func tableValues(pkg *source.Package, funcs []ast.Node, e ast.Expr) []string {
	field := ""
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		sel, isSel := ast.Unparen(e).(*ast.SelectorExpr)
		if !isSel {
			return nil
		}
		if id, ok = sel.X.(*ast.Ident); !ok {
			return nil
		}
		field = sel.Sel.Name
	}
	obj := pkg.Info.Uses[id]
	if obj == nil {
		return nil
	}
	obj = unalias(pkg, funcs, obj)
	r, isKey := rangeOf(pkg, funcs, obj)
	if r == nil {
		return nil
	}
	lit := compositeOf(pkg, r.X)
	if lit == nil {
		return nil
	}
	return columnValues(pkg, lit, field, isKey)
}

// unalias follows the copy "tc := tc" to the loop variable.
func unalias(pkg *source.Package, funcs []ast.Node, obj types.Object) types.Object {
	for _, fn := range funcs {
		ast.Inspect(fn, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok || len(a.Lhs) != len(a.Rhs) {
				return true
			}
			for i, l := range a.Lhs {
				id, ok := l.(*ast.Ident)
				from, isIdent := a.Rhs[i].(*ast.Ident)
				if ok && isIdent && pkg.Info.Defs[id] == obj && id.Name == from.Name && pkg.Info.Uses[from] != nil {
					obj = pkg.Info.Uses[from]
				}
			}
			return true
		})
	}
	return obj
}

// rangeOf finds the range statement that declares obj, and whether as its key.
func rangeOf(pkg *source.Package, funcs []ast.Node, obj types.Object) (found *ast.RangeStmt, isKey bool) {
	for _, fn := range funcs {
		ast.Inspect(fn, func(n ast.Node) bool {
			r, ok := n.(*ast.RangeStmt)
			if !ok {
				return true
			}
			if k, ok := r.Key.(*ast.Ident); ok && pkg.Info.Defs[k] == obj {
				found, isKey = r, true
			}
			if v, ok := r.Value.(*ast.Ident); ok && pkg.Info.Defs[v] == obj {
				found, isKey = r, false
			}
			return true
		})
	}
	return found, isKey
}

// compositeOf returns the composite literal that a variable is initialised
// with, or the expression itself. A variable assigned again is still taken for
// its literal: the names only narrow what the log lists.
func compositeOf(pkg *source.Package, e ast.Expr) *ast.CompositeLit {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return e
	case *ast.Ident:
		obj := pkg.Info.Uses[e]
		if obj == nil {
			return nil
		}
		return initializer(pkg, obj)
	}
	return nil
}

func initializer(pkg *source.Package, obj types.Object) *ast.CompositeLit {
	file := pkg.File(pkg.Rel(obj.Pos()))
	if file == nil {
		return nil
	}
	var lit *ast.CompositeLit
	bind := func(lhs, rhs ast.Expr) {
		id, ok := lhs.(*ast.Ident)
		if c, isLit := ast.Unparen(rhs).(*ast.CompositeLit); ok && isLit && pkg.Info.Defs[id] == obj {
			lit = c
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) {
					bind(n.Lhs[i], n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i := range n.Names {
				if len(n.Names) == len(n.Values) {
					bind(n.Names[i], n.Values[i])
				}
			}
		}
		return lit == nil
	})
	return lit
}

// columnValues collects the constant strings of one field (or of the keys, or
// of the elements themselves when field is "").
func columnValues(pkg *source.Package, table *ast.CompositeLit, field string, keys bool) []string {
	var values []string
	for _, el := range table.Elts {
		value := el
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if value = kv.Value; keys {
				value = kv.Key
			}
		} else if keys {
			return nil
		}
		if field != "" {
			value = fieldValue(pkg, value, field)
		}
		s, ok := "", false
		if value != nil {
			s, ok = constantString(pkg, value)
		}
		if !ok {
			return nil
		}
		values = append(values, s)
	}
	return values
}

// fieldValue returns the expression of a field in a struct literal.
func fieldValue(pkg *source.Package, e ast.Expr, field string) ast.Expr {
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	for i, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if k, ok := kv.Key.(*ast.Ident); ok && k.Name == field {
				return kv.Value
			}
			continue
		}
		if st, ok := structOf(pkg, lit); ok && i < st.NumFields() && st.Field(i).Name() == field {
			return el
		}
	}
	return nil
}

func structOf(pkg *source.Package, lit *ast.CompositeLit) (*types.Struct, bool) {
	t := pkg.Info.TypeOf(lit)
	if t == nil {
		return nil, false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}
