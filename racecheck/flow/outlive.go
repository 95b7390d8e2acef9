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

// The response orders a handler with whoever has asked, but not when the time of
// http.TimeoutHandler is up: then the response comes from that, and the handler goes on.
// A test of it makes the time short, and has a handler that sleeps.

// Outlives reports whether a function, or one that it names, has handlers called by
// http.TimeoutHandler.
func (s *FactSet) Outlives(fn *types.Func) bool {
	if s == nil || fn == nil || fn.Pkg() == nil || !s.servesHTTP(fn.Pkg()) {
		return isTimeoutHandler(fn)
	}
	return s.trait(s.outlives, fn, func(f *FuncFact) bool { return f.Outlives }, func(d *ast.FuncDecl) bool {
		found := false
		ast.Inspect(d.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && !found {
				named, ok := s.info.Uses[id].(*types.Func)
				found = ok && (isTimeoutHandler(named) || s.Outlives(named))
			}
			return !found
		})
		return found
	})
}

// servesHTTP reports whether a package imports net/http.
func (s *FactSet) servesHTTP(pkg *types.Package) bool {
	does, ok := s.http[pkg]
	if !ok {
		does = slices.ContainsFunc(pkg.Imports(), func(p *types.Package) bool { return p.Path() == "net/http" })
		if s.http == nil {
			s.http = map[*types.Package]bool{}
		}
		s.http[pkg] = does
	}
	return does
}

func isTimeoutHandler(fn *types.Func) bool {
	return fn != nil && fn.Name() == "TimeoutHandler" && fn.Pkg() != nil && fn.Pkg().Path() == "net/http"
}

// outlived records what a handler that goes on after the response may do: to a buffer
// that was given away before the request, and to variables after it has slept.
func (s *Scope) outlived() {
	if !s.timesOut() {
		return
	}
	for _, x := range s.uses[:len(s.uses):len(s.uses)] {
		home := s.home(x.Var)
		if home == nil || !x.Write || x.Atomic || x.Async || x.Guard != Plain || x.Via != "" || s.LockedAt(x.Run, x.Pos) {
			continue
		}
		l := s.Callback(x.Run, x.Var)
		if l == nil || x.Run != l || !slices.ContainsFunc(s.sleeps(l), func(p token.Pos) bool { return p < x.Pos }) {
			continue
		}
		for _, p := range s.asked(home, l.At) {
			x.Run, x.Async, x.Called, x.Via, x.Expr = s.unjoinedRun(home, p, outliving), true, true, "the handler", nil
			s.uses = append(s.uses, x)
		}
	}
	for _, v := range s.buffers() {
		home := s.home(v)
		for _, given := range s.HandedOver(v) {
			for _, p := range s.asked(home, given) {
				s.written(home, v, given, p)
			}
		}
	}
}

// written records that a buffer is written to from pos on.
func (s *Scope) written(home *Run, v *types.Var, given, pos token.Pos) {
	fn := methodOf(v.Type(), "Write")
	if fn == nil {
		return
	}
	for _, e := range s.facts.Of(fn).Recv().Effects {
		if e.Write && e.Method == "" {
			s.uses = append(s.uses, Use{Var: v, Path: trim(e.Path, !isPointer(v.Type())), Write: true, Pos: given, Run: s.unjoinedRun(home, pos, outliving), Via: "Write", Callee: fn, Async: true, Called: true})
		}
	}
}

// timesOut reports whether the declaration has handlers called under a short time, and
// a function that sleeps.
func (s *Scope) timesOut() bool {
	if s.timed == 0 {
		s.timed = no
		if s.tests() && s.limits() {
			s.timed = yes
		}
	}
	return s.timed == yes
}

func (s *Scope) limits() bool {
	limited, brief, sleeps := false, false, false
	isBrief := func(e ast.Expr) bool { return isShort(s.info, e) }
	depth := []ast.Node{}
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		if n == nil {
			depth = depth[:len(depth)-1]
			return true
		}
		depth = append(depth, n)
		switch n := n.(type) {
		case *ast.CallExpr:
			fn := calleeFunc(s.info, n)
			if s.facts.Outlives(fn) {
				limited = true
				brief = brief || slices.ContainsFunc(n.Args, isBrief)
			}
			if s.isSleep(n) && slices.ContainsFunc(depth, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok }) {
				sleeps = true
			}
		case *ast.KeyValueExpr:
			id, ok := n.Key.(*ast.Ident)
			brief = brief || ok && strings.HasSuffix(strings.ToLower(id.Name), "timeout") && isBrief(n.Value)
		}
		return true
	})
	return limited && brief && sleeps
}

// asked lists where a run makes requests behind a place.
func (s *Scope) asked(r *Run, from token.Pos) []token.Pos {
	var list []token.Pos
	visitOwn(r, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok || deferred || call.Pos() < from {
			return
		}
		fn := calleeFunc(s.info, call)
		if isRequest(fn) || fn != nil && fn.Name() == "ServeHTTP" && len(call.Args) == 2 {
			list = append(list, call.Pos())
		}
	})
	return list
}

// buffers lists the local variables that are buffers without a lock.
func (s *Scope) buffers() []*types.Var {
	var list []*types.Var
	for _, u := range s.uses {
		if isBuffer(u.Var.Type()) && s.home(u.Var) != nil && !slices.Contains(list, u.Var) {
			list = append(list, u.Var)
		}
	}
	return list
}
