// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package namedresult

import (
	_ "embed"
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

// Analyzer reports named results that a concurrent function literal uses while
// the function goes on or returns.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "namedresult",
	Doc:        racecheck.Doc(source, "namedresult"),
	URL:        racecheck.Page("namedresult"),
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
			if !s.IsNamedResult(sh.Var) {
				continue
			}
			for _, d := range diagnostics(sh, s.Pairs(sh, func(u flow.Use) bool { return !strings.Contains(u.Path, "*") && !u.Async })) {
				list = racecheck.Found(pass, list, racecheck.Instance{Pattern: culprit.PatternNamedResult, Var: sh.Var, Subject: sh.Var.Name()}, d)
			}
		}
	})
	return list, nil
}

// diagnostics makes one diagnostic for each access by a concurrent literal.
func diagnostics(sh flow.Shared, pairs []flow.Pair) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, p := range pairs {
		for _, side := range [][2]flow.Use{{p.A, p.B}, {p.B, p.A}} {
			u, other := side[0], side[1]
			if racecheck.Contains(u.Run.Fn, sh.Var.Pos()) || slices.ContainsFunc(list, func(d analysis.Diagnostic) bool { return d.Pos == u.Pos }) {
				continue
			}
			d := analysis.Diagnostic{Pos: u.Pos, Message: sh.Var.Name() + " is a result of the function around: a return assigns it while this function literal uses it; use a variable of the literal's own and hand it over"}
			if other.Pos != u.Pos {
				d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "used here at the same time"}}
			}
			list = append(list, d)
		}
	}
	return list
}
