// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sharedmap

import (
	_ "embed"
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

// Analyzer reports maps that one of several concurrent functions writes. Its
// result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "sharedmap",
	Doc:        racecheck.Doc(source, "sharedmap"),
	URL:        racecheck.Page("sharedmap"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if !s.Spawns() {
			return
		}
		for _, sh := range s.Captured() {
			if s.IsLoopVar(sh.Var) && !s.PerIteration() {
				continue // another map each time; loopvar tells
			}
			in := racecheck.Instance{Pattern: culprit.PatternMap, Var: sh.Var, Subject: sh.Var.Name()}
			for _, d := range diagnostics(sh.Var, s.Pairs(sh, entry)) {
				list = racecheck.Found(pass, list, in, d)
			}
		}
	})
	return list, nil
}

// entry selects the accesses to entries of maps that a statement itself makes.
func entry(u flow.Use) bool {
	if u.Via != "" || u.Async || u.Element == nil || strings.Count(u.Path, "[]") > 1 {
		return false // of maps in elements, goroutines often have one each
	}
	_, ok := u.Element.Underlying().(*types.Map)
	return ok
}

// diagnostics makes one diagnostic for each statement that writes.
func diagnostics(v *types.Var, pairs []flow.Pair) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, p := range pairs {
		u, other := p.A, p.B
		if !u.Write {
			u, other = other, u
		}
		if slices.ContainsFunc(list, func(d analysis.Diagnostic) bool { return d.Pos == u.Pos }) {
			continue
		}
		name := types.ExprString(u.Expr)
		d := analysis.Diagnostic{Pos: u.Pos, Message: "the map of " + v.Name() + " is written here (" + name + ") while a function that runs at the same time "}
		switch {
		case u.Pos == other.Pos && u.Run == other.Run:
			d.Message = "the map of " + v.Name() + " is written here (" + name + ") by a function of which several run at the same time"
		case other.Write:
			d.Message += "writes it"
		default:
			d.Message += "reads it"
		}
		d.Message += ": different keys do not keep them apart"
		if u.Pos != other.Pos {
			d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "used here at the same time"}}
		}
		list = append(list, d)
	}
	return list
}
