// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
)

// grade weighs a conclusion that both sides support. Everything that leaves room
// for another variable makes it a guess, and the reason names it.
func grade(c *conclusion, m match) (culprit.Grade, string) {
	if len(c.others) > 0 {
		names := []string{c.subject.v.Name()}
		for _, o := range c.others {
			names = append(names, o.subject.v.Name())
		}
		return culprit.GradeGuessed, "both lines access more than one shared variable: " + strings.Join(names, ", ")
	}
	if c.sides[0].moved || c.sides[1].moved {
		return culprit.GradeGuessed, "the work tree is not at the log's commit: the functions were found by their names, and the statements by the variable that both access"
	}
	for _, x := range []*cand{m.x, m.y} {
		pkg := x.place.Pkg
		if x.place.Ambiguous {
			return culprit.GradeGuessed, "several function literals stand on an access line"
		}
		if pkg.Degree != source.Full && !resolved(x.place) {
			return culprit.GradeGuessed, fmt.Sprintf("%s of package %s could be had (%s); run `go mod download` in the work tree and triage again", pkg.Degree, pkg.Path, pkg.Why)
		}
	}
	pkg, v := c.subject.place.Pkg, c.subject.v
	where := fmt.Sprintf("%s:%d", path.Base(pkg.Rel(v.Pos())), pkg.Line(v.Pos()))
	switch {
	case m.score < 10:
		return culprit.GradeLocated, fmt.Sprintf("the type checker resolves %s at both lines to the variable declared at %s", v.Name(), where)
	case m.field:
		return culprit.GradeLocated, fmt.Sprintf("one line accesses %s by name, the other hands the same object to a library", v.Name())
	case m.hx+m.hy <= 6 && m.x.rank+m.y.rank <= 3:
		return culprit.GradeLocated, fmt.Sprintf("both accesses lead to what %s, declared at %s, holds, followed over %d steps", v.Name(), where, m.hx+m.hy)
	}
	return culprit.GradeGuessed, fmt.Sprintf("%s is the nearest variable that both accesses lead to, and the way there is long", v.Name())
}

// resolved reports whether the type checker knows every name on a place's line:
// then what it does not know of the rest of the package does not matter there.
func resolved(p *source.Place) bool {
	info, ok := p.Pkg.Info, true
	p.Inspect(func(n ast.Node) bool {
		id, isIdent := n.(*ast.Ident)
		if !isIdent || p.Pkg.Line(id.Pos()) != p.Line || id.Name == "_" {
			return true
		}
		obj := info.ObjectOf(id)
		switch {
		case obj == nil:
			ok = false
		case obj.Type() == types.Typ[types.Invalid]:
			switch obj.(type) {
			case *types.PkgName, *types.Builtin, *types.Label:
			default:
				ok = false
			}
		}
		return true
	})
	return ok && p.Pkg.Degree != source.Syntax
}
