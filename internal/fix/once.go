// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// Once is the strategy that makes a lazy initialisation happen once.
const Once = "sync-once"

// initOnce wraps "if x == nil { x = … }" of a field or package variable into the
// Do of a sync.Once. It must be the only place that assigns x once the object is
// shared; that every reader comes through it is for the run to show.
func initOnce(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if racecheck.IsLocal(s.v) && !s.v.IsField() {
		return nil, "", nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	var decl, first, other *use
	var init *ast.IfStmt
	for _, u := range uses {
		switch {
		case u.decl():
			decl = u
			continue
		case u.key() || u.fn() == nil || s.unpublished(u):
			continue
		}
		if st := lazily(s, u); st != nil && (init == nil || st == init) {
			if why := triedAgain(s, u, st); why != "" {
				return nil, why, nil
			}
			init, first = st, u
			continue
		}
		if (u.writes() || u.addressTaken()) && other == nil {
			other = u
		}
	}
	switch {
	case init == nil || decl == nil:
		return nil, "", nil // nothing is lazy here
	case other != nil:
		return nil, fmt.Sprintf("%s is assigned at line %d too, and not only where it is nil", s.v.Name(), other.line()), nil
	}
	if why := onlyFalls(init.Body); why != "" {
		return nil, why, nil
	}
	name := fresh(decl.file, local(s.v.Name())+"Once")
	expr := name
	if s.v.IsField() {
		base := first.base()
		if base == "" || hasCall(first.expr) {
			return nil, fmt.Sprintf("line %d reaches the field without naming its object", first.line()), nil
		}
		expr = base + "." + name
	}
	declared, why := s.declareBeside(decl, name+" sync.Once // for "+s.v.Name()+"\n")
	if why != "" {
		return nil, why, nil
	}
	pkgName, imp, why := addImport(decl, "sync")
	if why != "" {
		return nil, why, nil
	}
	for i := range declared {
		declared[i].text = strings.ReplaceAll(declared[i].text, " sync.", " "+pkgName+".")
	}
	edits := map[string][]edit{decl.rel: append(declared, imp...)}
	edits[first.rel] = append(edits[first.rel],
		edit{offset: first.offset(init.Pos()), text: expr + ".Do(func() {\n"},
		edit{offset: s.lineEnd(first, init), text: "\n})"})
	c, err := s.candidate(Once, fmt.Sprintf("initialise %s once", s.v.Name()), edits)
	if err != nil {
		return nil, "", err
	}
	return []*Candidate{c}, "", nil
}

// lazily is the outermost "if x == nil" without else around a use of x, in its
// condition or body.
func lazily(s *subject, u *use) *ast.IfStmt {
	var found *ast.IfStmt
	for i, n := range u.path {
		switch n := n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return found
		case *ast.IfStmt:
			if n.Else != nil || n.Init != nil || !s.isNil(u, n.Cond) || i+1 >= len(u.path) {
				continue
			}
			switch u.path[i+1].(type) {
			case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
				found = n
			}
		}
	}
	return found
}

// triedAgain says why a variable may still be nil behind its initialisation, which is
// then tried again and would not be in a sync.Once: it is assigned under a condition,
// or together with an error. "" where it is not.
func triedAgain(s *subject, u *use, init *ast.IfStmt) string {
	if !u.writes() {
		return ""
	}
	for _, n := range u.path {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, func(l ast.Expr) bool {
				return types.Identical(u.pkg.Info.TypeOf(l), types.Universe.Lookup("error").Type())
			}) {
				return fmt.Sprintf("line %d sets %s together with an error: where that fails it is tried again", u.line(), s.v.Name())
			}
		case *ast.IfStmt:
			if n == init {
				return ""
			}
			if !s.isNil(u, n.Cond) {
				return fmt.Sprintf("line %d sets %s under a condition, and it is tried again where that does not hold", u.line(), s.v.Name())
			}
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.ForStmt, *ast.RangeStmt:
			return fmt.Sprintf("line %d sets %s under a condition, and it is tried again where that does not hold", u.line(), s.v.Name())
		}
	}
	return ""
}

// isNil reports whether a condition is "x == nil" for the subject.
func (s *subject) isNil(u *use, cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL {
		return false
	}
	if id, ok := b.Y.(*ast.Ident); !ok || id.Name != "nil" {
		return false
	}
	switch x := ast.Unparen(b.X).(type) {
	case *ast.Ident:
		return s.is(u.pkg, x)
	case *ast.SelectorExpr:
		return s.is(u.pkg, x.Sel)
	}
	return false
}

// onlyFalls says why a body cannot become a function literal: control leaves it
// other than by its end.
func onlyFalls(body *ast.BlockStmt) string {
	why := ""
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.BranchStmt:
			_ = n
			why = "the lazy initialisation returns, defers or jumps: it cannot stand in a function of its own"
		}
		return why == ""
	})
	return why
}
