// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"go/version"
	"slices"
)

// onlyRead reports whether the use hands the map on to a function of the same
// package that looks at it and keeps nothing of it: then a copy serves as well.
func (s *subject) onlyRead(u *use) bool {
	if _, isMap := under(u.pkg.Info.TypeOf(u.expr)).(*types.Map); !isMap {
		return false
	}
	call, ok := at[*ast.CallExpr](u.path, 0)
	if !ok || call.Ellipsis.IsValid() {
		return false
	}
	var callee types.Object
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		callee = u.pkg.Info.Uses[f]
	case *ast.SelectorExpr:
		callee = u.pkg.Info.Uses[f.Sel]
	}
	arg := slices.Index(call.Args, u.expr)
	if callee == nil || arg < 0 {
		return false
	}
	for _, file := range u.pkg.Files {
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || u.pkg.Info.Defs[fn.Name] != callee {
				continue
			}
			var params []*ast.Ident
			for _, f := range fn.Type.Params.List {
				params = append(params, f.Names...)
			}
			return len(params) == len(call.Args) && looksOnly(u.pkg.Info, fn.Body, u.pkg.Info.Defs[params[arg]])
		}
	}
	return false
}

// looksOnly reports whether a body uses a map only to range over it, to index it
// for a value, or to count it.
func looksOnly(info *types.Info, body *ast.BlockStmt, param types.Object) bool {
	all, fine := 0, 0
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == param
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if info.Uses[n] == param {
				all++
			}
		case *ast.RangeStmt:
			if is(n.X) {
				fine++
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "len" && len(n.Args) == 1 && is(n.Args[0]) {
				fine++
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if x, ok := l.(*ast.IndexExpr); ok && is(x.X) {
					all++ // a store: never fine
				}
			}
		case *ast.IncDecStmt:
			if x, ok := n.X.(*ast.IndexExpr); ok && is(x.X) {
				all++
			}
		case *ast.IndexExpr:
			if is(n.X) {
				fine++
			}
		}
		return true
	})
	return param != nil && all == fine
}

// aside is a value that is taken aside: its name, and the lines that take it.
type aside struct {
	name string
	line []string
}

// cloneAside takes a copy of a map aside.
func (s *subject) cloneAside(u *use, names map[string]string) (aside, []edit, string) {
	src := s.src(u, u.expr)
	key := "clone of " + src
	if name := names[key]; name != "" {
		return aside{name: name}, nil, ""
	}
	if v := u.pkg.GoVersion; v != "" && version.Compare("go"+v, "go1.21") < 0 { // without package maps
		t, why := u.spell(u.pkg.Info.TypeOf(u.expr))
		if why != "" {
			return aside{}, nil, why
		}
		name := s.fresh(u, local(s.v.Name())+"Now")
		k, v := s.fresh(u, "key"), s.fresh(u, "value")
		names[key] = name
		return aside{name, []string{fmt.Sprintf("%s := make(%s, len(%s))\nfor %s, %s := range %s {\n%s[%s] = %s\n}", name, t, src, k, v, src, name, k, v)}}, nil, ""
	}
	pkgName, imp, why := addImport(u, "maps")
	if why != "" {
		return aside{}, nil, why
	}
	name := s.fresh(u, local(s.v.Name())+"Now")
	names[key] = name
	return aside{name, []string{fmt.Sprintf("%s := %s.Clone(%s)", name, pkgName, src)}}, imp, ""
}
