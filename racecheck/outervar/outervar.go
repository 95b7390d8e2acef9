// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outervar

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
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
			all = append(all, f.instance)
			for _, d := range f.diagnostics(s) {
				racecheck.Report(pass, d)
			}
		}
	})
	return all, nil
}

// Instances lists the instances in a package's files, as far as the package
// alone tells: nothing is known of what it imports.
func Instances(info *types.Info, files []*ast.File) []racecheck.Instance {
	var list []racecheck.Instance
	flow.NewPackage(info, files, flow.NewFactSet(info, files)).Each(func(s *flow.Scope) {
		for _, f := range findings(s) {
			list = append(list, f.instance)
		}
	})
	return list
}

// finding is one variable with its pairs.
type finding struct {
	shared   flow.Shared
	pairs    []flow.Pair
	instance racecheck.Instance
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
		f := finding{shared: sh, pairs: pairs}
		f.instance = racecheck.Instance{
			Pattern: culprit.PatternCapturedOuterVariable, Var: sh.Var, Subject: sh.Var.Name(),
			Accesses: accesses(pairs), Message: message(s, sh.Var, firstWrite(pairs)),
		}
		list = append(list, f)
	}
	return list
}

// ownMemory selects the accesses to the variable itself, by the statement itself.
// Elements of arrays are left out: goroutines often have one each.
func ownMemory(u flow.Use) bool {
	return !strings.ContainsAny(u.Path, "*[") && !u.Async && (u.Via == "" || u.Expr != nil)
}

func firstWrite(pairs []flow.Pair) flow.Use {
	for _, p := range pairs {
		for _, u := range []flow.Use{p.A, p.B} {
			if u.Write && u.Run.Kind != flow.RunRoot {
				return u
			}
		}
	}
	if pairs[0].A.Write {
		return pairs[0].A
	}
	return pairs[0].B
}

// accesses gives the accesses of pairs, each once, by position.
func accesses(pairs []flow.Pair) []racecheck.Access {
	var list []racecheck.Access
	for _, p := range pairs {
		for _, u := range []flow.Use{p.A, p.B} {
			a := racecheck.Access{Var: u.Var, Path: u.Path, Op: culprit.OpRead, Expr: u.Expr, Pos: u.Pos, Stmt: u.Stmt}
			if u.Write {
				a.Op = culprit.OpWrite
			}
			if !slices.ContainsFunc(list, func(b racecheck.Access) bool { return b.Pos == a.Pos && b.Op == a.Op }) {
				list = append(list, a)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b racecheck.Access) int { return int(a.Pos - b.Pos) })
	return list
}

// diagnostics makes one diagnostic for each function that makes a racing write, at
// its first one.
func (f finding) diagnostics(s *flow.Scope) []analysis.Diagnostic {
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
			if fix, ok := redeclare(s, f.shared, u); ok {
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
	if how := started(u, v); how != "" {
		return fmt.Sprintf("%s is declared outside this function literal and shared with others that run at the same time (%s): declare it here instead, or guard it", v.Name(), how)
	}
	return fmt.Sprintf("%s is written here while a function literal that runs at the same time uses it: wait for that first, or guard it", v.Name())
}

// started says how the outermost concurrent function between the variable and a
// use is started, "" when there is none.
func started(u flow.Use, v *types.Var) string {
	how := ""
	for r := u.Run; r != nil && r.Parent != nil && !racecheck.Contains(r.Fn, v.Pos()); r = r.Parent {
		if r.Concurrent() {
			how = r.Spelled
		}
	}
	return how
}
