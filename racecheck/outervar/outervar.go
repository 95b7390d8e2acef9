// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package outervar

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// Analyzer reports captured variables written by concurrent function literals.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "outervar",
	Doc:        "report captured variables written by concurrent function literals\n\nSee the package documentation for what counts and what does not.",
	URL:        "https://pkg.go.dev/github.com/culprit-ci/culprit/racecheck/outervar",
	Requires:   []*analysis.Analyzer{racecheck.Ignores},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	instances := Instances(pass.TypesInfo, pass.Files)
	for _, in := range instances {
		for _, a := range in.Accesses {
			if a.Op == culprit.OpWrite {
				racecheck.Report(pass, analysis.Diagnostic{Pos: a.Pos, Message: in.Message})
			}
		}
	}
	return instances, nil
}

// use is what one concurrent literal does to one captured variable.
type use struct {
	spawn    racecheck.Spawn
	accesses []racecheck.Access
}

func (u use) writes() bool {
	return slices.ContainsFunc(u.accesses, func(a racecheck.Access) bool { return a.Op == culprit.OpWrite })
}

// Instances lists the instances in a package's files, by position of the
// variable's first concurrent write.
func Instances(info *types.Info, files []*ast.File) []racecheck.Instance {
	var list []racecheck.Instance
	for _, f := range files {
		list = append(list, inFile(info, f)...)
	}
	return list
}

func inFile(info *types.Info, file *ast.File) []racecheck.Instance {
	uses := map[*types.Var][]use{}
	var order []*types.Var
	for _, s := range racecheck.Spawns(info, file) {
		if !s.Kind.Concurrent() {
			continue
		}
		for v, accesses := range captured(info, s.Lit) {
			if uses[v] == nil {
				order = append(order, v)
			}
			uses[v] = append(uses[v], use{s, accesses})
		}
	}
	slices.SortFunc(order, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	var list []racecheck.Instance
	for _, v := range order {
		if in, ok := instance(v, uses[v]); ok {
			list = append(list, in)
		}
	}
	return list
}

// captured collects the unordered accesses that run on the literal's own
// goroutine to variables declared outside of it.
func captured(info *types.Info, lit *ast.FuncLit) map[*types.Var][]racecheck.Access {
	byVar := map[*types.Var][]racecheck.Access{}
	for _, a := range racecheck.Accesses(info, lit) {
		if !racecheck.DeclaredOutside(a.Var, lit) {
			continue
		}
		if _, ok := racecheck.SyncBefore(lit, a.Pos); ok {
			continue
		}
		byVar[a.Var] = append(byVar[a.Var], a)
	}
	return byVar
}

// instance decides whether the uses of one variable can run at the same time.
func instance(v *types.Var, uses []use) (racecheck.Instance, bool) {
	in := racecheck.Instance{Pattern: culprit.PatternCapturedOuterVariable, Var: v, Subject: v.Name()}
	racing := map[int]bool{}
	for i, u := range uses {
		if !u.writes() {
			continue
		}
		if l := u.spawn.Loop; l != nil && !racecheck.Contains(l, v.Pos()) {
			racing[i] = true
		}
		for j, w := range uses {
			if j != i && concurrent(v, u.spawn, w.spawn) {
				racing[i], racing[j] = true, true
			}
		}
	}
	if len(racing) == 0 {
		return in, false
	}
	kind := racecheck.SpawnNone
	for i, u := range uses {
		if racing[i] {
			in.Accesses = append(in.Accesses, u.accesses...)
			kind = u.spawn.Kind
		}
	}
	slices.SortStableFunc(in.Accesses, func(a, b racecheck.Access) int { return int(a.Pos - b.Pos) })
	in.Message = fmt.Sprintf("%s is declared outside this function literal and shared with others that run at the same time (%s): declare it here instead", v.Name(), kind)
	return in, true
}

// concurrent reports whether two literals, started by one function that also
// sees v, can run at the same time. Literals of different functions, or of
// different iterations' variables, are left out: nothing shows that they meet.
func concurrent(v *types.Var, a, b racecheck.Spawn) bool {
	if a.Lit.Pos() > b.Lit.Pos() {
		a, b = b, a
	}
	if racecheck.Contains(a.Lit, b.Lit.Pos()) || len(a.Outer) == 0 || len(b.Outer) == 0 {
		return false // nested: b is started by a, and ordered after what precedes it
	}
	parentA, parentB := a.Outer[len(a.Outer)-1], b.Outer[len(b.Outer)-1]
	if parentA != parentB {
		// Parallel subtests of different serial groups do not overlap when the
		// group's Run returns before the next one starts.
		return false
	}
	if (a.Kind == racecheck.SpawnParallelSubtest) != (b.Kind == racecheck.SpawnParallelSubtest) {
		return false // a parallel subtest starts after its parent returned; the goroutine may be joined by then
	}
	if a.Kind == racecheck.SpawnParallelSubtest {
		return true
	}
	return !exclusive(parentA, a, b) && !racecheck.SyncBetween(parentA, startOf(a), startOf(b))
}

func startOf(s racecheck.Spawn) token.Pos {
	if s.Call != nil {
		return s.Call.Pos()
	}
	return s.Lit.Pos()
}

// exclusive reports whether the two starts stand in different branches of one
// if or switch statement, so that only one of them runs.
func exclusive(fn ast.Node, a, b racecheck.Spawn) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if n.Else != nil && racecheck.Contains(n.Body, startOf(a)) && racecheck.Contains(n.Else, startOf(b)) {
				found = true
			}
		case *ast.CaseClause:
			if racecheck.Contains(n, startOf(a)) != racecheck.Contains(n, startOf(b)) && sameSwitch(fn, n, a, b) {
				found = true
			}
		}
		return !found
	})
	return found
}

func sameSwitch(fn ast.Node, clause *ast.CaseClause, a, b racecheck.Spawn) bool {
	same := false
	ast.Inspect(fn, func(n ast.Node) bool {
		var body *ast.BlockStmt
		switch n := n.(type) {
		case *ast.SwitchStmt:
			body = n.Body
		case *ast.TypeSwitchStmt:
			body = n.Body
		default:
			return true
		}
		if slices.Contains(body.List, ast.Stmt(clause)) {
			same = racecheck.Contains(body, startOf(a)) && racecheck.Contains(body, startOf(b))
		}
		return true
	})
	return same
}
