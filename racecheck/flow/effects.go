// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Guard says how an access by a function is protected.
type Guard uint8

// The guards, weakest first.
const (
	Plain   Guard = iota // by nothing
	Unknown              // something else may order it: a channel or a wait
	Locked               // a lock is held
)

// Effect is what a function does to memory that a parameter leads to.
type Effect struct {
	// Path leads from the parameter to the memory; it begins with "*" except for
	// a method call on the parameter itself.
	Path  string
	Write bool
	Guard Guard
	// Async is set when a goroutine does it that the function starts and does
	// not wait for.
	Async bool
	// Late is set with Async when the function does wait, but gives up after some
	// time.
	Late bool
	// Method names a method that is called on the interface at Path, [Called] the
	// function there; "" for an access.
	Method string
	// Maybe is set for what happens only under a condition.
	Maybe bool
	// Gated is set when it happens after a wait for somebody else: a receive, bytes
	// of a connection. The wait for a time is none.
	Gated bool
	// Prefix is set with Async when the function waits for somebody before it starts
	// the goroutine: that matters to those who do not wait for the function.
	Prefix bool
	// Ends is set with Async when the goroutine may end before it, for a reason of its
	// own: it is switched off.
	Ends bool
	// Tick is set with Async when the goroutine does it whenever a time is up that is not
	// known: a test that waits for it makes that short.
	Tick bool
	// Silent is set when the function signals nobody after the access, but for
	// unlocking: whoever gets a signal of it may come before the access.
	Silent bool
}

// Called is the Method of a call of the function at a path.
const Called = "()"

// alike reports whether two effects differ in nothing but when they happen.
func (e Effect) alike(o Effect) bool {
	e.Maybe, e.Gated, e.Prefix, e.Ends, e.Tick, e.Silent = o.Maybe, o.Gated, o.Prefix, o.Ends, o.Tick, o.Silent
	return e == o
}

// effect is an Effect of one place.
type effect struct {
	Effect
	obj  types.Object
	expr ast.Expr
	pos  token.Pos
	end  token.Pos // of the call that makes it, for one that a callee makes
	stmt ast.Stmt
	via  string
	fn   *types.Func // that of via, where it is known
	// optional is set when the goroutine is only started under a condition.
	optional bool
	// called is set when a goroutine calls via.
	called bool
	// atomic is set for an operation of package sync/atomic.
	atomic bool
}

// tracer finds what statements do to the memory behind variables.
type tracer struct {
	info  *types.Info
	facts *FactSet
	// wanted selects the variables.
	wanted func(types.Object) bool
	// guard gives the protection at a place.
	guard func(token.Pos) Guard
	emit  func(effect)
	// made is told what a callee does with an argument that is made on the spot; it may be
	// nil.
	made  func(arg ast.Expr, fact ParamFact, at effect, async bool)
	stack []ast.Node
	// spawned is set where the statements are those of a goroutine themselves.
	spawned bool
	// names are variables that stand for memory of another one.
	names map[types.Object]spot
}

// node handles one node; the stack holds the nodes around it.
func (t *tracer) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		t.call(n, false)
	case *ast.RangeStmt:
		t.elements(n.X)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
		t.operand(n.(ast.Expr))
	}
}

// operand records the access to the largest operand on the path.
func (t *tracer) operand(e ast.Expr) {
	up := t.parent(1)
	switch p := up.(type) {
	case *ast.SelectorExpr:
		if p.X == e {
			if s := t.info.Selections[p]; s != nil {
				return // a part of it is accessed, or a method called
			}
		} else {
			return
		}
	case *ast.IndexExpr:
		if p.X == e {
			return
		}
	case *ast.StarExpr, *ast.ParenExpr:
		return
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			return
		}
	case *ast.KeyValueExpr:
		if id, ok := e.(*ast.Ident); ok && p.Key == e {
			if v, ok := t.info.Uses[id].(*types.Var); ok && v.IsField() {
				return
			}
		}
	}
	obj, path, ok := memory(t.info, e)
	if !ok || obj == nil || !t.want(obj) {
		return
	}
	write, read, at := t.role(e)
	if id, ok := e.(*ast.Ident); ok && t.info.Defs[id] != nil {
		if _, loop := t.parent(1).(*ast.RangeStmt); !loop {
			return // a declaration: nobody else can know the variable yet
		}
	}
	if read {
		t.record(obj, path, false, e, e.Pos())
	}
	if write {
		t.record(obj, path, true, e, at)
	}
}

func (t *tracer) record(obj types.Object, path string, write bool, e ast.Expr, pos token.Pos) {
	if len(path) >= maxPath {
		return
	}
	g := t.guard(pos)
	for i, c := range path {
		if c == '*' { // the pointer on the way is read
			t.out(effect{Effect: Effect{Path: path[:i], Guard: g}, obj: obj, expr: e, pos: e.Pos(), stmt: t.stmt()})
		}
	}
	t.out(effect{Effect: Effect{Path: path, Write: write, Guard: g}, obj: obj, expr: e, pos: pos, stmt: t.stmt()})
}

// parent gives the nth node around the current one.
func (t *tracer) parent(n int) ast.Node {
	if i := len(t.stack) - 1 - n; i >= 0 {
		return t.stack[i]
	}
	return nil
}

func (t *tracer) stmt() ast.Stmt {
	for i := len(t.stack) - 1; i >= 0; i-- {
		if s, ok := t.stack[i].(ast.Stmt); ok {
			return s
		}
	}
	return nil
}

// role tells whether the current operand is written or read, and where a write
// happens.
func (t *tracer) role(e ast.Expr) (write, read bool, at token.Pos) {
	switch p := t.parent(1).(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if l == e {
				return true, p.Tok != token.ASSIGN && p.Tok != token.DEFINE, p.TokPos
			}
		}
	case *ast.IncDecStmt:
		return true, true, p.TokPos
	case *ast.RangeStmt:
		if p.Key == e || p.Value == e {
			return true, false, e.Pos()
		}
	}
	return false, true, e.Pos()
}

func builtinIdent(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

// call records what the callee does to the memory of its receiver and arguments.
func (t *tracer) call(call *ast.CallExpr, async bool) {
	if b, ok := t.info.Uses[builtinIdent(call.Fun)].(*types.Builtin); ok {
		t.builtin(b.Name(), call)
		return
	}
	fn := calleeFunc(t.info, call)
	if fn == nil {
		t.function(call.Fun, call.Pos(), FuncCalled, async)
		return
	}
	if t.pointers(fn, call) {
		return
	}
	sig := fn.Signature()
	ff := t.facts.Of(fn)
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sig.Recv() != nil {
		t.method(sel, call, fn, ff, async)
	}
	for i, arg := range call.Args {
		pf := ff.Param(i, fn)
		if pf.Func != FuncKept {
			t.function(arg, arg.Pos(), pf.Func, async)
		}
		t.argument(arg, pf, call, fn, async)
	}
}

// function records that the function in a field or an element is called, here or by
// a callee that it is given to.
func (t *tracer) function(e ast.Expr, pos token.Pos, use FuncUse, async bool) {
	if _, ok := typeOf(t.info, e).Underlying().(*types.Signature); !ok {
		return
	}
	obj, path, ok := memory(t.info, e)
	if !ok || obj == nil || !t.want(obj) {
		return
	}
	async = async || use == FuncAsync
	t.out(effect{Effect: Effect{Path: path, Method: Called, Guard: t.guardOf(Plain, pos, async), Async: async}, obj: obj, pos: pos, stmt: t.stmt()})
}

// guardOf gives the protection of what a callee does at a place: its own, and what
// is held around the call. A goroutine that is left running holds nothing of that,
// and what was waited for before it was started orders it with nobody who waits for
// the call.
func (t *tracer) guardOf(own Guard, pos token.Pos, async bool) Guard {
	g := t.guard(pos)
	if async && (g == Locked || !t.spawned) {
		return own
	}
	return max(own, g)
}

// pointers records what functions do with &x that no fact tells: atomic
// operations, and decoders that reach their target by reflection.
func (t *tracer) pointers(fn *types.Func, call *ast.CallExpr) bool {
	atomic := fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && fn.Signature().Recv() == nil
	if !atomic && !decodes(fn.Name()) {
		return false
	}
	for i, a := range call.Args {
		u, ok := ast.Unparen(a).(*ast.UnaryExpr)
		if !ok || u.Op != token.AND || atomic && i > 0 {
			continue
		}
		if obj, path, ok := memory(t.info, u.X); ok && obj != nil && t.wanted(obj) {
			write := !strings.HasPrefix(fn.Name(), "Load")
			t.out(effect{Effect: Effect{Path: path, Write: write, Guard: t.guard(a.Pos())}, obj: obj, expr: u.X, pos: a.Pos(), stmt: t.stmt(), via: fn.Name(), atomic: atomic})
		}
	}
	return true
}

// decodes reports whether a function of this name writes to what its arguments
// point to.
func decodes(name string) bool {
	switch name {
	case "Unmarshal", "Decode", "As", "Scan", "Sscan", "Sscanf", "Fscan", "Fscanf", "UnmarshalStrict":
		return true
	}
	return false
}

func (t *tracer) builtin(name string, call *ast.CallExpr) {
	if (name == "len" || name == "cap") && len(call.Args) == 1 {
		t.elements(call.Args[0])
		return
	}
	if name != "delete" && name != "clear" && name != "copy" || len(call.Args) == 0 {
		return
	}
	if obj, path, ok := memory(t.info, call.Args[0]); ok && obj != nil && t.wanted(obj) {
		t.record(obj, path+"*[]", true, call.Args[0], call.Pos())
	}
}

// elements records that the entries of a map are counted or ranged over.
func (t *tracer) elements(e ast.Expr) {
	if _, ok := typeOf(t.info, e).Underlying().(*types.Map); !ok {
		return
	}
	if obj, path, ok := memory(t.info, e); ok && obj != nil && t.wanted(obj) {
		t.record(obj, path+"*[]", false, e, e.Pos())
	}
}

// method records a call x.M(…).
func (t *tracer) method(sel *ast.SelectorExpr, call *ast.CallExpr, fn *types.Func, ff *FuncFact, async bool) {
	obj, path, ok := memory(t.info, sel.X)
	if !ok || obj == nil || !t.want(obj) {
		return
	}
	s := t.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return
	}
	// The way through embedded fields to the receiver.
	typ := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, isPtr := typ.Underlying().(*types.Pointer); isPtr {
			path += "*"
			typ = p.Elem()
		}
		st, isStruct := typ.Underlying().(*types.Struct)
		if !isStruct {
			return
		}
		path += "." + st.Field(i).Name()
		typ = st.Field(i).Type()
	}
	if isPointer(typ) || types.IsInterface(typ) || !isPointer(fn.Signature().Recv().Type()) {
		t.record(obj, path, false, sel.X, sel.Pos())
	}
	if types.IsInterface(typ) {
		t.out(effect{Effect: Effect{Path: path, Method: fn.Name(), Guard: t.guard(sel.Pos()), Async: async}, obj: obj, pos: sel.Pos(), stmt: t.stmt(), via: fn.Name(), fn: fn})
		return
	}
	_, isPtr := typ.Underlying().(*types.Pointer)
	t.apply(obj, path, !isPtr && isPointer(fn.Signature().Recv().Type()), ff.Recv(), typ, span{sel.Pos(), call.End()}, fn, async)
}

// argument records what a callee does to the memory of an argument.
func (t *tracer) argument(arg ast.Expr, fact ParamFact, call *ast.CallExpr, fn *types.Func, async bool) {
	if len(fact.Effects)+len(fact.Calls) == 0 {
		return
	}
	arg = ast.Unparen(arg)
	whole, address := arg, false
	if u, ok := arg.(*ast.UnaryExpr); ok && u.Op == token.AND {
		address, arg = true, u.X
	}
	obj, path, ok := memory(t.info, arg)
	if !ok && t.made != nil {
		t.made(whole, fact, effect{pos: whole.Pos(), stmt: t.stmt()}, async)
	}
	if !ok || obj == nil || !t.want(obj) {
		return
	}
	typ := typeOf(t.info, arg)
	if address {
		typ = types.NewPointer(typ)
	}
	t.apply(obj, path, address, fact, typ, span{arg.Pos(), call.End()}, fn, async)
}

// span is where a call is made: its receiver or argument, and its end.
type span struct{ pos, end token.Pos }

// apply maps the effects of a callee on a parameter to the memory at path. address
// is set when the parameter is a pointer to that memory rather than a copy of it.
func (t *tracer) apply(obj types.Object, path string, address bool, fact ParamFact, typ types.Type, at span, fn *types.Func, async bool) {
	for _, e := range fact.Calls {
		t.onward(obj, path, address, e, at.pos, async)
	}
	for _, e := range fact.Effects {
		if e.Method != "" {
			t.dynamic(obj, path, address, e, typ, at.pos, async)
			continue
		}
		p := e.Path
		if address {
			p = strings.TrimPrefix(p, "*")
		}
		if len(path)+len(p) >= maxPath {
			continue
		}
		x := Effect{Path: path + p, Write: e.Write, Guard: t.guardOf(e.Guard, at.pos, e.Async || async), Async: e.Async || async, Late: e.Late, Maybe: e.Maybe, Gated: e.Gated || async && e.Prefix, Prefix: e.Prefix, Ends: e.Ends, Tick: e.Tick, Silent: e.Silent}
		t.out(effect{Effect: x, obj: obj, pos: at.pos, end: at.end, stmt: t.stmt(), via: fn.Name(), fn: fn})
	}
}

// dynamic resolves a method that a callee calls on an interface parameter, where
// the argument's own type is known.
func (t *tracer) dynamic(obj types.Object, path string, address bool, e Effect, typ types.Type, pos token.Pos, async bool) {
	if e.Path != "" || types.IsInterface(typ) {
		// On a field of the argument, or the argument is an interface as well: its
		// type is not known here, perhaps by a caller.
		t.onward(obj, path, address, e, pos, async)
		return
	}
	for _, x := range t.facts.ofMethod(typ, e, address) {
		if len(path)+len(x.Path) < maxPath {
			x.Guard = t.guardOf(x.Guard, pos, x.Async || async)
			x.Async, x.Gated = x.Async || async, x.Gated || async && x.Prefix
			x.Path = path + x.Path
			t.out(effect{Effect: x, obj: obj, pos: pos, stmt: t.stmt(), via: e.Method, called: e.Async || async})
		}
	}
}

// onward records a call that a callee makes of what an argument leads to, which is
// not known here.
func (t *tracer) onward(obj types.Object, path string, address bool, e Effect, pos token.Pos, async bool) {
	p := e.Path
	if address {
		p = strings.TrimPrefix(p, "*")
	}
	if len(path)+len(p) >= maxPath {
		return
	}
	t.out(effect{Effect: Effect{Path: path + p, Method: e.Method, Guard: t.guardOf(e.Guard, pos, e.Async || async), Async: e.Async || async, Late: e.Late, Maybe: e.Maybe, Gated: e.Gated || async && e.Prefix, Prefix: e.Prefix, Ends: e.Ends, Tick: e.Tick}, obj: obj, pos: pos, stmt: t.stmt(), via: e.Method})
}

// ofMethod gives what a call of a method of an interface, made as e says, does when
// the value in the interface is of the given type. address is set when the interface
// has the address of a value of that type.
func (s *FactSet) ofMethod(typ types.Type, e Effect, address bool) []Effect {
	fn := methodOf(typ, e.Method)
	if fn == nil {
		return nil
	}
	_, isPtr := typ.Underlying().(*types.Pointer)
	buffer := isBuffer(typ) // one way or another, it is changed
	var list []Effect
	for _, x := range s.Of(fn).Recv().Effects {
		if x.Method != "" {
			continue
		}
		x.Maybe = x.Maybe && !buffer
		if address || !isPtr && isPointer(fn.Signature().Recv().Type()) {
			x.Path = strings.TrimPrefix(x.Path, "*")
		}
		x.Guard = max(x.Guard, e.Guard)
		x.Async, x.Late, x.Maybe = x.Async || e.Async, x.Late || e.Late, x.Maybe || e.Maybe
		x.Gated, x.Prefix, x.Ends, x.Silent = x.Gated || e.Gated, x.Prefix || e.Prefix, x.Ends || e.Ends, false
		x.Tick = x.Tick || e.Tick
		list = append(list, x)
	}
	return list
}
