// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/culprit-ci/culprit"
)

// Twin is a variable that is used as another one is, in code that was copied: it
// has the same name and type, the same statement writes it in a function literal
// of the same type that captured it and is handed to the same place, and code
// outside of that literal uses it.
type Twin struct {
	Var *types.Var
	// Write is the statement in the literal, and Pos where it makes the access.
	Write ast.Stmt
	Pos   token.Pos
}

// Twins lists the twins of a captured local variable in a file or function, in
// source order. A twin is left out when the block that declares it does not wait
// and lock by the same operations in the same order: what is missing here may be
// there.
func Twins(fset *token.FileSet, info *types.Info, root ast.Node, v *types.Var) []Twin {
	if !IsLocal(v) || v.Name() == "_" {
		return nil
	}
	type writes struct {
		lit  *ast.FuncLit
		v    *types.Var
		stmt ast.Stmt
		pos  token.Pos
		text string
	}
	var own, others []writes
	ast.Inspect(root, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if !ok {
			return true
		}
		for _, t := range Touches(info, lit) {
			if t.Kind != TouchOwn || t.Op != culprit.OpWrite || t.Decl || t.Stmt == nil || t.Var.Name() != v.Name() ||
				!DeclaredOutside(t.Var, lit) || !types.Identical(t.Var.Type(), v.Type()) {
				continue
			}
			w := writes{lit, t.Var, t.Stmt, t.Pos, sourceOf(fset, t.Stmt)}
			if t.Var == v {
				own = append(own, w)
			} else {
				others = append(others, w)
			}
		}
		return true
	})
	if len(own) == 0 {
		return nil
	}
	order := syncOps(info, declaringBlock(root, v.Pos()))
	var list []Twin
	for _, o := range others {
		same := slices.ContainsFunc(own, func(w writes) bool {
			return w.text != "" && w.text == o.text && types.Identical(info.TypeOf(w.lit), info.TypeOf(o.lit)) &&
				slices.Equal(handed(info, root, w.lit), handed(info, root, o.lit))
		})
		if !same || slices.ContainsFunc(list, func(t Twin) bool { return t.Var == o.v }) || !usedOutside(info, root, o.v, o.lit) {
			continue
		}
		if slices.Equal(order, syncOps(info, declaringBlock(root, o.v.Pos()))) {
			list = append(list, Twin{o.v, o.stmt, o.pos})
		}
	}
	return list
}

// sourceOf prints a statement, "" when it is long: what is copied is short.
func sourceOf(fset *token.FileSet, s ast.Stmt) string {
	if s.End()-s.Pos() > 400 {
		return ""
	}
	var b strings.Builder
	if err := printer.Fprint(&b, fset, s); err != nil {
		return ""
	}
	return b.String()
}

// handed says where an expression goes: what is called with it, in which way, or
// which field it fills in; for a literal with a name where all uses of that go.
func handed(info *types.Info, root ast.Node, e ast.Expr) []string {
	var around []ast.Node // the path to e
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || len(around) > 0 && around[len(around)-1] == ast.Node(e) || !Contains(n, e.Pos()) {
			return false
		}
		around = append(around, n)
		return true
	})
	for len(around) > 0 && around[len(around)-1] != ast.Node(e) {
		around = around[:len(around)-1]
	}
	up := func(i int) ast.Node {
		if i < len(around) {
			return around[len(around)-1-i]
		}
		return nil
	}
	_, literal := e.(*ast.FuncLit) // a name is followed once: f = f has no end
	switch p := up(1).(type) {
	case *ast.CallExpr:
		how := fmt.Sprintf("%T", up(2)) // a go statement, a deferred one, or another
		if p.Fun == e {
			return []string{how + " calls it"}
		}
		callee := types.ExprString(p.Fun)
		if fn, ok := typeutil.Callee(info, p).(*types.Func); ok {
			callee = fn.FullName()
		}
		return []string{fmt.Sprintf("%s calls %s, argument %d", how, callee, slices.Index(p.Args, e))}
	case *ast.KeyValueExpr:
		if lit, ok := up(2).(*ast.CompositeLit); ok && p.Value == e {
			return []string{"field " + types.ExprString(p.Key) + " of " + types.TypeString(info.TypeOf(lit), nil)}
		}
	case *ast.AssignStmt:
		i := slices.Index(p.Rhs, e)
		if i < 0 || len(p.Lhs) != len(p.Rhs) {
			break
		}
		if id, ok := p.Lhs[i].(*ast.Ident); ok && literal {
			return handedByName(info, root, info.ObjectOf(id))
		}
		return []string{"assigned to " + types.ExprString(p.Lhs[i])}
	case *ast.ValueSpec:
		if i := slices.Index(p.Values, e); i >= 0 && len(p.Names) == len(p.Values) && literal {
			return handedByName(info, root, info.Defs[p.Names[i]])
		}
	}
	return []string{fmt.Sprintf("in %T", up(1))}
}

func handedByName(info *types.Info, root ast.Node, name types.Object) []string {
	var list []string
	ast.Inspect(root, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name != nil && info.Uses[id] == name {
			list = append(list, handed(info, root, id)...)
		}
		return true
	})
	return list
}

func usedOutside(info *types.Info, root ast.Node, v *types.Var, lit *ast.FuncLit) bool {
	found := false
	ast.Inspect(root, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] == v && !Contains(lit, id.Pos()) {
			found = true
		}
		return !found
	})
	return found
}

// declaringBlock gives the innermost block around a declaration.
func declaringBlock(root ast.Node, pos token.Pos) ast.Node {
	var block ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || !Contains(n, pos) {
			return n == root
		}
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			block = n
		}
		return true
	})
	return block
}

// syncOps lists the operations of a block that can order accesses, in source order.
func syncOps(info *types.Info, block ast.Node) []string {
	if block == nil {
		return nil
	}
	var list []string
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			list = append(list, "send")
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				list = append(list, "receive")
			}
		case *ast.RangeStmt:
			if t := info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Chan); ok {
					list = append(list, "receive")
				}
			}
		case *ast.CallExpr:
			name := ""
			switch f := ast.Unparen(n.Fun).(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
			case *ast.Ident:
				name = f.Name
			}
			lower := strings.ToLower(name)
			if name == "close" || name == "Done" || name == "Parallel" || strings.Contains(lower, "wait") || strings.Contains(lower, "lock") || strings.Contains(lower, "join") {
				list = append(list, name)
			}
		}
		return true
	})
	return list
}
