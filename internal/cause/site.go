// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"go/ast"
	"go/types"
	"go/version"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

func newSite(s side, a racecheck.Access) culprit.Site {
	pos := a.Pos
	if a.Expr != nil {
		pos = a.Expr.Pos()
	}
	site := culprit.Site{Pos: s.place.Pkg.Pos(pos), Op: s.access.Op, Func: s.access.Func}
	site.Statement = statement(s.place.Pkg, a)
	return site
}

// statement returns the source of the part of a statement that makes the
// access: of an if, for or switch only the clause of its header.
func statement(pkg *source.Package, a racecheck.Access) string {
	var parts []ast.Node
	switch s := a.Stmt.(type) {
	case *ast.IfStmt:
		parts = []ast.Node{s.Init, s.Cond}
	case *ast.ForStmt:
		parts = []ast.Node{s.Init, s.Cond, s.Post}
	case *ast.SwitchStmt:
		parts = []ast.Node{s.Init, s.Tag}
	case *ast.TypeSwitchStmt:
		parts = []ast.Node{s.Init, s.Assign}
	case *ast.RangeStmt:
		head := *s
		head.Body = &ast.BlockStmt{}
		return strings.TrimSuffix(pkg.Text(&head, 0), " { }")
	case *ast.CaseClause:
		for _, e := range s.List {
			parts = append(parts, e)
		}
	case nil:
		return ""
	default:
		return pkg.Text(s, 0)
	}
	for _, n := range parts {
		if n != nil && racecheck.Contains(n, a.Pos) {
			return pkg.Text(n, 0)
		}
	}
	if a.Expr != nil {
		return pkg.Text(a.Expr, 0)
	}
	return ""
}

// commonPath is the part of the variable that both accesses touch: the longer
// of the two paths, for a write to all of a struct also writes its fields.
func commonPath(p pair) string {
	if len(p[0].Path) > len(p[1].Path) {
		return p[0].Path
	}
	return p[1].Path
}

func typeOf(pkg *source.Package, a racecheck.Access) string {
	t := a.Var.Type()
	if a.Path != "" && a.Expr != nil {
		t = pkg.Info.TypeOf(a.Expr)
	}
	if t == nil || t == types.Typ[types.Invalid] {
		return ""
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p == pkg.Types {
			return ""
		}
		return p.Name()
	})
}

// declaration is what the syntax around a variable's declaration tells.
type declaration struct {
	kind    culprit.SubjectKind
	pattern culprit.Pattern
	in      string   // symbol of the declared function around it
	fn      ast.Node // the function that declares it
	line    int
	rel     string
}

func declare(pkg *source.Package, v *types.Var) declaration {
	d := declaration{
		kind: culprit.SubjectLocal, pattern: culprit.PatternCapturedOuterVariable,
		line: pkg.Line(v.Pos()), rel: pkg.Rel(v.Pos()),
	}
	file := pkg.File(d.rel)
	if file == nil {
		return d
	}
	var loop ast.Stmt
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || !racecheck.Contains(n, v.Pos()) {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			d.fn, d.in = n, pkg.Path+"."+declName(n)
			d.kind = fieldKind(n.Type, v)
		case *ast.FuncLit:
			d.fn = n
			d.kind = fieldKind(n.Type, v)
		case *ast.ForStmt:
			if n.Init != nil && racecheck.Contains(n.Init, v.Pos()) {
				loop = n
			}
		case *ast.RangeStmt:
			if !racecheck.Contains(n.Body, v.Pos()) && !racecheck.Contains(n.X, v.Pos()) {
				loop = n
			}
		}
		return true
	})
	switch {
	case d.kind == culprit.SubjectResult:
		d.pattern = culprit.PatternNamedResult
	case loop != nil && sharedLoopVariable(pkg, file):
		d.pattern = culprit.PatternLoopVariable
	}
	return d
}

// sharedLoopVariable reports whether the file's language version gives a loop
// one variable for all iterations: before Go 1.22 (go.dev/blog/loopvar-preview).
func sharedLoopVariable(pkg *source.Package, file *ast.File) bool {
	v := pkg.Info.FileVersions[file]
	if v == "" && pkg.GoVersion != "" {
		v = "go" + pkg.GoVersion
	}
	return v != "" && version.Compare(v, "go1.22") < 0
}

// declName returns a declared function's name as the linker spells it.
func declName(fn *ast.FuncDecl) string {
	if fn.Recv.NumFields() != 1 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	star := false
	if s, ok := t.(*ast.StarExpr); ok {
		t, star = s.X, true
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	id, ok := t.(*ast.Ident)
	switch {
	case !ok:
		return fn.Name.Name
	case star:
		return "(*" + id.Name + ")." + fn.Name.Name
	}
	return id.Name + "." + fn.Name.Name
}

func fieldKind(t *ast.FuncType, v *types.Var) culprit.SubjectKind {
	switch {
	case t.Params != nil && racecheck.Contains(t.Params, v.Pos()):
		return culprit.SubjectParameter
	case t.Results != nil && racecheck.Contains(t.Results, v.Pos()):
		return culprit.SubjectResult
	}
	return culprit.SubjectLocal
}

// grade weighs a cause. Everything that leaves room for another variable makes
// it a guess, and the reason names it.
func grade(sides [2]side, pairs []pair) (culprit.Grade, string) {
	pkg := sides[0].place.Pkg
	v := pairs[0][0].Var
	switch {
	case len(pairs) > 1:
		var names []string
		for _, p := range pairs {
			names = append(names, p[0].Var.Name())
		}
		return culprit.GradeGuessed, "both lines access more than one captured variable: " + strings.Join(names, ", ")
	case sides[0].place.Ambiguous || sides[1].place.Ambiguous:
		return culprit.GradeGuessed, "several function literals stand on an access line"
	case sides[0].indirect || sides[1].indirect:
		return culprit.GradeGuessed, "an access line also writes memory behind a pointer, slice or map, which the report could be about"
	case pkg.Degree != source.Full:
		return culprit.GradeGuessed, fmt.Sprintf("%s of package %s could be had (%s); run `go mod download` in the work tree and triage again", pkg.Degree, pkg.Path, pkg.Why)
	}
	return culprit.GradeLocated, fmt.Sprintf("the type checker resolves %s at both lines to the variable declared at %s:%d", v.Name(), pkg.Rel(v.Pos()), pkg.Line(v.Pos()))
}
