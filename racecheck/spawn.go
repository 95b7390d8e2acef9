// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"
)

// SpawnKind says how a function literal comes to run at the same time as the
// code that made it.
type SpawnKind string

// The kinds of spawn.
const (
	// SpawnNone: it runs where it is called.
	SpawnNone SpawnKind = ""
	// SpawnParallelSubtest: an argument of (*testing.T).Run whose body calls
	// t.Parallel at its top level.
	SpawnParallelSubtest SpawnKind = "parallel subtest"
	// SpawnSubtest: an argument of (*testing.T).Run that does not. It has a
	// goroutine of its own, and Run waits for it.
	SpawnSubtest SpawnKind = "subtest"
	// SpawnGo: the function of a go statement.
	SpawnGo SpawnKind = "goroutine"
	// SpawnGroup: an argument of a method called Go, as of errgroup.Group and
	// sync.WaitGroup.
	SpawnGroup SpawnKind = "group goroutine"
	// SpawnTimer: an argument of time.AfterFunc.
	SpawnTimer SpawnKind = "timer"
)

// Concurrent reports whether a literal of this kind can run at the same time as
// the rest of the function that made it, or as its siblings.
func (k SpawnKind) Concurrent() bool {
	switch k {
	case SpawnParallelSubtest, SpawnGo, SpawnGroup, SpawnTimer:
		return true
	}
	return false
}

// Spawn is a function literal and how it is started.
type Spawn struct {
	Lit  *ast.FuncLit
	Kind SpawnKind
	// Call is the call that receives or starts the literal.
	Call *ast.CallExpr
	// Parallel is the position of the t.Parallel call of a parallel subtest.
	Parallel token.Pos
	// Outer are the functions around the literal, outermost first.
	Outer []ast.Node
	// Loop is the innermost loop around the literal within its function, nil
	// outside of one: the literal is started once per iteration.
	Loop ast.Stmt
}

// Spawns lists every function literal of a file with how it is started, in
// source order.
func Spawns(info *types.Info, file *ast.File) []Spawn {
	var list []Spawn
	var stack []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if lit, ok := n.(*ast.FuncLit); ok {
			list = append(list, newSpawn(info, lit, stack))
		}
		stack = append(stack, n)
		return true
	})
	markStartedByName(info, file, list)
	return list
}

func newSpawn(info *types.Info, lit *ast.FuncLit, stack []ast.Node) Spawn {
	s := Spawn{Lit: lit}
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			s.Outer = append([]ast.Node{n}, s.Outer...)
		case *ast.ForStmt, *ast.RangeStmt:
			if s.Loop == nil && len(s.Outer) == 0 {
				s.Loop = n.(ast.Stmt)
			}
		}
	}
	call, ok := enclosingCall(lit, stack)
	if !ok {
		return s
	}
	s.Call = call
	s.Kind = callKind(info, lit, call, stack)
	if s.Kind == SpawnSubtest {
		if s.Parallel = parallelCall(info, lit); s.Parallel.IsValid() {
			s.Kind = SpawnParallelSubtest
		}
	}
	return s
}

// enclosingCall returns the call that lit is the function or an argument of.
func enclosingCall(lit *ast.FuncLit, stack []ast.Node) (*ast.CallExpr, bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.CallExpr:
			return n, true
		default:
			return nil, false
		}
	}
	return nil, false
}

func callKind(info *types.Info, lit *ast.FuncLit, call *ast.CallExpr, stack []ast.Node) SpawnKind {
	if ast.Unparen(call.Fun) == lit {
		for i := len(stack) - 1; i > 0; i-- {
			if stack[i] == call {
				if g, ok := stack[i-1].(*ast.GoStmt); ok && g.Call == call {
					return SpawnGo
				}
			}
		}
		return SpawnNone
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return SpawnNone
	}
	switch sel.Sel.Name {
	case "Run":
		if len(call.Args) == 2 && takesTestingT(info, lit) {
			return SpawnSubtest
		}
	case "Go":
		if s := info.Selections[sel]; s != nil && s.Kind() == types.MethodVal || info.TypeOf(sel.X) == types.Typ[types.Invalid] {
			return SpawnGroup
		}
	case "AfterFunc":
		if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == "time" {
			return SpawnTimer
		}
	}
	return SpawnNone
}

// takesTestingT reports whether the literal has one parameter, a *testing.T.
// The spelling decides where package testing could not be imported.
func takesTestingT(info *types.Info, lit *ast.FuncLit) bool {
	params := lit.Type.Params
	if params.NumFields() != 1 {
		return false
	}
	star, ok := params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	if named, ok := info.TypeOf(star.X).(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj().Pkg().Path() == "testing" && named.Obj().Name() == "T"
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "testing" && sel.Sel.Name == "T"
}

// parallelCall finds the t.Parallel() call among the literal's own statements.
// A call under a condition does not count: the subtest may then be serial.
func parallelCall(info *types.Info, lit *ast.FuncLit) token.Pos {
	if len(lit.Type.Params.List[0].Names) != 1 {
		return token.NoPos
	}
	t := info.Defs[lit.Type.Params.List[0].Names[0]]
	for _, s := range lit.Body.List {
		es, ok := s.(*ast.ExprStmt)
		if !ok {
			continue
		}
		call, ok := es.X.(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Parallel" {
			continue
		}
		if x, ok := sel.X.(*ast.Ident); ok && t != nil && info.Uses[x] == t {
			return call.Pos()
		}
	}
	return token.NoPos
}

// markStartedByName finds literals that are bound to a variable once and then
// started by name: work := func() {…}; go work().
func markStartedByName(info *types.Info, file *ast.File, list []Spawn) {
	bound := map[types.Object]*ast.FuncLit{}
	ast.Inspect(file, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, r := range a.Rhs {
			lit, ok := ast.Unparen(r).(*ast.FuncLit)
			id, isIdent := a.Lhs[i].(*ast.Ident)
			if ok && isIdent && info.Defs[id] != nil {
				bound[info.Defs[id]] = lit
			}
		}
		return true
	})
	if len(bound) == 0 {
		return
	}
	started := map[*ast.FuncLit]*ast.CallExpr{}
	ast.Inspect(file, func(n ast.Node) bool {
		g, ok := n.(*ast.GoStmt)
		if !ok {
			return true
		}
		if id, ok := ast.Unparen(g.Call.Fun).(*ast.Ident); ok && bound[info.Uses[id]] != nil {
			started[bound[info.Uses[id]]] = g.Call
		}
		return true
	})
	for i := range list {
		if call := started[list[i].Lit]; call != nil && list[i].Kind == SpawnNone {
			list[i].Kind, list[i].Call = SpawnGo, call
		}
	}
}
