// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"go/ast"
	"go/types"
	"go/version"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// newSite is the statement of a side: of its candidate, or else of the line that
// the stack shows.
func newSite(s *side, c *cand) culprit.Site {
	site := culprit.Site{Op: s.access.Op, Func: s.access.Func}
	if c == nil && (s.place == nil || s.outside) {
		site.File, site.Line = s.access.File, s.access.Line
		return site
	}
	place := s.place
	if c != nil {
		place = c.place
	}
	if s.at >= 0 {
		site.Func = s.frames[s.at].Func
	}
	site.Pos = culprit.Pos{File: place.Rel, Line: place.Line}
	if c == nil {
		site.Statement = lineText(place)
		return site
	}
	if c.Expr != nil {
		if at := place.Pkg.Pos(c.Expr.Pos()); at.Line == place.Line {
			site.Column = at.Column
		}
	} else if at := place.Pkg.Pos(c.Pos); at.Line == place.Line {
		site.Column = at.Column
	}
	site.Statement = statement(place.Pkg, c.Touch)
	return site
}

// movedSite is the statement of a frame further out.
func movedSite(s *side, h *holder) culprit.Site {
	return culprit.Site{
		Pos: culprit.Pos{File: h.place.Rel, Line: h.place.Line}, Op: s.access.Op,
		Func: s.frames[h.frame].Func, Statement: lineText(h.place),
	}
}

// lineText returns the simple statement around a place's line.
func lineText(place *source.Place) string {
	text := ""
	place.Inspect(func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && isSimple(s) && place.Pkg.Line(s.Pos()) <= place.Line && place.Line <= place.Pkg.Line(s.End()) {
			text = place.Pkg.Text(s, 0)
		}
		return true
	})
	return text
}

// subjectName names the subject: a local or package variable by its name and the
// part that races, a field by its struct's name, elements with "[]".
func subjectName(c *conclusion) string {
	v, name := c.subject.v, c.subject.v.Name()
	if v.IsField() {
		if owner := fieldOwner(c.subject); owner != "" {
			name = owner + "." + name
		}
	} else if !racecheck.IsLocal(v) && v.Pkg() != nil && v.Pkg() != c.subject.place.Pkg.Types {
		name = v.Pkg().Name() + "." + name
	}
	name += c.path
	if c.kind == racecheck.TouchElem {
		name += "[]"
	}
	return name
}

// fieldOwner returns the name of the struct that has the field, "" when it has
// no name.
func fieldOwner(h holder) string {
	pkg := h.v.Pkg()
	if pkg == nil {
		return ""
	}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if st, ok := tn.Type().Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if f.Pos() == h.v.Pos() && f.Name() == h.v.Name() {
					return tn.Name()
				}
			}
		}
	}
	sel, ok := h.expr.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	t := h.place.Pkg.Info.TypeOf(sel.X)
	if p := pointee(t); p != nil {
		t = p
	}
	if n, ok := types.Unalias(orInvalid(t)).(*types.Named); ok {
		return n.Obj().Name()
	}
	return types.ExprString(sel.X)
}

func orInvalid(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}

func pointee(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return nil
}

func subjectKind(c *conclusion, d declaration) culprit.SubjectKind {
	switch c.kind {
	case racecheck.TouchElem:
		return culprit.SubjectElement
	case racecheck.TouchMap:
		return culprit.SubjectMap
	case racecheck.TouchCall, racecheck.TouchPointee:
		return culprit.SubjectObject
	}
	switch {
	case c.subject.v.IsField():
		return culprit.SubjectField
	case !racecheck.IsLocal(c.subject.v):
		return culprit.SubjectPackage
	}
	return d.kind
}

func subjectType(c *conclusion) string {
	pkg, t := c.subject.place.Pkg, c.subject.v.Type()
	if c.path != "" {
		for _, x := range c.touches {
			switch n := strings.Count(c.path, "."); {
			case x == nil || x.Var == nil:
			case len(x.Path) > n:
				t = x.Path[n].Type()
			case strings.HasSuffix(c.path, "."+x.Var.Name()): // behind a pointer that the subject holds
				t = x.Var.Type()
			}
		}
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

func alternative(m match) culprit.Alternative {
	pkg := m.subject.place.Pkg
	c := &conclusion{subject: m.subject, path: m.path, kind: m.x.Kind}
	return culprit.Alternative{
		Subject: subjectName(c), Declared: pkg.Pos(m.subject.v.Pos()),
		Why: fmt.Sprintf("both statements also access it (%s:%d, %s:%d)", path.Base(m.x.place.Rel), m.x.place.Line, path.Base(m.y.place.Rel), m.y.place.Line),
	}
}

// statement returns the source of the part of a statement that makes the
// access: of an if, for or switch only the clause of its header.
func statement(pkg *source.Package, a racecheck.Touch) string {
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
