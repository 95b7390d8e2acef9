// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package loopvar

import (
	_ "embed"
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports loop variables that a goroutine uses while the loop assigns
// them.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "loopvar",
	Doc:        racecheck.Doc(source, "loopvar"),
	URL:        racecheck.Page("loopvar"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if s.PerIteration() || !s.Spawns() {
			return
		}
		for _, sh := range s.Captured() {
			if !s.IsLoopVar(sh.Var) {
				continue
			}
			pairs := s.Pairs(sh, func(u flow.Use) bool { return !strings.Contains(u.Path, "*") && !u.Async })
			var told []flow.Use
			for _, p := range pairs {
				for _, side := range [][2]flow.Use{{p.A, p.B}, {p.B, p.A}} {
					u, w := side[0], side[1]
					if u.Run == w.Run || u.Run.Kind == flow.RunRoot || !w.Write || slices.ContainsFunc(told, func(t flow.Use) bool { return t.Run.Fn == u.Run.Fn }) {
						continue
					}
					told = append(told, u)
					d := analysis.Diagnostic{
						Pos: u.Pos, Message: sh.Var.Name() + " is the loop's one variable (go.mod is below 1.22): the loop assigns it while this function literal uses it; copy it per iteration",
						Related: []analysis.RelatedInformation{{Pos: sh.Var.Pos(), Message: "declared and assigned here"}},
					}
					if body := loopBody(s, sh.Var.Pos()); body != nil {
						d.SuggestedFixes = []analysis.SuggestedFix{{
							Message:   "Copy " + sh.Var.Name() + " per iteration",
							TextEdits: []analysis.TextEdit{{Pos: body.Lbrace + 1, End: body.Lbrace + 1, NewText: []byte("\n" + sh.Var.Name() + " := " + sh.Var.Name())}},
						}}
					}
					list = racecheck.Found(pass, list, racecheck.Instance{Pattern: culprit.PatternLoopVariable, Var: sh.Var, Subject: sh.Var.Name()}, d)
				}
			}
		}
	})
	return list, nil
}

// loopBody gives the body of the loop whose header is around pos.
func loopBody(s *flow.Scope, pos token.Pos) *ast.BlockStmt {
	var body *ast.BlockStmt
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if n.For <= pos && pos < n.Body.Pos() {
				body = n.Body
			}
		case *ast.ForStmt:
			if n.For <= pos && pos < n.Body.Pos() {
				body = n.Body
			}
		}
		return true
	})
	return body
}
