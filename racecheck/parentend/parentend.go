// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package parentend

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

// Analyzer reports deferred calls of a test that end what its parallel subtests
// still use.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "parentend",
	Doc:        racecheck.Doc(source, "parentend"),
	URL:        racecheck.Page("parentend"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		for _, r := range s.Runs {
			if subtests := s.ParallelSubtests(r); len(subtests) > 0 {
				list = append(list, check(pass, s, r, subtests)...)
			}
		}
	})
	return list, nil
}

// check looks at the deferred calls of one test function.
func check(pass *analysis.Pass, s *flow.Scope, test *flow.Run, subtests []*flow.Run) []racecheck.Instance {
	var list []racecheck.Instance
	for _, d := range deferred(test) {
		for _, ended := range ends(s.Info(), test, d.Call) {
			for _, sub := range subtests {
				use := useIn(s.Info(), sub, ended)
				if use == nil {
					continue
				}
				diag := analysis.Diagnostic{
					Pos:     d.Pos(),
					Message: ended.Name() + " is used by a parallel subtest, which goes on after this function has returned and this deferred call has ended it: use t.Cleanup",
					Related: []analysis.RelatedInformation{{Pos: use.Pos(), Message: "used here by the parallel subtest"}},
				}
				if fix, ok := cleanup(s.Info(), test, d); ok {
					diag.SuggestedFixes = []analysis.SuggestedFix{fix}
				}
				v, _ := ended.(*types.Var)
				list = racecheck.Found(pass, list, racecheck.Instance{Pattern: culprit.PatternUseAfterEnd, Var: v, Subject: ended.Name()}, diag)
				break
			}
		}
	}
	return list
}

// deferred lists the defer statements of a function, those of literals left out.
func deferred(r *flow.Run) []*ast.DeferStmt {
	var list []*ast.DeferStmt
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			list = append(list, n)
		}
		return true
	})
	return list
}

// ending are the methods after which an object is of no use.
var ending = map[string]bool{
	"Close": true, "Stop": true, "Shutdown": true, "Terminate": true, "Kill": true, "Destroy": true,
	"CloseClientConnections": true, "GracefulStop": true, "Cleanup": true, "Quit": true, "Finish": true,
}

// ends lists the variables of the test that a deferred call ends: the receiver of
// a method like Close, or what came with a cancel function that is called.
func ends(info *types.Info, test *flow.Run, call *ast.CallExpr) []types.Object {
	calls := []*ast.CallExpr{call}
	if lit, ok := call.Fun.(*ast.FuncLit); ok {
		calls = nil
		for _, st := range lit.Body.List { // what it does in any case
			if es, ok := st.(*ast.ExprStmt); ok {
				if c, ok := es.X.(*ast.CallExpr); ok {
					calls = append(calls, c)
				}
			}
			if as, ok := st.(*ast.AssignStmt); ok && len(as.Rhs) == 1 {
				if c, ok := as.Rhs[0].(*ast.CallExpr); ok {
					calls = append(calls, c)
				}
			}
		}
	}
	var list []types.Object
	for _, c := range calls {
		switch f := ast.Unparen(c.Fun).(type) {
		case *ast.SelectorExpr:
			if id, ok := f.X.(*ast.Ident); ok && ending[f.Sel.Name] {
				if v, ok := info.Uses[id].(*types.Var); ok && racecheck.Contains(test.Fn, v.Pos()) {
					list = append(list, v)
				}
			}
		case *ast.Ident:
			list = append(list, cancelled(info, test, info.Uses[f])...)
		}
	}
	return list
}

// cancelled lists the contexts that were made together with a cancel function.
func cancelled(info *types.Info, test *flow.Run, cancel types.Object) []types.Object {
	if cancel == nil {
		return nil
	}
	var list []types.Object
	ast.Inspect(test.Body(), func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 || len(a.Lhs) != 2 {
			return true
		}
		second, ok := a.Lhs[1].(*ast.Ident)
		if !ok || info.ObjectOf(second) != cancel {
			return true
		}
		if first, ok := a.Lhs[0].(*ast.Ident); ok {
			if v, ok := info.ObjectOf(first).(*types.Var); ok && isContext(v.Type()) {
				list = append(list, v)
			}
		}
		return true
	})
	return list
}

func isContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Context" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context"
}

// useIn finds a use of a variable in a parallel subtest, after t.Parallel.
func useIn(info *types.Info, sub *flow.Run, v types.Object) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(sub.Body(), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == nil && id.Pos() > sub.Resumed && info.Uses[id] == v {
			found = id
		}
		return found == nil
	})
	return found
}

// cleanup makes defer f(…) a t.Cleanup of the test.
func cleanup(info *types.Info, test *flow.Run, d *ast.DeferStmt) (analysis.SuggestedFix, bool) {
	t := test.TestParam(info)
	if t == "" {
		return analysis.SuggestedFix{}, false
	}
	edit := func(before, after string) analysis.SuggestedFix {
		return analysis.SuggestedFix{Message: "Use " + t + ".Cleanup", TextEdits: []analysis.TextEdit{
			{Pos: d.Pos(), End: d.Call.Pos(), NewText: []byte(before)},
			{Pos: d.Call.Lparen, End: d.Call.Rparen + 1, NewText: []byte(after)},
		}}
	}
	sig, ok := info.TypeOf(d.Call.Fun).Underlying().(*types.Signature)
	if !ok || len(d.Call.Args) > 0 {
		return analysis.SuggestedFix{}, false
	}
	if sig.Results().Len() == 0 && sig.Params().Len() == 0 {
		return edit(t+".Cleanup(", ")"), true
	}
	return edit(t+".Cleanup(func() { ", "() })"), true
}
