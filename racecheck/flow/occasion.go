// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// occasions tells on which occasion a body makes an access: always or under a
// condition, and whether anybody can be told of it afterwards.
type occasions struct {
	info  *types.Info
	run   *Run
	known bool
	// early is where the body can first return under a condition.
	early token.Pos
	// nonNil is the first that is not for a nil.
	nonNil token.Pos
	// first is the first of those that is in no loop.
	first token.Pos
	// signals are the places that may tell somebody something.
	signals []op
}

func newOccasions(info *types.Info, r *Run) *occasions { return &occasions{info: info, run: r} }

// maybe reports whether the innermost node of the stack is only reached under a
// condition. A loop is taken to run, and a function not to fail before. What is called
// is known not to be nil where it is known at all; called says that this matters.
func (o *occasions) maybe(stack []ast.Node, pos token.Pos, called bool) bool {
	for i, n := range stack[:max(len(stack)-1, 0)] {
		below := stack[i+1]
		switch n := n.(type) {
		case *ast.IfStmt:
			if (below == n.Body || below == n.Else) && !(called && o.aboutNil(n.Cond)) {
				return true
			}
		case *ast.CaseClause:
			return true
		case *ast.CommClause:
			if (below != n.Comm || !sends(n.Comm)) && !isTick(o.info, stack[:i], n) {
				return true
			}
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && below == n.Y {
				return true
			}
		}
	}
	o.look()
	if called {
		return o.nonNil.IsValid() && o.nonNil < pos
	}
	return o.early.IsValid() && o.early < pos
}

// conditional reports whether a place of a body is only reached under a condition; called
// is as for maybe.
func (o *occasions) conditional(pos token.Pos, called bool) bool {
	var stack []ast.Node
	ast.Inspect(o.run.Body(), func(n ast.Node) bool {
		if n == nil || !contains(n, pos) {
			return false
		}
		stack = append(stack, n)
		return true
	})
	return o.maybe(stack, pos, called)
}

// sends reports whether the operation of a case is one whose operands are evaluated
// whether the case is taken or not: all but the variables that a receive assigns.
func sends(comm ast.Stmt) bool {
	switch comm.(type) {
	case *ast.SendStmt, *ast.ExprStmt:
		return true
	}
	return false
}

// silent reports whether nobody is told of anything after an access, but by an
// unlock.
func (o *occasions) silent(e effect) bool {
	o.look()
	from := max(e.pos, e.end)
	if e.stmt != nil && e.end == token.NoPos {
		from = e.stmt.End()
	}
	if len(o.signals) == 0 {
		return true
	}
	if slices.ContainsFunc(o.signals, func(s op) bool { return s.deferred || s.pos >= from || o.operand(s, e) }) {
		return false
	}
	loops := loopsAround(o.run.Body(), e.pos)
	return len(loops) == 0 || !slices.ContainsFunc(o.signals, func(s op) bool {
		return slices.ContainsFunc(loops, func(l ast.Node) bool { return contains(l, s.pos) })
	})
}

// operand reports whether an access is made for a signal, before that is given:
// ch <- x.n.
func (o *occasions) operand(s op, e effect) bool {
	if s.of == nil || !contains(s.of, e.pos) {
		return false
	}
	if _, isSend := s.of.(*ast.SendStmt); isSend {
		return true
	}
	return s.of.End() > e.end && e.end.IsValid() // else the call may make the access
}

// look finds the returns and signals of the body, once.
func (o *occasions) look() {
	if o.known {
		return
	}
	o.known = true
	o.returns(o.run.Body(), unconditional, false)
	visitOwn(o.run, func(n ast.Node, deferred bool) {
		switch n := n.(type) {
		case *ast.SendStmt:
			o.signals = append(o.signals, op{pos: n.Pos(), deferred: deferred, of: n})
		case *ast.CallExpr:
			if !o.quiet(n) {
				o.signals = append(o.signals, op{pos: n.Pos(), deferred: deferred, of: n})
			}
		}
	})
	ast.Inspect(o.run.Body(), func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			o.signals = append(o.signals, op{pos: g.Pos()})
		}
		return true
	})
}

// condition says under which a statement is reached.
type condition int

const (
	unconditional condition = iota
	ofNil                   // that something is, or is not, nil
	conditional
)

// returns finds the first return under a condition that is not about an error.
func (o *occasions) returns(n ast.Node, under condition, looping bool) {
	first := func(at *token.Pos, pos token.Pos) {
		if !at.IsValid() || pos < *at {
			*at = pos
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if under == unconditional {
				return true
			}
			first(&o.early, n.Pos())
			if under == conditional {
				first(&o.nonNil, n.Pos())
			}
			if !looping {
				first(&o.first, n.Pos())
			}
		case *ast.IfStmt:
			in := conditional
			if o.noReceiver(n.Cond) {
				return false // there is nothing to access then
			}
			if o.aboutError(n) {
				in = unconditional
			} else if o.aboutNil(n.Cond) {
				in = ofNil
			}
			o.returns(n.Body, max(under, in), looping)
			if n.Else != nil {
				o.returns(n.Else, max(under, in), looping)
			}
			return false
		case *ast.ForStmt:
			o.returns(n.Body, under, true)
			return false
		case *ast.RangeStmt:
			o.returns(n.Body, under, true)
			return false
		case *ast.CommClause:
			return false // until it is told to end, it goes on
		case *ast.CaseClause:
			for _, st := range n.Body {
				o.returns(st, conditional, looping)
			}
			return false
		}
		return true
	})
}

// aboutNil reports whether a condition only compares something with nil.
func (o *occasions) aboutNil(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return false
	}
	if b.Op == token.LAND || b.Op == token.LOR {
		return o.aboutNil(b.X) && o.aboutNil(b.Y)
	}
	return (b.Op == token.EQL || b.Op == token.NEQ) && (o.info.Types[b.X].IsNil() || o.info.Types[b.Y].IsNil())
}

// noReceiver reports whether a condition is that the receiver is nil.
func (o *occasions) noReceiver(cond ast.Expr) bool {
	d, ok := o.run.Fn.(*ast.FuncDecl)
	b, isBinary := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || !isBinary || b.Op != token.EQL || d.Recv == nil || len(d.Recv.List) != 1 || len(d.Recv.List[0].Names) != 1 {
		return false
	}
	id, ok := ast.Unparen(b.X).(*ast.Ident)
	return ok && o.info.Types[b.Y].IsNil() && o.info.Uses[id] != nil && o.info.Uses[id] == o.info.Defs[d.Recv.List[0].Names[0]]
}

// mayEnd reports whether the body may have returned, at a place that it comes by
// once, before it comes to pos.
func (o *occasions) mayEnd(pos token.Pos) bool {
	o.look()
	return o.first.IsValid() && o.first < pos
}

// aboutError reports whether a condition looks at an error.
func (o *occasions) aboutError(n *ast.IfStmt) bool {
	found := false
	ast.Inspect(n.Cond, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			found = found || isError(o.info.TypeOf(e))
		}
		return !found
	})
	return found
}

// quiet reports whether a call tells nobody anything: an unlock, a conversion, or a
// function that only computes or prints.
func (o *occasions) quiet(call *ast.CallExpr) bool {
	if tv := o.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return calleeName(call) != "close"
	}
	switch calleeName(call) {
	case "Lock", "Unlock", "RLock", "RUnlock":
		return true
	}
	fn := calleeFunc(o.info, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "fmt", "errors", "time", "strings", "strconv", "math", "log", "bytes", "sort", "slices", "maps":
		return true
	}
	return strings.HasPrefix(fn.Pkg().Path(), "math/")
}
