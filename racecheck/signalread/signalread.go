// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package signalread

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports variables that are used after a signal which does not order the
// write of them.
var Analyzer = &analysis.Analyzer{
	Name:     "signalread",
	Doc:      racecheck.Doc(source, "signalread"),
	URL:      racecheck.Page("signalread"),
	Requires: []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		for _, sh := range s.Locals() {
			for _, d := range diagnostics(s, sh) {
				racecheck.Report(pass, d)
			}
		}
	})
	return nil, nil
}

// diagnostics makes one diagnostic for each write: at the first use that races
// with it.
func diagnostics(s *flow.Scope, sh flow.Shared) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, u := range s.Unordered(sh) {
		at := func(d analysis.Diagnostic) bool { return d.Related[0].Pos == u.Write.Pos || d.Pos == u.Use.Pos }
		if slices.ContainsFunc(list, at) || forMessage(s, u.Use) {
			continue
		}
		does := "read"
		if u.Use.Write {
			does = "written"
		}
		why := "between the signals of a function that writes it, and the next call of that may be running"
		if u.Early {
			why = "after a signal that the function which writes it sends before it does"
		}
		list = append(list, analysis.Diagnostic{
			Pos:     u.Use.Pos,
			Message: fmt.Sprintf("%s is %s here %s: send what you want to know, or guard it", name(sh.Var, u.Use), does, why),
			Related: []analysis.RelatedInformation{{Pos: u.Write.Pos, Message: "written here"}},
		})
	}
	return list
}

// forMessage reports whether a use is a read for the message of a test that has failed.
func forMessage(s *flow.Scope, u flow.Use) bool {
	st, ok := u.Stmt.(*ast.ExprStmt)
	if !ok || u.Write {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	if !ok || !racecheck.FailsTest(s.Info(), call) {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr) // of the test, and no assertion
	return ok && s.Info().Selections[sel] != nil && s.Info().Selections[sel].Obj().Pkg().Path() == "testing"
}

// name names the memory of a use: a variable, or a field of what it refers to.
func name(v *types.Var, u flow.Use) string {
	path := strings.TrimRight(u.Path, "*[]")
	if i := strings.LastIndexByte(path, '.'); i >= 0 && strings.HasPrefix(path, "*") {
		return path[i+1:] + " of " + v.Name()
	}
	return v.Name()
}
