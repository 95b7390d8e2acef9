// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sharedmap

import (
	_ "embed"
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
		var uses []flow.Use
		for _, u := range s.Uses() {
			if entry(u) && (!s.IsLoopVar(u.Var) || s.PerIteration()) { // another map each time; loopvar tells
				uses = append(uses, u)
			}
		}
		for _, p := range s.Conflicts(uses, flow.Any) {
			in := racecheck.Instance{Pattern: culprit.PatternMap, Var: p.A.Var, Subject: p.A.Var.Name()}
			list = racecheck.Found(pass, list, in, diagnostic(p.A, p.B))
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

func diagnostic(u, other flow.Use) analysis.Diagnostic {
	d := analysis.Diagnostic{Pos: u.Pos, Message: "the map of " + u.Var.Name() + " is written here (" + types.ExprString(u.Expr) + ") "}
	switch {
	case u.Pos == other.Pos && u.Run == other.Run:
		d.Message += "by a function of which several run at the same time"
	case other.Write:
		d.Message += "while a function that runs at the same time writes it"
	default:
		d.Message += "while a function that runs at the same time reads it"
	}
	d.Message += ": different keys do not keep them apart"
	if u.Pos != other.Pos {
		d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "used here at the same time"}}
	}
	return d
}
