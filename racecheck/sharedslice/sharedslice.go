// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sharedslice

import (
	_ "embed"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports elements of one slice that concurrent functions write. Its
// result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "sharedslice",
	Doc:        racecheck.Doc(source, "sharedslice"),
	URL:        racecheck.Page("sharedslice"),
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

// check looks at one function.
func check(pass *analysis.Pass, s *flow.Scope) []racecheck.Instance {
	list := elements(s)
	var uses []flow.Use
	of := map[token.Pos]element{}
	for _, e := range list {
		uses = append(uses, e.use)
		of[e.use.Pos] = e
	}
	var out []racecheck.Instance
	for _, p := range s.Conflicts(uses, func(x, y flow.Use) bool { return meet(of[x.Pos], of[y.Pos]) }) {
		in := racecheck.Instance{Pattern: culprit.PatternSlice, Var: p.A.Var, Subject: types.ExprString(p.A.Expr)}
		out = racecheck.Found(pass, out, in, diagnostic(of[p.A.Pos], of[p.B.Pos]))
	}
	return out
}

// meet reports whether two accesses certainly are to one element: both append to
// the same slice, both have the same constant index, or one reads all elements.
func meet(x, y element) bool {
	switch {
	case x.kind == appended && y.kind == appended:
		return true
	case x.kind == whole:
		return y.kind == atIndex
	case y.kind == whole:
		return x.kind == atIndex
	case x.kind == atIndex && y.kind == atIndex:
		return x.index != "" && x.index == y.index
	}
	return false
}

func diagnostic(u, other element) analysis.Diagnostic {
	name := types.ExprString(u.use.Expr)
	d := analysis.Diagnostic{Pos: u.use.Pos}
	self := u.use.Pos == other.use.Pos
	who := "a function that runs at the same time "
	switch {
	case u.kind == appended && self:
		d.Message = "append writes behind " + name + " in a function of which several run at the same time: they share the room there"
	case u.kind == appended:
		d.Message = "append writes behind " + name + " while " + who + "appends to it too: they share the room there"
	case other.kind == whole:
		d.Message = "an element of " + name + " is written here while " + who + "reads all of them"
	case self:
		d.Message = name + "[" + u.index + "] is written here by a function of which several run at the same time"
	case other.use.Write:
		d.Message = name + "[" + u.index + "] is written here while " + who + "writes it"
	default:
		d.Message = name + "[" + u.index + "] is written here while " + who + "reads it"
	}
	if !self {
		d.Related = []analysis.RelatedInformation{{Pos: other.use.Pos, Message: "used here at the same time"}}
	}
	if u.kind == appended {
		d.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "Append to a slice without room, which makes a copy",
			TextEdits: []analysis.TextEdit{{Pos: u.use.Expr.End(), End: u.use.Expr.End(), NewText: []byte("[:len(" + name + "):len(" + name + ")]")}},
		}}
	}
	return d
}
