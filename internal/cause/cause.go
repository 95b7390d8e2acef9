// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package cause names the variable that a race report is about: it reads the
// statements at both access lines, asks the type checker which variables they
// touch, and intersects. It also tells which tests own the two goroutines.
//
// It concludes only what both statements support. A race whose accesses happen
// in library or runtime code, or on memory behind a pointer, is left without a
// cause, with the reason.
package cause

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// side is one of the two accesses with its place in the source.
type side struct {
	access *culprit.Access
	owner  Owner
	place  *source.Place
	// accesses are the accesses of the line that do what the report says.
	accesses []racecheck.Access
	// indirect is true when the line also writes memory behind a pointer, slice
	// or map, which the report could be about instead.
	indirect bool
}

// Find names the racing variable of a report. owners are the tests that own the
// goroutines of the two accesses, in the order of race.Accesses. A nil cause
// comes with the reason.
func Find(ctx context.Context, tree *source.Tree, race *culprit.Race, owners []Owner) (*culprit.Cause, string, error) {
	if len(race.Accesses) != 2 || len(owners) != 2 {
		return nil, "the report does not show two accesses", nil
	}
	var sides [2]side
	for i := range race.Accesses {
		s, why, err := newSide(ctx, tree, &race.Accesses[i], owners[i])
		if err != nil || s == nil {
			return nil, why, err
		}
		sides[i] = *s
	}
	pairs := intersect(sides[0], sides[1])
	if len(pairs) == 0 {
		return nil, fmt.Sprintf("%s and %s have no captured variable in common: the race is on memory that they reach in another way",
			describeLine(sides[0]), describeLine(sides[1])), nil
	}
	return newCause(sides, pairs), "", nil
}

// newSide finds the statement of an access. A nil side comes with the reason.
func newSide(ctx context.Context, tree *source.Tree, a *culprit.Access, owner Owner) (*side, string, error) {
	switch {
	case a.StackLost || len(a.Stack) == 0:
		return nil, fmt.Sprintf("the detector lost the stack of the %s", a.Op), nil
	case a.Atomic:
		return nil, "one access is atomic: the variable is an operand of a call, which this version does not follow", nil
	}
	top := a.Stack[0]
	place, why, err := tree.Find(ctx, top)
	if err != nil {
		return nil, "", err
	}
	if place == nil {
		return nil, fmt.Sprintf("the %s is made in %s, %s", a.Op, top.Func, why), nil
	}
	if place.Func() == nil {
		return nil, fmt.Sprintf("%s:%d is in no function: the work tree is not at the log's commit", place.Rel, place.Line), nil
	}
	s := &side{access: a, owner: owner, place: place}
	s.accesses = onLine(place, a.Op)
	s.indirect = a.Op == culprit.OpWrite && writesIndirectly(place)
	if len(s.accesses) == 0 {
		return nil, fmt.Sprintf("no variable is %s directly at %s:%d", pastTense(a.Op), place.Rel, place.Line), nil
	}
	return s, "", nil
}

func pastTense(op culprit.Op) string {
	if op == culprit.OpWrite {
		return "written"
	}
	return "read"
}

// onLine lists the accesses of the place's function that the compiler places on
// the line. An operand of a statement over several lines can be reported at any
// of them, so when the line itself has none, the statement around it counts.
func onLine(place *source.Place, op culprit.Op) []racecheck.Access {
	pkg := place.Pkg
	var exact, around []racecheck.Access
	for _, a := range racecheck.Accesses(pkg.Info, place.Func()) {
		if a.Op != op {
			continue
		}
		switch {
		case pkg.Line(a.Pos) == place.Line || a.Expr != nil && pkg.Line(a.Expr.Pos()) == place.Line:
			exact = append(exact, a)
		case isSimple(a.Stmt) && pkg.Line(a.Stmt.Pos()) <= place.Line && place.Line <= pkg.Line(a.Stmt.End()):
			around = append(around, a)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return around
}

func isSimple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt, *ast.DeclStmt:
		return true
	}
	return false
}

// writesIndirectly reports whether an assignment on the line stores through a
// pointer, slice or map.
func writesIndirectly(place *source.Place) bool {
	direct := map[ast.Expr]bool{}
	for _, a := range racecheck.Accesses(place.Pkg.Info, place.Func()) {
		direct[a.Expr] = a.Op == culprit.OpWrite || direct[a.Expr]
	}
	found := false
	ast.Inspect(source.Body(place.Func()), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if place.Pkg.Line(n.Pos()) > place.Line || place.Pkg.Line(n.End()) < place.Line {
				return true
			}
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); !direct[l] && (!ok || id.Name != "_") {
					found = true
				}
			}
		case *ast.IncDecStmt:
			if place.Pkg.Line(n.Pos()) == place.Line && !direct[n.X] {
				found = true
			}
		}
		return true
	})
	return found
}

// pair is a captured variable that both sides access.
type pair [2]racecheck.Access

// intersect finds the pairs that touch the same memory of a captured variable,
// one pair per variable, best first.
func intersect(a, b side) []pair {
	seen := map[*types.Var]bool{}
	var pairs []pair
	for _, x := range a.accesses {
		for _, y := range b.accesses {
			if !x.Overlaps(y) || seen[x.Var] {
				continue
			}
			if !racecheck.DeclaredOutside(x.Var, a.place.Func()) && !racecheck.DeclaredOutside(x.Var, b.place.Func()) {
				continue
			}
			if !isLiteral(a.place.Func()) && !isLiteral(b.place.Func()) {
				continue // package variables and fields are not captured
			}
			seen[x.Var] = true
			pairs = append(pairs, pair{x, y})
		}
	}
	return pairs
}

func isLiteral(n ast.Node) bool {
	_, ok := n.(*ast.FuncLit)
	return ok
}

func describeLine(s side) string {
	names := map[string]bool{}
	var list []string
	for _, a := range s.accesses {
		if !names[a.Var.Name()] {
			names[a.Var.Name()] = true
			list = append(list, a.Var.Name())
		}
	}
	return fmt.Sprintf("%s:%d (%s %s)", s.place.Rel, s.place.Line, strings.Join(list, ", "), pastTense(s.access.Op))
}

func newCause(sides [2]side, pairs []pair) *culprit.Cause {
	p := pairs[0]
	v, pkg := p[0].Var, sides[0].place.Pkg
	decl := declare(pkg, v)
	c := &culprit.Cause{
		Pattern:    decl.pattern,
		Subject:    v.Name() + commonPath(p),
		Kind:       decl.kind,
		Type:       typeOf(pkg, p[0]),
		Declared:   pkg.Pos(v.Pos()),
		DeclaredIn: decl.in,
		Sites:      culprit.List[culprit.Site]{newSite(sides[0], p[0]), newSite(sides[1], p[1])},
		Because:    because(sides, p, decl),
		Grade:      culprit.GradeLocated,
	}
	slices.SortFunc(c.Sites, func(a, b culprit.Site) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	c.Grade, c.GradeWhy = grade(sides, pairs)
	return c
}
