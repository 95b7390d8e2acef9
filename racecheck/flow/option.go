// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// An option is a function that is given what it sets something in. What it leaves in
// its first argument has a path that begins with that.
const ofOption = "(0)"

// applied records what a function that is an option leaves in its argument.
func (k *keeping) applied(at slot, lit *ast.FuncLit, depth int) {
	if lit.Type.Params.NumFields() != 1 || len(lit.Type.Params.List[0].Names) != 1 || depth > maxKeptDeep {
		return
	}
	param := k.info.Defs[lit.Type.Params.List[0].Names[0]]
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
			for i, l := range a.Lhs {
				if obj, path, ok := memory(k.info, l); ok && obj == param && param != nil && keeps(k.info.TypeOf(l)) {
					k.put(at.below(ofOption+path), a.Rhs[i], 0, depth+1)
				}
			}
		}
		return true
	})
}

// loop remembers the variable of a loop over something, such as a list of options.
func (k *keeping) loop(loop *ast.RangeStmt) {
	id, isIdent := loop.Value.(*ast.Ident)
	if !isIdent || !keeps(k.info.TypeOf(id)) || k.info.Defs[id] == nil {
		return
	}
	if over, ok := ast.Unparen(loop.X).(*ast.Ident); ok && k.info.Uses[over] != nil {
		k.list = append(k.list, holding{slot: slot{obj: k.info.Defs[id]}, src: k.info.Uses[over], srcPath: element, typ: k.info.TypeOf(id)})
		if k.options == nil {
			k.options = map[types.Object]types.Object{}
		}
		k.options[k.info.Defs[id]] = k.info.Uses[over]
	}
}

// option records opt(&x) and opt.apply(x): what the options leave in their argument is
// in x.
func (k *keeping) option(call *ast.CallExpr) {
	if k.options == nil || len(call.Args) != 1 {
		return
	}
	fun := ast.Unparen(call.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		fun = ast.Unparen(sel.X)
	}
	id, ok := fun.(*ast.Ident)
	if !ok || k.options[k.info.Uses[id]] == nil {
		return
	}
	e, path := ast.Unparen(call.Args[0]), "*"
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e, path = u.X, ""
	} else if !isPointer(k.info.TypeOf(e)) {
		return
	}
	if obj, p, ok := memory(k.info, e); ok && obj != nil {
		k.list = append(k.list, holding{slot: slot{obj: obj, path: p + path}, src: k.options[k.info.Uses[id]], srcPath: ofOption + "*"})
	}
}
