// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// refine moves the subject outwards where the variable that the code shares is
// further out than the one whose memory races.
func refine(c *conclusion) {
	inRepository(c)
	x, y := c.touches[0], c.touches[1]
	if x == nil || y == nil {
		return
	}
	switch {
	case x.Init != y.Init:
		published(c, x, y)
	case c.own && c.subject.v.IsField():
		sharedArgument(c, x, y)
	case c.kind == racecheck.TouchCall:
		guardedHolder(c, x, y)
	}
}

// sharedArgument: functions of another package use a field of what they were
// passed, and both goroutines run one function literal that passes a variable it
// captured. The functions may expect to own their argument; what is shared is
// the captured variable. A receiver stays: its type is answerable for its state.
func sharedArgument(c *conclusion, x, y *cand) {
	hx, hy := passed(x), passed(y)
	if hx == nil || hy == nil || hx.key != hy.key {
		return
	}
	c.path = "." + c.subject.v.Name()
	c.subject = *hx
	c.kind = racecheck.TouchOwn
}

// inRepository: the field that races belongs to a type of a library. What the
// repository shares is the variable that holds the object: one of its own, or
// the library's package variable that the code goes through.
func inRepository(c *conclusion) {
	if !c.subject.v.IsField() || inTree(c.subject) {
		return
	}
	for i, x := range c.touches {
		if x == nil || x.Var != c.subject.v {
			continue
		}
		path := ""
		for _, h := range x.chain {
			global := !h.v.IsField() && !racecheck.IsLocal(h.v)
			if !inTree(h) && !global {
				path = "." + h.v.Name() + path
				continue
			}
			if h.param || h.plain || !leadsTo(c.touches[1-i], h) {
				continue
			}
			c.subject, c.path, c.kind = h, path, racecheck.TouchOwn
			return
		}
	}
}

// leadsTo reports whether a candidate's memory can be reached through the
// holder. Where nothing is known of the other side, the repository must have made
// the object, or more than one of its functions must know the variable: one that
// only walks over what a library gave out shares nothing.
func leadsTo(c *cand, h holder) bool {
	if c == nil {
		return h.fresh || !racecheck.IsLocal(h.v) || escapes(h.place, h.v)
	}
	return slices.ContainsFunc(c.chain, func(o holder) bool { return o.key == h.key && !private(h, o) })
}

// passed returns the captured variable that was passed down to a candidate's
// statement by parameters alone, nil when there is none in another package.
func passed(c *cand) *holder {
	for i := 1; i < len(c.chain); i++ {
		h := &c.chain[i]
		if h.param {
			if isReceiver(*h) {
				return nil
			}
			continue
		}
		lit, ok := h.place.Func().(*ast.FuncLit)
		if i == 1 || !ok || !racecheck.IsLocal(h.v) || !racecheck.DeclaredOutside(h.v, lit) || h.place.Pkg == c.place.Pkg {
			return nil
		}
		return h
	}
	return nil
}

// published: one side fills in a new object and stores it in a variable by the
// same statement, the other already uses that object: the store is what races.
func published(c *conclusion, x, y *cand) {
	if y.Init {
		x, y = y, x
	}
	if _, ok := x.Stmt.(*ast.ReturnStmt); ok {
		returned(c, x, y)
		return
	}
	a, ok := x.Stmt.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || racecheck.VarOf(x.place.Pkg.Info, a.Lhs[0]) == nil {
		return
	}
	for _, t := range racecheck.Touches(x.place.Pkg.Info, x.place.Func()) {
		if t.Kind == racecheck.TouchOwn && t.Op == culprit.OpWrite && t.Expr == ast.Unparen(a.Lhs[0]) && (t.Var.IsField() || escapes(x.place, t.Var)) {
			inner := c.subject.v.Name()
			c.subject = holder{v: t.Var, key: varKey(x.place.Pkg, t.Var), expr: t.Expr, place: x.place}
			c.grade, c.why = culprit.GradeGuessed, "the report is on "+inner+" of the new object that the statement stores there"
			return
		}
	}
}

// returned: x fills in a new object that its function returns. Where the other
// side found that object is the variable that was stored to without order.
func returned(c *conclusion, x, y *cand) {
	c.grade, c.why = culprit.GradeGuessed, "the report is on "+c.subject.v.Name()+" of a new object; what races is the store of that object"
	for i := range y.chain {
		if h := y.chain[i]; i > 0 && !h.param && !h.plain && inTree(h) {
			c.subject, c.path, c.own, c.kind = h, "", true, racecheck.TouchOwn
			return
		}
	}
}

func isReceiver(h holder) bool {
	fd, ok := h.place.Func().(*ast.FuncDecl)
	return ok && fd.Recv != nil && racecheck.Contains(fd.Recv, h.v.Pos())
}

// guardedHolder: an object of a library sits in a struct that has no means of
// synchronisation, which another package holds in a field of a struct that has.
// There the order is kept or lost, so that field is named, and the statements
// that use it.
func guardedHolder(c *conclusion, x, y *cand) {
	if guarded(c.subject) {
		return
	}
	for i := range x.chain {
		hx := x.chain[i]
		if !hx.v.IsField() || hx.v.Pkg() == c.subject.v.Pkg() || !guarded(hx) || !inTree(hx) {
			continue
		}
		for j := range y.chain {
			if hy := y.chain[j]; hy.key == hx.key {
				c.subject = hx
				c.moved = [2]*holder{&x.chain[i], &y.chain[j]}
				return
			}
		}
	}
}

// guarded reports whether the struct that has the field also has a lock, an
// atomic or a channel.
func guarded(h holder) bool {
	sel, ok := h.expr.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	t := h.place.Pkg.Info.TypeOf(sel.X)
	if p := pointee(t); p != nil {
		t = p
	}
	st, ok := orInvalid(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		switch u := types.Unalias(f.Type()).(type) {
		case *types.Named:
			if p := u.Obj().Pkg(); p != nil && (p.Path() == "sync" || p.Path() == "sync/atomic") {
				return true
			}
		case *types.Chan:
			return true
		}
	}
	return false
}
