// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package waitgroupadd

import (
	_ "embed"
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports WaitGroup.Add in the goroutine that it counts. Its result is a
// []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "waitgroupadd",
	Doc:        racecheck.Doc(source, "waitgroupadd"),
	URL:        racecheck.Page("waitgroupadd"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		for _, r := range s.Runs {
			if _, ok := r.Fn.(*ast.FuncLit); !ok || r.Kind != flow.RunGo || r.Call == nil || ast.Unparen(r.Call.Fun) != ast.Expr(r.Fn.(*ast.FuncLit)) {
				continue
			}
			list = append(list, check(pass, s, r)...)
		}
	})
	return list, nil
}

// check looks at one goroutine.
func check(pass *analysis.Pass, s *flow.Scope, r *flow.Run) []racecheck.Instance {
	var list []racecheck.Instance
	lit := r.Fn.(*ast.FuncLit)
	for _, c := range calls(s.Info(), lit.Body, "Add") {
		inside := c.group
		group := r.Argument(inside) // the variable of the function around
		if group == nil || racecheck.Contains(lit, group.Pos()) {
			continue
		}
		// The goroutine counts itself when it also says that it is done, and
		// nobody has counted it before it was started.
		if !has(calls(s.Info(), lit.Body, "Done"), inside) || countedBefore(s.Info(), r, group) {
			continue
		}
		d := analysis.Diagnostic{Pos: c.call.Pos(), Message: group.Name() + ".Add is called by the goroutine it counts: Wait may be over before that runs; call it before the go statement"}
		if fix, ok := move(s, r, c, group); ok {
			d.SuggestedFixes = []analysis.SuggestedFix{fix}
		}
		v, _ := group.(*types.Var)
		list = racecheck.Found(pass, list, racecheck.Instance{Pattern: culprit.PatternWaitGroup, Var: v, Subject: group.Name()}, d)
	}
	return list
}

// groupCall is a call of a method of a WaitGroup variable.
type groupCall struct {
	call  *ast.CallExpr
	group types.Object
}

// calls lists the calls of a method of WaitGroup variables in a body, those of
// literals below it left out.
func calls(info *types.Info, body ast.Node, method string) []groupCall {
	var list []groupCall
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != method {
				return true
			}
			fn, ok := info.Uses[sel.Sel].(*types.Func)
			if !ok || fn.FullName() != "(*sync.WaitGroup)."+method {
				return true
			}
			if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
				list = append(list, groupCall{n, info.Uses[id]})
			}
		}
		return true
	})
	return list
}

func has(list []groupCall, group types.Object) bool {
	for _, c := range list {
		if c.group == group {
			return true
		}
	}
	return false
}

// countedBefore reports whether the function that starts the goroutine adds to
// the group before it does, also in a loop around both.
func countedBefore(info *types.Info, r *flow.Run, group types.Object) bool {
	for p := r.Parent; p != nil; p = p.Parent {
		if has(calls(info, p.Body(), "Add"), group) {
			return true
		}
	}
	return false
}

// move puts the Add before the go statement: when it is a statement of the
// literal's own with a constant, and stands first.
func move(s *flow.Scope, r *flow.Run, c groupCall, group types.Object) (analysis.SuggestedFix, bool) {
	lit := r.Fn.(*ast.FuncLit)
	first, ok := lit.Body.List[0].(*ast.ExprStmt)
	if !ok || first.X != ast.Expr(c.call) || s.Info().Types[c.call.Args[0]].Value == nil {
		return analysis.SuggestedFix{}, false
	}
	stmt := goStmt(s.Decl, r.Call)
	if stmt == nil {
		return analysis.SuggestedFix{}, false
	}
	end := first.End()
	if len(lit.Body.List) > 1 {
		end = lit.Body.List[1].Pos()
	}
	add := group.Name() + ".Add(" + s.Info().Types[c.call.Args[0]].Value.ExactString() + ")\n"
	return analysis.SuggestedFix{
		Message: "Call Add before the go statement",
		TextEdits: []analysis.TextEdit{
			{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte(add)},
			{Pos: first.Pos(), End: end},
		},
	}, true
}

func goStmt(decl ast.Node, call *ast.CallExpr) *ast.GoStmt {
	var found *ast.GoStmt
	ast.Inspect(decl, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok && g.Call == call {
			found = g
		}
		return found == nil
	})
	return found
}
