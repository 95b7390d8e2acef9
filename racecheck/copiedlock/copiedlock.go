// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package copiedlock

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

//go:embed doc.go
var source string

// Analyzer reports locking of a mutex that belongs to a copy. Its result is a
// []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "copiedlock",
	Doc:        racecheck.Doc(source, "copiedlock"),
	URL:        racecheck.Page("copiedlock"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	for _, f := range findings(pass.TypesInfo, pass.Files) {
		d := analysis.Diagnostic{Pos: f.lock.Pos, Message: fmt.Sprintf("%s belongs to the copy %s: it keeps nobody away from what %s shares with the original", f.lock.What, f.of.Name(), f.of.Name())}
		for _, pos := range f.under {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, Message: "accessed under it here"})
		}
		all = racecheck.Found(pass, all, racecheck.Instance{Pattern: culprit.PatternCopiedLock, Var: f.lock.Var, Subject: f.lock.What}, d)
	}
	return all, nil
}

// finding is a lock that is taken, the copy that it belongs to, and where
// something is accessed under it.
type finding struct {
	lock  racecheck.Lock
	of    *types.Var
	under []token.Pos
}

func findings(info *types.Info, files []*ast.File) []finding {
	var list []finding
	for _, f := range files {
		if ast.IsGenerated(f) {
			continue
		}
		var around []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				for len(around) > 0 && !racecheck.Contains(around[len(around)-1], n.Pos()) {
					around = around[:len(around)-1]
				}
				around = append(around, n)
				list = append(list, inFunc(info, around)...)
			}
			return true
		})
	}
	return list
}

// inFunc lists the findings of the last function's own body; the others are
// around it.
func inFunc(info *types.Info, around []ast.Node) []finding {
	var list []finding
	byLock := map[token.Pos]int{}
	fn := around[len(around)-1]
	if !locks(fn) {
		return nil
	}
	for _, t := range racecheck.Touches(info, fn) {
		if t.Expr == nil || t.Var == nil || t.Kind == racecheck.TouchCall {
			continue
		}
		for _, k := range racecheck.LocksHeld(info, fn, t.Pos) {
			v := copyOf(info, around, k)
			if v == nil || within(t, v) {
				continue
			}
			i, ok := byLock[k.Pos]
			if !ok {
				i = len(list)
				byLock[k.Pos] = i
				list = append(list, finding{lock: k, of: v})
			}
			list[i].under = append(list[i].under, t.Pos)
		}
	}
	return list
}

// locks reports whether a function's text calls a Lock at all.
func locks(fn ast.Node) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Lock" || sel.Sel.Name == "RLock") {
			found = true
		}
		return !found
	})
	return found
}

// within reports whether memory is the variable's own, or on no way that the
// variable leads to the original by: a local of the function.
func within(t racecheck.Touch, v *types.Var) bool {
	if t.Kind == racecheck.TouchOwn {
		return t.Base == nil && len(t.Path) > 0 && racecheck.IsLocal(t.Path[0])
	}
	return t.Var == v || racecheck.IsLocal(t.Var)
}

// OfCopy reports whether one of the locks belongs to a copy: it is part of a
// receiver, parameter or variable of one of the functions that holds one.
func OfCopy(info *types.Info, fns []ast.Node, held []racecheck.Lock) bool {
	for _, k := range held {
		if copyOf(info, fns, k) != nil {
			return true
		}
	}
	return false
}

// copyOf gives the receiver, parameter or local copy whose own memory a lock is in,
// nil for none.
func copyOf(info *types.Info, fns []ast.Node, k racecheck.Lock) *types.Var {
	if k.Expr == nil {
		return nil
	}
	v := holder(info, k.Expr)
	if v == nil || isReference(v.Type()) || isReference(info.TypeOf(k.Expr)) {
		return nil // the lock is elsewhere
	}
	for _, fn := range fns {
		if isParameter(info, fn, v) || isCopy(info, fn, v) {
			return v
		}
	}
	return nil
}

// isReference reports whether a lock of the type is behind a pointer or interface.
func isReference(t types.Type) bool {
	if t == nil {
		return true
	}
	_, isPointer := t.Underlying().(*types.Pointer)
	return isPointer || types.IsInterface(t)
}

// holder gives the variable whose own memory e is a part of, nil for none.
func holder(info *types.Info, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		if s := info.Selections[e]; s != nil && !s.Indirect() {
			return holder(info, e.X)
		}
	case *ast.IndexExpr:
		if t := info.TypeOf(e.X); t != nil {
			if _, isArray := t.Underlying().(*types.Array); isArray {
				return holder(info, e.X)
			}
		}
	}
	return nil
}

func isParameter(info *types.Info, fn ast.Node, v *types.Var) bool {
	var lists []*ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		lists = []*ast.FieldList{fn.Recv, fn.Type.Params}
	case *ast.FuncLit:
		lists = []*ast.FieldList{fn.Type.Params}
	}
	for _, l := range lists {
		if l != nil && racecheck.Contains(l, v.Pos()) {
			return true
		}
	}
	return false
}

// isCopy reports whether v is declared in fn as a copy of something else: of what a
// pointer points to, of a field, of an element.
func isCopy(info *types.Info, fn ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) != len(n.Rhs) {
				return true
			}
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && info.Defs[id] == v {
					found = found || refers(info, n.Rhs[i])
				}
			}
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok && info.Defs[id] == v {
				found = true
			}
		}
		return !found
	})
	return found
}

// refers reports whether an expression denotes memory that exists already.
func refers(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr, *ast.SelectorExpr, *ast.IndexExpr:
		return true
	case *ast.Ident:
		_, isVar := info.Uses[e].(*types.Var)
		return isVar
	}
	return false
}
