// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/cfg"
)

// Callback gives the outermost run on the way to r, below the function that
// declares v, of which nothing is known: a function somebody keeps; nil when
// there is none, when it is an entry of a table of cases, or when it is wrapped in a
// function that the code calls itself.
func (s *Scope) Callback(r *Run, v *types.Var) *Run {
	for _, k := range r.chain() {
		if k.Parent != nil && k.Kind == RunCallback && !contains(k.Fn, v.Pos()) {
			if s.inTable(k) || s.wrapped(k) {
				return nil
			}
			return k
		}
	}
	return nil
}

// inTable reports whether a literal is an element of a slice or map literal,
// directly or within a struct: cases of a test have functions that it calls.
func (s *Scope) inTable(k *Run) bool {
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && contains(lit, k.Fn.Pos()) {
			switch typeOf(s.info, lit).Underlying().(type) {
			case *types.Slice, *types.Array, *types.Map:
				found = true
			}
		}
		return !found
	})
	return found
}

// wrapped reports whether a literal is given to a call that makes a function of it,
// as middleware does, and that function is called here: so is the literal, then.
func (s *Scope) wrapped(k *Run) bool {
	makes := func(e ast.Expr) bool {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return false
		}
		_, isFunc := typeOf(s.info, call).Underlying().(*types.Signature)
		return isFunc && slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
			if conv, ok := ast.Unparen(a).(*ast.CallExpr); ok && len(conv.Args) == 1 && s.info.Types[conv.Fun].IsType() {
				a = conv.Args[0]
			}
			return ast.Unparen(a) == k.Fn
		})
	}
	made, called := map[types.Object]bool{}, false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				if id, ok := n.Lhs[i].(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) && makes(r) {
					made[s.info.ObjectOf(id)] = true
				}
			}
		case *ast.CallExpr:
			id, ok := ast.Unparen(n.Fun).(*ast.Ident)
			called = called || makes(n.Fun) || ok && made[s.info.Uses[id]]
		}
		return !called
	})
	return called
}

// AfterSleep reports whether a read is preceded by nothing but a sleep, or polled:
// the code hopes that something has happened elsewhere since from, a position in
// the body of the run that declares the variable. When the callback that makes the
// write x has been waited for before the sleep, that is for something else.
func (s *Scope) AfterSleep(y Use, from token.Pos, callback *Run, x Use) bool {
	home := s.home(y.Var)
	if home == nil || s.bubbled(y.Run) {
		return false
	}
	cy := y.Run.chain()
	i := slices.Index(cy, home)
	if i < 0 {
		return false
	}
	below := cy[i+1:]
	if slices.ContainsFunc(below, func(r *Run) bool { return r.Kind != RunInline && r.Kind != RunSubtest }) {
		return false
	}
	for _, r := range below {
		if r.Call != nil && isPolling(calleeName(r.Call)) {
			if s.drives(r.Call, callback) {
				return false
			}
			return s.graph(home).from(s.graph(home).points(from), s.waitedFor(home, callback, x), never).has(place(below, y))
		}
	}
	l, pos := home, y.Pos
	if len(below) > 0 {
		l = below[len(below)-1]
	}
	g := s.graph(l)
	sleeps := s.sleeps(l)
	if l == home {
		sleeps = append(sleeps, s.passedSleeps(l, callback)...)
	}
	for _, p := range sleeps {
		if l == home && !g.from(g.points(from), s.waitedFor(home, callback, x), never).has(p) {
			continue // before the function was handed over, or after it was waited for
		}
		choice := selectAround(l, p)
		stop := func(n ast.Node) bool {
			return !(n.Pos() <= pos && pos < n.End()) && !s.harmless(n) && !isCase(choice, n)
		}
		if g.from(g.points(p), stop, never).has(pos) {
			return true
		}
	}
	return false
}

// InPoll reports whether an access is part of what a helper polls: there somebody is
// expected to write, and soon.
func (s *Scope) InPoll(u Use) bool {
	return slices.ContainsFunc(u.Run.chain(), func(r *Run) bool { return r.Call != nil && isPolling(calleeName(r.Call)) })
}

// drives reports whether a call that polls is given something of the product besides
// the function: it may be what is tested, and call the callback itself.
func (s *Scope) drives(call *ast.CallExpr, callback *Run) bool {
	return callback != nil && slices.ContainsFunc(call.Args, func(a ast.Expr) bool {
		t := s.info.TypeOf(a)
		if t == nil || isTesting(t) || isContext(t) || isSyncType(t) {
			return false
		}
		if p, ok := t.Underlying().(*types.Pointer); ok {
			_, isStruct := p.Elem().Underlying().(*types.Struct)
			return isStruct
		}
		return types.IsInterface(t)
	})
}

func never(*cfg.Block) bool { return false }

// waitedFor gives the test for the nodes of l's body that wait for what a callback
// signals after it has made the write x.
func (s *Scope) waitedFor(l, callback *Run, x Use) func(ast.Node) bool {
	if callback == nil {
		return func(ast.Node) bool { return false }
	}
	cx := x.Run.chain()
	pos := inner(cx, slices.Index(cx, callback), x)
	joins := s.over(l, callback)
	joins = append(joins, slices.DeleteFunc(s.signalled(l, callback, x, pos), func(o op) bool { return o.lock || o.polls || o.deferred })...)
	return func(n ast.Node) bool {
		return slices.ContainsFunc(joins, func(o op) bool { return contains(n, o.pos) })
	}
}

// home gives the run whose function declares a variable.
func (s *Scope) home(v *types.Var) *Run {
	r := s.Around(v.Pos())
	if r == nil && contains(s.Decl, v.Pos()) {
		return s.Runs[0]
	}
	return r
}

// sleeps lists where a run's own statements sleep.
func (s *Scope) sleeps(r *Run) []token.Pos {
	var list []token.Pos
	visitOwn(r, func(n ast.Node, deferred bool) {
		if deferred {
			return
		}
		switch n := n.(type) {
		case *ast.CallExpr:
			if s.isSleep(n) {
				list = append(list, n.Pos())
			}
		case *ast.UnaryExpr: // <-time.After(d)
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && n.Op == token.ARROW && !inSelect(r, n.Pos()) {
				if fn := calleeFunc(s.info, call); fn != nil && fn.FullName() == "time.After" {
					list = append(list, n.Pos())
				}
			}
		}
	})
	return list
}

func (s *Scope) isSleep(call *ast.CallExpr) bool {
	fn := calleeFunc(s.info, call)
	if fn == nil || fn.Name() != "Sleep" || fn.Signature().Recv() != nil {
		return false
	}
	for p := range fn.Signature().Params().Variables() { // a scheduler of somebody's own knows no time
		if _, basic := p.Type().Underlying().(*types.Basic); !basic && !isContext(p.Type()) && !isTesting(p.Type()) {
			return false
		}
	}
	return true
}

// selectAround gives the select statement of which a case receives at pos.
func selectAround(r *Run, pos token.Pos) *ast.SelectStmt {
	var found *ast.SelectStmt
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectStmt); ok && slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool {
			comm := c.(*ast.CommClause).Comm
			return comm != nil && contains(comm, pos)
		}) {
			found = sel
		}
		return true
	})
	return found
}

// isCase reports whether n is what a case of a select receives.
func isCase(sel *ast.SelectStmt, n ast.Node) bool { return caseAt(sel, n.Pos()) }

// caseAt reports whether a place is in what a case of a select receives or sends.
func caseAt(sel *ast.SelectStmt, pos token.Pos) bool {
	return sel != nil && slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool {
		comm := c.(*ast.CommClause).Comm
		return comm != nil && contains(comm, pos)
	})
}

func inSelect(r *Run, pos token.Pos) bool {
	found := false
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if c, ok := n.(*ast.CommClause); ok && c.Comm != nil && contains(c.Comm, pos) {
			found = true
		}
		return !found
	})
	return found
}

// passedSleeps lists where l waits for a goroutine that sleeps before it signals,
// and that has handed the callback over before: the sleep is that of l.
func (s *Scope) passedSleeps(l, callback *Run) []token.Pos {
	var list []token.Pos
	if callback == nil {
		return nil
	}
	for _, g := range callback.chain() {
		if g.Kind != RunGo || g.Parent != l || g.hidden() {
			continue
		}
		for _, p := range s.sleeps(g) {
			released := releasesAfter(s.info, g, p)
			for _, o := range s.acquires(l) {
				if !o.deferred && len(o.roots) == 1 && released[o.roots[0]] && o.direct {
					list = append(list, o.pos)
				}
			}
		}
	}
	return list
}

// harmless reports whether a node neither waits nor calls anything but what tests
// check and print with.
func (s *Scope) harmless(n ast.Node) bool {
	ok := true
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.SendStmt:
			ok = false
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW
		case *ast.CallExpr:
			ok = ok && s.checks(n)
		}
		return ok
	})
	return ok
}

// checks reports whether a call is a conversion, a builtin, a method of the test,
// or a function of a package that tests check and print with.
func (s *Scope) checks(call *ast.CallExpr) bool {
	if tv := s.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && isTesting(s.info.TypeOf(sel.X)) {
		return true
	}
	fn := calleeFunc(s.info, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch path := fn.Pkg().Path(); path {
	case "fmt", "strings", "bytes", "errors", "reflect", "strconv", "sort", "slices", "math", "time":
		return true
	default:
		return strings.Contains(path, "assert") || strings.Contains(path, "require") || strings.Contains(path, "go-cmp") || strings.Contains(path, "gomega")
	}
}

// HandedOver tells where a variable, or its address, is given to code that may
// keep it: an argument of a function of which nothing is known, or a field.
func (s *Scope) HandedOver(v *types.Var) []token.Pos {
	var list []token.Pos
	isV := func(e ast.Expr) bool {
		e = ast.Unparen(e)
		if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
			e = u.X
		}
		id, ok := e.(*ast.Ident)
		return ok && s.info.Uses[id] == v
	}
	home := s.home(v)
	if home == nil {
		return nil
	}
	visitOwn(home, func(n ast.Node, deferred bool) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s.checks(n) {
				return
			}
			for _, a := range n.Args {
				if isV(a) {
					list = append(list, n.Pos())
				}
			}
		case *ast.KeyValueExpr:
			if isV(n.Value) {
				list = append(list, n.Pos())
			}
		case *ast.AssignStmt:
			for i, r := range n.Rhs {
				if isV(r) && i < len(n.Lhs) {
					if _, ok := ast.Unparen(n.Lhs[i]).(*ast.SelectorExpr); ok {
						list = append(list, n.Pos())
					}
				}
			}
		}
	})
	return list
}

// isPolling reports whether a function of this name calls its argument again
// and again and returns when it is satisfied, as require.Eventually.
func isPolling(name string) bool {
	for _, p := range []string{"Eventually", "Never", "Poll", "WaitFor", "Retry", "Until", "Consistently"} {
		if strings.Contains(name, p) || strings.HasPrefix(name, strings.ToLower(p[:1])+p[1:]) {
			return true
		}
	}
	return false
}
