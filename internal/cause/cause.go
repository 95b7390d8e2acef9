// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

// Package cause names the variable that a race report is about. It takes the
// first frame of the repository on each of the two stacks, lists what the
// statement there can have touched in the way that the frames above it show (a
// plain access, a map operation, append, an atomic, a library's method), follows
// values from parameters to the arguments of the calling frames, and keeps what
// both sides have in common. It also tells which tests own the two goroutines.
//
// It concludes only what the statements support: a variable that both sides
// resolve to is located, anything less is a guess with its reason, and where
// nothing fits there is no cause.
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

// conclusion is the variable that explains a report, before it is spelled out.
type conclusion struct {
	sides   [2]*side
	touches [2]*cand // nil where the side shows no statement for it
	subject holder
	kind    racecheck.TouchKind
	path    string
	own     bool
	grade   culprit.Grade
	why     string
	others  []match
	// moved are the places further out that stand for the sides' statements.
	moved [2]*holder
}

// Find names the racing variable of a report. owners are the tests that own the
// goroutines of the two accesses, in the order of race.Accesses. A nil cause
// comes with the reason.
func Find(ctx context.Context, tree *source.Tree, race *culprit.Race, owners []Owner) (*culprit.Cause, string, error) {
	if len(race.Accesses) != 2 || len(owners) != 2 {
		return nil, "the report does not show two accesses", nil
	}
	r := &resolver{tree: tree}
	var sides [2]*side
	for i := range race.Accesses {
		s, err := r.newSide(ctx, &race.Accesses[i], owners[i])
		if err != nil {
			return nil, "", err
		}
		sides[i] = s
	}
	if err := r.lookInside(ctx, sides); err != nil {
		return nil, "", err
	}
	if len(sides[0].cands)+len(sides[1].cands) == 0 && sides[0].place == nil && sides[1].place == nil {
		return nil, sides[0].why, nil
	}
	for _, s := range sides {
		for i := range s.cands {
			s.cands[i].chain = r.chain(ctx, s, &s.cands[i])
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	c, why := conclude(sides)
	if c == nil {
		return nil, why, nil
	}
	refine(c)
	return r.spell(ctx, c), "", nil
}

// chain lists the variables that lead to the memory of a candidate.
func (r *resolver) chain(ctx context.Context, s *side, c *cand) []holder {
	if c.Expr == nil {
		return nil
	}
	frame := max(s.at, 0)
	if s.place != nil && c.place.Func() != s.place.Func() {
		frame-- // its own frame is missing: the first one shown is its caller's
	}
	e := c.Expr
	for c.Kind == racecheck.TouchElem && len(c.Path) > 0 {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr) // rows[i].n: the element, not its field
		if !ok {
			break
		}
		e = sel.X
	}
	if sel := promotedBy(c); sel != nil {
		return r.traceReceiver(ctx, s, frame, c.place, sel)
	}
	return r.trace(ctx, s, frame, c.place, e)
}

// promotedBy returns the selector of a candidate that is the receiver of a method
// promoted from an embedded field: the object is that field, which the source
// does not name. nil for every other candidate.
func promotedBy(c *cand) *ast.SelectorExpr {
	if c.Kind != racecheck.TouchCall || !c.Receiver || c.Call == nil {
		return nil
	}
	sel, ok := ast.Unparen(c.Call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if m := c.place.Pkg.Info.Selections[sel]; m == nil || len(m.Index()) < 2 {
		return nil
	}
	return sel
}

// conclude picks the variable.
func conclude(sides [2]*side) (*conclusion, string) {
	if list := matches(sides[0], sides[1]); len(list) > 0 {
		return fromMatches(sides, list), ""
	}
	for _, s := range sides {
		if s.moved {
			f := s.frames[s.at]
			return nil, fmt.Sprintf("the work tree is not at the log's commit: %s:%d is not in %s, and the two functions have no variable in common", s.place.Rel, f.Line, source.ParseSymbol(f.Func).Func())
		}
	}
	if c := oneSided(sides); c != nil {
		return c, ""
	}
	for _, s := range sides {
		if s.place == nil {
			return nil, s.why
		}
	}
	return nil, fmt.Sprintf("%s and %s have no variable in common that could be followed", describeLine(sides[0]), describeLine(sides[1]))
}

func fromMatches(sides [2]*side, list []match) *conclusion {
	m := list[0]
	c := &conclusion{sides: sides, touches: [2]*cand{m.x, m.y}, subject: m.subject, kind: m.x.Kind, path: m.path, own: m.own}
	if c.kind == racecheck.TouchOwn && m.y.Kind != racecheck.TouchOwn {
		c.kind = m.y.Kind
	}
	for _, x := range []*cand{m.x, m.y} {
		if c.kind == racecheck.TouchCall && (x.Kind == racecheck.TouchMap || x.Kind == racecheck.TouchElem) {
			c.kind = x.Kind // a library's method on a map or slice type, and the language's own operation
		}
	}
	if m.score < 10 || m.field || m.whole {
		c.kind = racecheck.TouchOwn
	}
	for _, o := range list[1:] {
		if o.score == m.score || m.score >= 10 && o.score <= m.score+2 {
			c.others = append(c.others, o)
		}
	}
	c.grade, c.why = grade(c, m)
	return c
}

// oneSided concludes from a side whose statement leaves no choice, where the
// other side shows only code that is not in the tree, or an object that it
// reaches through an interface.
func oneSided(sides [2]*side) *conclusion {
	type found struct {
		i int
		c *cand
		h holder
	}
	var best *found
	for i, s := range sides {
		other := sides[1-i]
		if other.above.via == viaLibrary && !isStd(other.above.top.Package) {
			if owned := ownedBy(s, other.above.top); len(owned) > 0 {
				s.cands = owned
				other.outside = true
			}
		}
		c := definite(s)
		if c == nil {
			continue
		}
		h, ok := named(c)
		if !ok || c.Kind == racecheck.TouchCall && c.rank > 0 && s.above.top.Package != "testing" && !types.IsInterface(orInvalid(typeOfExpr(c.place.Pkg.Info, c.Touch))) {
			continue // the call gets at many objects, and what raced is of another type
		}
		f := &found{i, c, h}
		if best == nil || better(s, c, sides[1-i], best.c) {
			best = f
		}
	}
	if best == nil {
		return nil
	}
	c := &conclusion{sides: sides, subject: best.h, kind: best.c.Kind, grade: culprit.GradeGuessed}
	c.touches[best.i] = best.c
	c.own = best.c.Kind == racecheck.TouchOwn
	other := sides[1-best.i]
	switch {
	case other.outside:
		c.why = fmt.Sprintf("the other access is made by %s, whose source is not in the work tree", other.above.top.Func())
	case c.own && promotes(other, best.c.Var):
		c.why = fmt.Sprintf("the other access is in the wrapper of a method promoted from the embedded %s, which has no line", best.c.Var.Name())
	case other.place == nil:
		c.why = "only one access is in the work tree: " + other.why
	default:
		c.why = fmt.Sprintf("%s resolves to it; how the other access reaches it could not be followed", describeLine(sides[best.i]))
	}
	return c
}

// isStd reports whether an import path is of the standard library: its first
// element has no dot.
func isStd(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// better prefers a plain access to one inside a library, an object of the very
// type that the library worked on to an interface, a write to a read.
func better(s *side, c *cand, other *side, than *cand) bool {
	rank := func(s *side, c *cand) int {
		n := c.rank * 4
		if c.Kind != racecheck.TouchOwn {
			n += 2
		}
		if s.access.Op != culprit.OpWrite {
			n++
		}
		return n
	}
	return rank(s, c) < rank(other, than)
}

// named returns the variable that names the memory of a candidate: itself, or
// the first on its chain that is more than the name of one call.
func named(c *cand) (holder, bool) {
	if c.Kind == racecheck.TouchOwn {
		if len(c.Path) > 0 && !c.Path[0].IsField() {
			h := ownHolder(c)
			h.v = c.Path[0]
			h.key = varKey(c.place.Pkg, h.v)
			return h, true
		}
		return ownHolder(c), c.Var != nil
	}
	for _, tree := range []bool{true, false} {
		for _, h := range c.chain {
			if !h.param && !h.plain && (!tree || inTree(h)) {
				return h, true
			}
		}
	}
	if len(c.chain) > 0 {
		return c.chain[len(c.chain)-1], true
	}
	return holder{}, false
}

func describeLine(s *side) string {
	names := map[string]bool{}
	var list []string
	for _, c := range s.cands {
		if c.Var != nil && !names[c.Var.Name()] {
			names[c.Var.Name()] = true
			list = append(list, c.Var.Name())
		}
	}
	what := "nothing with a name"
	if len(list) > 0 {
		what = strings.Join(list, ", ")
	}
	if s.place == nil {
		return s.access.Func
	}
	return fmt.Sprintf("%s:%d (%s %s)", s.place.Rel, s.place.Line, what, pastTense(s.access.Op))
}

func pastTense(op culprit.Op) string {
	if op == culprit.OpWrite {
		return "written"
	}
	return "read"
}

// spell writes a conclusion out.
func (r *resolver) spell(ctx context.Context, c *conclusion) *culprit.Cause {
	pkg, v := c.subject.place.Pkg, c.subject.v
	decl := declare(pkg, v)
	out := &culprit.Cause{
		Subject:    subjectName(c),
		Kind:       subjectKind(c, decl),
		Type:       subjectType(c),
		Declared:   pkg.Pos(v.Pos()),
		DeclaredIn: decl.in,
		Grade:      c.grade,
		GradeWhy:   c.why,
	}
	for i := range c.sides {
		if h := c.moved[i]; h != nil {
			out.Sites = append(out.Sites, movedSite(c.sides[i], h))
			continue
		}
		out.Sites = append(out.Sites, newSite(c.sides[i], c.touches[i]))
	}
	slices.SortFunc(out.Sites, func(a, b culprit.Site) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	locks := r.locks(ctx, c, out.Declared)
	out.Pattern = pattern(c, decl, locks)
	out.Because = because(c, decl, locks)
	out.Where, out.WhereWhy = where(c, out)
	for _, o := range c.others {
		out.Alternatives = append(out.Alternatives, alternative(o))
	}
	return out
}
