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

// kept adds the runs of literals that were given away before, or are now, and that a
// call makes run: on a goroutine that it leaves running or, where the call is made on
// one of its own, in place.
func (b *builder) kept(r *Run, depth int, call *ast.CallExpr, how RunKind) {
	fn := calleeFunc(b.info, call)
	if fn == nil || how == RunDefer {
		return
	}
	f := b.facts.Of(fn)
	if !f.calls() {
		return
	}
	g := starting{b: b, r: r, depth: depth, call: call, how: how}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		if obj, path, address, ok := receiver(b.info, sel, fn); ok {
			for _, e := range f.Receiver.all() {
				if g.wants(e) {
					g.start([]types.Object{obj}, b.keeping().at(obj, path+trim(e.Path, address)), e, f.Receiver.Calls, 0)
				}
			}
		} else if made, isCall := ast.Unparen(sel.X).(*ast.CallExpr); isCall && isPointer(b.info.TypeOf(made)) {
			for _, e := range f.Receiver.all() {
				if g.wants(e) {
					g.start(b.assigned[call], b.keeping().within(made, e.Path), e, f.Receiver.Calls, 0)
				}
			}
		}
	}
	handles := b.assigned[call]
	for i, a := range call.Args {
		p := f.Param(i, fn)
		for _, e := range p.all() {
			if g.wants(e) {
				g.start(handles, b.keeping().within(a, e.Path), e, p.Calls, 0)
			}
		}
	}
	for _, e := range f.Result(0).all() {
		if e.Async && g.wants(e) {
			g.start(handles, b.keeping().within(call, e.Path), e, nil, 0)
		}
	}
}

// starting adds the runs that one call starts.
type starting struct {
	b     *builder
	r     *Run
	depth int
	call  *ast.CallExpr
	how   RunKind
}

// wants reports whether what the call does to what it was given starts runs: on a
// goroutine that waits for nobody before, or in place where the call is on one.
func (s starting) wants(e Effect) bool {
	if e.Method == "" || e.Gated || e.Ends || e.Late || e.Guard == Unknown || e.Tick && !brief(s.b.info, s.b.body) {
		return false
	}
	if e.Async || s.how == RunGo {
		return !e.Prefix || s.how != RunGo && !onGoroutine(s.r)
	}
	return onGoroutine(s.r) // else it is over when the call is
}

// start adds the runs of the literals in a list, which the call uses as e says. all
// are the calls that it makes of what it was given in the same way; handles are the
// variables by which the goroutine may be waited for.
func (s starting) start(handles []types.Object, list []holding, e Effect, all []Effect, nested int) {
	if !s.wants(e) {
		return
	}
	kind := RunInline
	if e.Async || s.how == RunGo {
		kind = RunGo
	}
	if e.Maybe && !(e.Async && slices.ContainsFunc(all, func(o Effect) bool { return !o.Async && o.Path == e.Path })) {
		return // but one that the call makes itself, too, is known to be wanted
	}
	for _, h := range list {
		lit := h.lit
		if lit == nil && h.method == nil && h.srcPath == "" {
			lit = s.b.bound[h.src]
		}
		if lit == nil && h.method == nil && e.Method != Called && (h.src != nil || h.made) && nested < maxNested {
			s.within(handles, h, e, nested+1)
		}
		if lit == nil || e.Method != Called && !s.b.callsItself(h.typ, e.Method) ||
			slices.ContainsFunc(s.r.Kids, func(k *Run) bool { return k.Fn == lit && k.At == s.call.Pos() && k.Kind == kind }) {
			continue
		}
		s.b.add(s.r, s.depth, &Run{Kind: kind, Fn: lit, At: s.call.Pos(), Call: s.call, handles: handles, Given: true, Told: true, locked: e.Guard == Locked, Spelled: "goroutine of " + types.ExprString(s.call.Fun)})
	}
}

// maxNested bounds the objects whose methods call functions of other objects.
const maxNested = 3

// within adds the runs of the literals that a method of a known object calls: those in
// the fields of a mock.
func (s starting) within(handles []types.Object, h holding, e Effect, nested int) {
	fn := methodOf(h.typ, e.Method)
	if fn == nil || types.IsInterface(h.typ) {
		return
	}
	obj, path, address := h.src, h.srcPath, h.address
	if h.made {
		obj, path = h.obj, h.path
	}
	for _, c := range s.b.facts.Of(fn).Receiver.all() {
		if c.Method == "" || c.Path == "" {
			continue
		}
		list := s.b.keeping().at(obj, path+trim(c.Path, address))
		c.Guard = max(c.Guard, e.Guard)
		c.Async, c.Late, c.Maybe = c.Async || e.Async, c.Late || e.Late, c.Maybe || e.Maybe
		c.Gated, c.Prefix, c.Ends, c.Tick = c.Gated || e.Gated, c.Prefix || e.Prefix, c.Ends || e.Ends, c.Tick || e.Tick
		s.start(handles, list, c, nil, nested)
	}
}

// callsItself reports whether a method of a type of functions calls the function, as
// that of http.HandlerFunc.
func (b *builder) callsItself(t types.Type, method string) bool {
	if t == nil {
		return false
	}
	fn := methodOf(t, method)
	return fn != nil && slices.ContainsFunc(b.facts.Of(fn).Receiver.Calls, func(e Effect) bool { return e.Path == "" && !e.Async && !e.Maybe })
}

// trim gives a path from a pointer as one from what it points to.
func trim(path string, address bool) string {
	if address {
		return strings.TrimPrefix(path, "*")
	}
	return path
}

// onGoroutine reports whether a run, or one that it is a part of, is a goroutine of
// its own.
func onGoroutine(r *Run) bool {
	for ; r != nil; r = r.Parent {
		switch r.Kind {
		case RunGo, RunMany, RunParallel:
			return true
		case RunCallback, RunCleanup:
			return false
		}
	}
	return false
}

// receiver gives the memory that a method is called on, and whether the method has
// its address.
func receiver(info *types.Info, sel *ast.SelectorExpr, fn *types.Func) (obj types.Object, path string, address, ok bool) {
	s := info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil, "", false, false
	}
	obj, path, ok = memory(info, sel.X)
	if !ok || obj == nil {
		return nil, "", false, false
	}
	typ := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] { // through embedded fields
		if p, isPtr := typ.Underlying().(*types.Pointer); isPtr {
			path += "*"
			typ = p.Elem()
		}
		st, isStruct := typ.Underlying().(*types.Struct)
		if !isStruct {
			return nil, "", false, false
		}
		path += "." + st.Field(i).Name()
		typ = st.Field(i).Type()
	}
	return obj, path, isPointer(fn.Signature().Recv().Type()) && !isPointer(typ), true
}

// within lists what is kept at a path below the value of an expression.
func (k *keeping) within(e ast.Expr, path string) []holding {
	sub := &keeping{info: k.info, facts: k.facts}
	here := types.NewVar(token.NoPos, nil, "", types.Typ[types.Invalid])
	sub.below(slot{obj: here}, e, path, 0)
	var list []holding
	for _, h := range sub.list {
		if h.path != "" {
			continue
		}
		list = append(list, h)
		if h.src != nil && !h.address && h.method == nil {
			list = append(list, k.at(h.src, h.srcPath)...)
		}
	}
	return list
}

// keeping tells what the declaration keeps, and where.
func (b *builder) keeping() *keeping {
	if b.given == nil {
		b.given = newKeeping(b.info, b.facts, b.body, true)
	}
	return b.given
}
