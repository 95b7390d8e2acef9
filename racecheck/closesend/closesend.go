// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package closesend

import (
	_ "embed"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports channels that are closed while another function may send on
// them or close them. Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "closesend",
	Doc:        racecheck.Doc(source, "closesend"),
	URL:        racecheck.Page("closesend"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if s.Spawns() {
			list = append(list, check(pass, s)...)
		}
	})
	return list, nil
}

// check looks at one function. As the detector does, it takes a close for a write
// of the channel and a send for a read (runtime/chan.go: closechan calls
// racewritepc, chansend racereadpc).
func check(pass *analysis.Pass, s *flow.Scope) []racecheck.Instance {
	var list []racecheck.Instance
	for _, p := range s.Conflicts(operations(s), flow.Any) {
		u, other := p.A, p.B
		name := types.ExprString(u.Expr)
		d := analysis.Diagnostic{Pos: u.Pos, Message: name + " is closed here while a function that runs at the same time may send on it, which then panics"}
		switch {
		case u.Pos == other.Pos:
			d.Message = name + " is closed here by a function of which several run at the same time: the second close panics"
		case other.Write:
			d.Message = name + " is closed here while a function that runs at the same time closes it too: the second close panics"
		}
		if u.Pos != other.Pos {
			d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "at the same time as this"}}
		}
		in := racecheck.Instance{Pattern: culprit.PatternMessageAndMemory, Var: u.Var, Subject: name}
		list = racecheck.Found(pass, list, in, d)
	}
	return list
}

// operations lists the sends and closes of channels. A close that a select or an
// if stands around is left out: the code looks first whether it may.
func operations(s *flow.Scope) []flow.Use {
	var uses []flow.Use
	add := func(r *flow.Run, e ast.Expr, pos token.Pos, closes bool) {
		// Of elements, goroutines often have one each.
		if v, path, ok := s.Memory(e); ok && !s.IsLoopVar(v) && !strings.Contains(path, "[]") {
			uses = append(uses, flow.Use{Var: v, Path: path + "*", Write: closes, Pos: pos, Expr: e, Run: r})
		}
	}
	s.Own(func(r *flow.Run, n ast.Node) {
		switch n := n.(type) {
		case *ast.SendStmt:
			add(r, ast.Unparen(n.Chan), n.Pos(), false)
		case *ast.CallExpr:
			id, ok := ast.Unparen(n.Fun).(*ast.Ident)
			if !ok || len(n.Args) != 1 {
				return
			}
			if b, ok := s.Info().Uses[id].(*types.Builtin); ok && b.Name() == "close" && !asked(r, n.Pos()) {
				add(r, ast.Unparen(n.Args[0]), n.Pos(), true)
			}
		}
	})
	return uses
}

// asked reports whether a condition of the run stands around a position.
func asked(r *flow.Run, pos token.Pos) bool {
	found := false
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.CaseClause, *ast.CommClause:
			found = found || racecheck.Contains(n, pos)
		}
		return !found
	})
	return found
}
