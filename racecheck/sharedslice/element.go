// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sharedslice

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

// kind says which elements of a slice an access is to.
type kind int

const (
	appended kind = iota // the room behind the last one
	atIndex              // one
	whole                // all of them
)

// element is an access to elements of a slice that a variable holds.
type element struct {
	kind kind
	// index is the constant index, "" for another.
	index string
	use   flow.Use
}

// elements lists the accesses of the runs of a function, by position.
func elements(s *flow.Scope) []element {
	var list []element
	info := s.Info()
	add := func(r *flow.Run, k kind, e ast.Expr, pos token.Pos, index string, write bool) {
		e = ast.Unparen(e)
		if t := info.TypeOf(e); t == nil || !isSlice(t) {
			return
		}
		v, path, ok := s.Memory(e)
		if !ok || s.IsLoopVar(v) || strings.Contains(path, "[]") || k == appended && !room(info, s.Decl, v, path) {
			return
		}
		list = append(list, element{k, index, flow.Use{Var: v, Path: path + "*[]", Write: write, Pos: pos, Expr: e, Run: r}})
	}
	s.Own(func(r *flow.Run, n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
					add(r, atIndex, ix.X, ix.Pos(), constant(info, ix.Index), true)
				}
				if i < len(n.Rhs) && len(n.Lhs) == len(n.Rhs) {
					if base, ok := appendsTo(info, l, n.Rhs[i]); ok {
						add(r, appended, base, base.Pos(), "", true)
					}
				}
			}
		case *ast.IncDecStmt:
			if ix, ok := ast.Unparen(n.X).(*ast.IndexExpr); ok {
				add(r, atIndex, ix.X, ix.Pos(), constant(info, ix.Index), true)
			}
		case *ast.RangeStmt:
			if n.Value != nil {
				if id, ok := n.Value.(*ast.Ident); !ok || id.Name != "_" {
					add(r, whole, n.X, n.X.Pos(), "", false)
				}
			}
		case *ast.CallExpr:
			if i, ok := readsAll(info, n); ok {
				add(r, whole, n.Args[i], n.Args[i].Pos(), "", false)
			}
		}
	})
	slices.SortFunc(list, func(a, b element) int { return cmp.Compare(a.use.Pos, b.use.Pos) })
	return list
}

// appendsTo gives the slice that x := append(base, …) leaves as it is; where the
// result is assigned to base itself, the variable races before its elements do.
func appendsTo(info *types.Info, left, right ast.Expr) (ast.Expr, bool) {
	call, ok := ast.Unparen(right).(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return nil, false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return nil, false
	}
	if b, ok := info.Uses[id].(*types.Builtin); !ok || b.Name() != "append" {
		return nil, false
	}
	base := ast.Unparen(call.Args[0])
	return base, types.ExprString(base) != types.ExprString(left)
}

// readsAll gives the argument of which a call reads all elements: what is copied,
// appended, joined or printed.
func readsAll(info *types.Info, call *ast.CallExpr) (arg int, ok bool) {
	if id, isIdent := ast.Unparen(call.Fun).(*ast.Ident); isIdent {
		if b, isBuiltin := info.Uses[id].(*types.Builtin); isBuiltin {
			switch {
			case b.Name() == "copy" && len(call.Args) == 2, b.Name() == "append" && call.Ellipsis.IsValid() && len(call.Args) == 2:
				return 1, true
			}
			return 0, false
		}
	}
	fn, isFunc := typeutil.Callee(info, call).(*types.Func)
	if !isFunc || len(call.Args) == 0 {
		return 0, false
	}
	switch fn.FullName() {
	case "strings.Join", "slices.Clone", "slices.Max", "slices.Min", "slices.Sorted", "bytes.Clone", "bytes.Join":
		return 0, true
	case "fmt.Print", "fmt.Println", "fmt.Sprint", "fmt.Sprintln":
		for i, a := range call.Args {
			if t := info.TypeOf(a); t != nil && isSlice(t) {
				return i, true
			}
		}
	}
	return 0, false
}

// room reports whether a slice may have a capacity above its length: v is made by
// append, by make with a capacity, or by slicing. Nothing is known of fields and
// parameters.
func room(info *types.Info, decl *ast.FuncDecl, v *types.Var, path string) bool {
	if path != "" || !racecheck.IsLocal(v) {
		return false
	}
	found := false
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) && info.ObjectOf(id) == v {
					found = found || roomy(info, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if i < len(n.Values) && info.Defs[id] == v {
					found = found || roomy(info, n.Values[i])
				}
			}
		}
		return !found
	})
	return found
}

func roomy(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		return e.Max == nil && e.High != nil
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok {
			return false
		}
		if _, builtin := info.Uses[id].(*types.Builtin); !builtin {
			return false
		}
		return id.Name == "append" && len(e.Args) > 1 || id.Name == "make" && len(e.Args) == 3
	}
	return false
}

// constant gives the value of a constant index, "" for another expression.
func constant(info *types.Info, e ast.Expr) string {
	if v := info.Types[e].Value; v != nil {
		return v.ExactString()
	}
	return ""
}

func isSlice(t types.Type) bool {
	_, ok := t.Underlying().(*types.Slice)
	return ok
}
