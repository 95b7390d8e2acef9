// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"time"
)

// What a goroutine does whenever its ticker ticks it does without being asked, as soon as
// the time is up. Where that is not known to be short, a test that makes some time short
// counts as one that wants it to be.

// isTick reports whether a case of a select, with the nodes around it, is one that is
// taken again and again: that of a ticker in a loop without end, or of time.After where
// all other cases end the loop.
func isTick(info *types.Info, around []ast.Node, c *ast.CommClause) bool {
	if c.Comm == nil || len(around) < 4 {
		return false
	}
	loop, isLoop := around[len(around)-4].(*ast.ForStmt)
	sel, isSelect := around[len(around)-2].(*ast.SelectStmt)
	if !isLoop || !isSelect || loop.Cond != nil || around[len(around)-3] != ast.Node(loop.Body) {
		return false
	}
	switch x := received(c).(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "C" && isNamed(info.TypeOf(x.X), "time", "Ticker")
	case *ast.CallExpr:
		return isTimeFunc(info, x, "After") && !slices.ContainsFunc(sel.Body.List, func(o ast.Stmt) bool {
			other := o.(*ast.CommClause)
			return other != c && !returns(other.Body)
		})
	}
	return false
}

// received gives the channel that a case receives from, nil for none.
func received(c *ast.CommClause) ast.Expr {
	var e ast.Expr
	switch comm := c.Comm.(type) {
	case *ast.ExprStmt:
		e = comm.X
	case *ast.AssignStmt:
		e = comm.Rhs[0]
	}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return ast.Unparen(u.X)
	}
	return nil
}

func isTimeFunc(info *types.Info, call *ast.CallExpr, name string) bool {
	fn := calleeFunc(info, call)
	return fn != nil && fn.FullName() == "time."+name
}

// returns reports whether a list of statements ends in a return.
func returns(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok
}

// untimely reports whether the innermost node of the stack is in a case for a time that
// is not known to be short, or behind such a sleep in a loop without end.
func (o *occasions) untimely(stack []ast.Node) bool {
	for i, n := range stack {
		if loop, ok := n.(*ast.ForStmt); ok && loop.Cond == nil && i+2 < len(stack) && o.sleepsFirst(loop, stack[i+2]) {
			return true
		}
		c, ok := n.(*ast.CommClause)
		if !ok || i+1 < len(stack) && stack[i+1] == ast.Node(c.Comm) || !isTick(o.info, stack[:i], c) {
			continue
		}
		switch x := received(c).(type) {
		case *ast.CallExpr:
			if !isShort(o.info, x.Args[0]) {
				return true
			}
		case *ast.SelectorExpr:
			if id, ok := ast.Unparen(x.X).(*ast.Ident); !ok || !o.shortTicker(id) {
				return true
			}
		}
	}
	return false
}

// sleepsFirst reports whether a loop sleeps, not known to be for a short time, before it
// comes to one of its statements.
func (o *occasions) sleepsFirst(loop *ast.ForStmt, before ast.Node) bool {
	for _, st := range loop.Body.List {
		if st == before {
			break
		}
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			continue
		}
		if call, ok := es.X.(*ast.CallExpr); ok && isTimeFunc(o.info, call, "Sleep") && !isShort(o.info, call.Args[0]) {
			return true
		}
	}
	return false
}

// shortTicker reports whether the body makes the ticker of a variable for a short time.
func (o *occasions) shortTicker(id *ast.Ident) bool {
	found := false
	ast.Inspect(o.run.Body(), func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			l, isIdent := a.Lhs[0].(*ast.Ident)
			call, isCall := a.Rhs[0].(*ast.CallExpr)
			found = found || isIdent && isCall && o.info.ObjectOf(l) == o.info.Uses[id] && isTimeFunc(o.info, call, "NewTicker") && isShort(o.info, call.Args[0])
		}
		return !found
	})
	return found
}

// short is the time that a test is ready to wait for.
const short = time.Second

// isShort reports whether an expression is a constant time that is short.
func isShort(info *types.Info, e ast.Expr) bool {
	d := constantTime(info, e)
	return d > 0 && d < short
}

// long is the time that no test waits for.
const long = time.Minute

// isLong reports whether an expression is a constant time that is long.
func isLong(info *types.Info, e ast.Expr) bool { return constantTime(info, e) >= long }

// constantTime gives the value of a constant time, 0 for anything else.
func constantTime(info *types.Info, e ast.Expr) time.Duration {
	tv := info.Types[e]
	if tv.Value == nil || !isNamed(tv.Type, "time", "Duration") {
		return 0
	}
	d, _ := constant.Int64Val(constant.ToInt(tv.Value))
	return time.Duration(d)
}

// never reports whether what a goroutine does when a time is up does not happen in the
// test: it gives somebody a long time, and nobody a short one.
func (s *Scope) never(e Effect) bool {
	return e.Tick && !s.brief() && gives(s.info, s.Decl.Body, isLong)
}

// brief reports whether the declaration gives a short time to somebody.
func (s *Scope) brief() bool {
	if s.hurried == 0 {
		s.hurried = no
		if brief(s.info, s.Decl.Body) {
			s.hurried = yes
		}
	}
	return s.hurried == yes
}

// brief reports whether a body gives a short time to somebody.
func brief(info *types.Info, body ast.Node) bool { return gives(info, body, isShort) }

// gives reports whether a body gives a time of some kind to somebody: in a field, or to
// a function that neither sleeps nor polls.
func gives(info *types.Info, body ast.Node, kind func(*types.Info, ast.Expr) bool) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			found = found || kind(info, n.Value)
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if _, ok := l.(*ast.SelectorExpr); ok && len(n.Lhs) == len(n.Rhs) {
					found = found || kind(info, n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			fn := calleeFunc(info, n)
			if fn != nil && fn.Pkg() != nil && (standard(fn.Pkg().Path()) || isPolling(fn.Name()) || fn.Name() == "Sleep") {
				return true
			}
			found = found || slices.ContainsFunc(n.Args, func(e ast.Expr) bool { return kind(info, e) })
		}
		return !found
	})
	return found
}
