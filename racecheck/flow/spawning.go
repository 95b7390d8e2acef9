// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// A sleep waits for a goroutine only where there is one: a cache that evicts when
// it is looked at, a mock that is called in place and a logger need none.

// Spawns reports whether a function starts a goroutine, or names one that does.
func (s *FactSet) Spawns(fn *types.Func) bool {
	return s.trait(s.spawns, fn, func(f *FuncFact) bool { return f.Spawns }, func(d *ast.FuncDecl) bool { return spawns(s.info, s, d.Body) })
}

// spawns reports whether a body starts a goroutine, or names a function that does:
// it may be called.
func spawns(info *types.Info, facts *FactSet, body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.Ident:
			if fn, ok := info.Uses[n].(*types.Func); ok {
				found = found || startsGoroutine(fn) || facts.Spawns(fn)
			}
		}
		return !found
	})
	return found
}

// startsGoroutine reports whether a function of the standard library calls what it
// is given, or writes to it, on a goroutine of its own. Servers do so as well, while
// somebody waits for the answer.
func startsGoroutine(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	switch path := fn.Pkg().Path(); path {
	case "time", "context":
		return fn.Name() == "AfterFunc"
	case "sync":
		return fn.Name() == "Go"
	case "os/exec", "os/signal":
		return true
	}
	return false
}

// Asynchronous reports whether anybody may do something meanwhile, as far as the
// scope can see: it starts a goroutine, calls what does, or uses objects that it has
// not made itself, which may have theirs.
func (s *Scope) Asynchronous() bool {
	if spawns(s.info, s.facts, s.Decl.Body) {
		return true
	}
	found := false
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && isMethodCall(s.info, call) {
			id := rootIdent(call.Fun)
			if id == nil {
				return true
			}
			v, ok := s.info.Uses[id].(*types.Var)
			found = found || ok && !contains(s.Decl.Body, v.Pos()) && carries(v.Type())
		}
		return !found
	})
	return found
}

// over lists the calls in l's body behind which a callback is called no more: those
// that end what the callback was given to, and wait.
func (s *Scope) over(l, callback *Run) []op {
	to := s.givenTo(callback)
	if to == nil {
		return nil
	}
	var list []op
	visitOwn(l, func(n ast.Node, deferred bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok || deferred {
			return
		}
		fn := calleeFunc(s.info, call)
		if fn == nil || fn.Pkg() == nil || !slices.Contains(given(s.info, call), to) {
			return
		}
		if s.facts.Waits(fn) || standard(fn.Pkg().Path()) && isEnding(fn.Name()) {
			list = append(list, op{pos: call.Pos()})
		}
	})
	return list
}

// givenTo gives the variable that is assigned what a callback is an operand of.
func (s *Scope) givenTo(callback *Run) types.Object {
	var to types.Object
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 || a.Tok != token.DEFINE || !contains(a.Rhs[0], callback.Fn.Pos()) || ast.Unparen(a.Rhs[0]) == callback.Fn {
			return true
		}
		if id, ok := a.Lhs[0].(*ast.Ident); ok {
			to = s.info.ObjectOf(id)
		}
		return true
	})
	return to
}

// handsOut reports whether a function wants anything but a context.Context from
// whoever runs it: that has its own way, and may run one such function at a time.
func handsOut(info *types.Info, lit *ast.FuncLit) bool {
	return slices.ContainsFunc(lit.Type.Params.List, func(f *ast.Field) bool { return !isContext(info.TypeOf(f.Type)) })
}

// alone reports whether what a call is made on, or the call, was told a one: many
// that run functions on goroutines are told so to run one at a time.
func (b *builder) alone(call *ast.CallExpr) bool {
	one := func(e ast.Expr) bool {
		v := b.info.Types[e].Value
		return v != nil && v.Kind() == constant.Int && v.ExactString() == "1"
	}
	if slices.ContainsFunc(call.Args, one) {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id := rootIdent(sel.X)
	if id == nil || b.info.Uses[id] == nil {
		return false
	}
	found := false
	ast.Inspect(b.body, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return !found
		}
		for i, l := range a.Lhs {
			root := rootIdent(l)
			if root == nil || b.info.ObjectOf(root) != b.info.Uses[id] {
				continue
			}
			ast.Inspect(a.Rhs[i], func(n ast.Node) bool {
				kv, ok := n.(*ast.KeyValueExpr)
				found = found || ok && one(kv.Value) || n == a.Rhs[i] && one(a.Rhs[i]) && root != l
				return !found
			})
		}
		return !found
	})
	return found
}

// known reports whether it is plain to whoever reads a call that the function runs its
// argument on goroutines: it is of the standard library, a helper of tests, or an
// unexported function of the package.
func (b *builder) known(fn *types.Func) bool {
	sig := fn.Signature()
	if fn.Pkg() != nil && standard(fn.Pkg().Path()) || sig.Recv() == nil && !fn.Exported() && b.facts.decls[fn.Origin()] != nil {
		return true
	}
	for p := range sig.Params().Variables() {
		if isTesting(p.Type()) {
			return true
		}
	}
	return false
}

// Told reports whether one of the accesses is made by a function that was given to code
// elsewhere, and only what is known of that tells that the function runs beside others.
// Options, pools of one, and hand-overs in there are not seen: of what analyzers found
// by it in modules that they had not been made on, too little was a race. What a
// function that is kept or started writes counts; what it reads, a test changes on
// purpose between two steps.
func (p Pair) Told() bool {
	for _, u := range []Use{p.A, p.B} {
		for r := u.Run; r != nil; r = r.Parent {
			if r.Told && (r.Kind == RunMany || !u.Write) {
				return true
			}
		}
	}
	return false
}
