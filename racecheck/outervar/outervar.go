// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outervar

import (
	_ "embed"
	"fmt"
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

// Analyzer reports captured variables written by concurrent function literals.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "outervar",
	Doc:        racecheck.Doc(source, "outervar"),
	URL:        racecheck.Page("outervar"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		for _, f := range findings(s) {
			in := racecheck.Instance{Pattern: culprit.PatternCapturedOuterVariable, Var: f.shared.Var, Subject: f.shared.Var.Name()}
			for _, d := range f.diagnostics(pass.Fset, s) {
				all = racecheck.Found(pass, all, in, d)
			}
		}
	})
	return all, nil
}

// finding is one variable with its pairs.
type finding struct {
	shared flow.Shared
	pairs  []flow.Pair
}

// findings lists the variables of a scope that are written by concurrent
// literals. Loop variables and named results have analyzers of their own.
func findings(s *flow.Scope) []finding {
	if !s.Spawns() {
		return nil
	}
	var list []finding
	for _, sh := range s.Captured() {
		pairs := s.Pairs(sh, ownMemory)
		if len(pairs) == 0 || s.IsNamedResult(sh.Var) || s.IsLoopVar(sh.Var) && !s.PerIteration() {
			continue
		}
		list = append(list, finding{shared: sh, pairs: pairs})
	}
	return list
}

// ownMemory selects the accesses to the variable itself, by the statement itself.
// Elements of arrays are left out: goroutines often have one each.
func ownMemory(u flow.Use) bool {
	return !strings.ContainsAny(u.Path, "*[") && !u.Async && (u.Via == "" || u.Expr != nil)
}

// diagnostics makes one diagnostic for each function that makes a racing write, at
// its first one.
func (f finding) diagnostics(fset *token.FileSet, s *flow.Scope) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	told := map[ast.Node]int{}
	for _, p := range f.pairs {
		for _, side := range [][2]flow.Use{{p.A, p.B}, {p.B, p.A}} {
			u, other := side[0], side[1]
			if !u.Write {
				continue
			}
			d := analysis.Diagnostic{Pos: u.Pos, Message: message(s, f.shared.Var, u)}
			if other.Pos != u.Pos {
				d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: verb(other) + " here at the same time"}}
			}
			if fix, ok := redeclare(fset, s, f.shared, u); ok {
				d.SuggestedFixes = []analysis.SuggestedFix{fix}
			}
			if i, ok := told[u.Run.Fn]; !ok {
				told[u.Run.Fn] = len(list)
				list = append(list, d)
			} else if d.Pos < list[i].Pos {
				list[i] = d
			}
		}
	}
	return list
}

func verb(u flow.Use) string {
	if u.Write {
		return "written"
	}
	return "read"
}

// message says what is wrong with a write.
func message(s *flow.Scope, v *types.Var, u flow.Use) string {
	how, given := started(u, v)
	if given {
		return fmt.Sprintf("%s is written here by a function that a %s calls while others use it: guard it, or wait for that", v.Name(), how)
	}
	if how != "" {
		return fmt.Sprintf("%s is declared outside this function literal and shared with others that run at the same time (%s): declare it here instead, or guard it", v.Name(), how)
	}
	return fmt.Sprintf("%s is written here while a function literal that runs at the same time uses it: wait for that first, or guard it", v.Name())
}

// started says how the outermost concurrent function between the variable and a
// use is started, "" when there is none, and whether the function was given away
// before.
func started(u flow.Use, v *types.Var) (how string, given bool) {
	for r := u.Run; r != nil && r.Parent != nil && !racecheck.Contains(r.Fn, v.Pos()); r = r.Parent {
		if r.Concurrent() {
			how, given = r.Spelled, r.Given
		}
	}
	return how, given
}
