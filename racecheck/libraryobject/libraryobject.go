// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package libraryobject

import (
	_ "embed"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/flow"
)

//go:embed doc.go
var source string

// Analyzer reports objects of the standard library that concurrent functions use.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "libraryobject",
	Doc:        racecheck.Doc(source, "libraryobject"),
	URL:        racecheck.Page("libraryobject"),
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

// use is one use of an object.
type use struct {
	name, typ string // of the object
	does      string // what is called
}

// check looks at one function.
func check(pass *analysis.Pass, s *flow.Scope) []racecheck.Instance {
	var uses []flow.Use
	of := map[token.Pos]use{}
	s.Own(func(r *flow.Run, n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		e, writes, does := object(s.Info(), call)
		if e == nil {
			return
		}
		typ, behind := named(s.Info().TypeOf(e))
		v, p, ok := s.Memory(e)
		if !ok || s.IsLoopVar(v) && !s.PerIteration() || strings.Contains(p, "[]") {
			return // an element: goroutines often have one each
		}
		if behind {
			p += "*"
		}
		uses = append(uses, flow.Use{Var: v, Path: p, Write: writes, Pos: e.Pos(), Expr: e, Run: r})
		of[e.Pos()] = use{types.ExprString(e), typ, does}
	})
	var list []racecheck.Instance
	for _, p := range s.Conflicts(uses, flow.Any) {
		in := racecheck.Instance{Pattern: culprit.PatternLibraryObject, Var: p.A.Var, Subject: of[p.A.Pos].name}
		list = racecheck.Found(pass, list, in, diagnostic(of, p.A, p.B))
	}
	return list
}

// object gives the object of the table that a call uses: its receiver, or what it
// writes to.
func object(info *types.Info, call *ast.CallExpr) (e ast.Expr, writes bool, does string) {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok {
		return nil, false, ""
	}
	if writers[fn.FullName()] && len(call.Args) > 0 {
		e := ast.Unparen(call.Args[0])
		if addr, ok := e.(*ast.UnaryExpr); ok && addr.Op == token.AND {
			e = ast.Unparen(addr.X)
		}
		if name, _ := named(info.TypeOf(e)); name != "" {
			return e, true, fn.FullName()
		}
		return nil, false, ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || info.Selections[sel] == nil {
		return nil, false, ""
	}
	name, _ := named(info.TypeOf(sel.X))
	if name == "" || safe[sel.Sel.Name] {
		return nil, false, ""
	}
	writes = !looks[sel.Sel.Name] || sel.Sel.Name == "Encode" && encoders[name]
	return ast.Unparen(sel.X), writes, sel.Sel.Name
}

func diagnostic(of map[token.Pos]use, u, other flow.Use) analysis.Diagnostic {
	what := of[u.Pos]
	short := path.Base(what.typ)
	d := analysis.Diagnostic{Pos: u.Pos, Message: what.name + " is used here (" + what.does + ") "}
	if u.Pos == other.Pos {
		d.Message += "by a function of which several run at the same time"
	} else {
		d.Message += "while a function that runs at the same time uses it too (" + of[other.Pos].does + ")"
		d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "used here at the same time"}}
	}
	d.Message += ": a " + short + " is not safe for concurrent use"
	return d
}
