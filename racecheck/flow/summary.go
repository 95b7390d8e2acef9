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

// summary finds the fact of one function.
type summary struct {
	set   *FactSet
	fn    *types.Func
	decl  *ast.FuncDecl
	out   *FuncFact
	param map[types.Object]*ParamFact // receiver and parameters
	local map[types.Object][]int      // locals that are returned, and as which results
	alias []alias
	runs  []*Run
	waits map[*Run][]op
	gates map[*Run][]op
}

// alias says that the memory at prefix of a local is what a parameter points to:
// x := &T{f: param}.
type alias struct {
	local  types.Object
	prefix string
	target types.Object
}

func newSummary(set *FactSet, fn *types.Func, decl *ast.FuncDecl) *summary {
	s := &summary{set: set, fn: fn, decl: decl, out: &FuncFact{}, param: map[types.Object]*ParamFact{}, local: map[types.Object][]int{}, waits: map[*Run][]op{}, gates: map[*Run][]op{}}
	sig := fn.Signature()
	if r := sig.Recv(); r != nil {
		s.param[r] = &s.out.Receiver
	}
	s.out.Params = make([]ParamFact, sig.Params().Len())
	for i := range s.out.Params {
		s.param[sig.Params().At(i)] = &s.out.Params[i]
	}
	s.out.Results = make([]ParamFact, sig.Results().Len())
	for i := range s.out.Results {
		if v := sig.Results().At(i); v.Name() != "" {
			s.local[v] = append(s.local[v], i)
		}
	}
	return s
}

// fact gives what was found, trimmed.
func (s *summary) fact() *FuncFact {
	s.prepare()
	s.runs = newRuns(s.set.info, s.set, s.decl)
	for _, r := range s.runs {
		async, late, known := s.placed(r)
		if known {
			s.trace(r, async, late)
		}
	}
	s.functions()
	s.tests()
	s.locks()
	path := ""
	if s.fn.Pkg() != nil {
		path = s.fn.Pkg().Path()
	}
	if standard(path) && !unsynchronized(path) {
		for _, p := range s.param {
			p.Effects = nil
		}
		s.out.Results = nil
	}
	return s.out
}

// prepare finds the locals that are returned and those made of parameters.
func (s *summary) prepare() {
	ast.Inspect(s.decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for i, e := range n.Results {
				if id, ok := ast.Unparen(e).(*ast.Ident); ok && i < len(s.out.Results) {
					if v, ok := s.set.info.Uses[id].(*types.Var); ok && s.param[v] == nil && isLocal(v) {
						s.local[v] = append(s.local[v], i)
					}
				}
				if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
					s.passOn(call, i, len(n.Results))
				}
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && i < len(n.Rhs) && n.Tok == token.DEFINE {
					s.composite(s.set.info.Defs[id], n.Rhs[i])
				}
			}
		}
		return true
	})
}

// passOn copies the facts of the results of a call that is returned.
func (s *summary) passOn(call *ast.CallExpr, i, n int) {
	fn := calleeFunc(s.set.info, call)
	if fn == nil {
		return
	}
	f := s.set.Of(fn)
	if n > 1 {
		for _, e := range f.Result(0).Effects {
			s.out.Results[i].add(e)
		}
		return
	}
	for j := range s.out.Results {
		for _, e := range f.Result(j).Effects {
			s.out.Results[j].add(e)
		}
	}
}

// composite records x := &T{f: param}.
func (s *summary) composite(x types.Object, e ast.Expr) {
	prefix := ""
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		prefix, e = "*", u.X
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok || x == nil {
		return
	}
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, isIdent := kv.Key.(*ast.Ident)
		val, isParam := ast.Unparen(kv.Value).(*ast.Ident)
		if isIdent && isParam {
			if obj := s.set.info.Uses[val]; s.param[obj] != nil {
				s.alias = append(s.alias, alias{x, prefix + "." + key.Name, obj})
			}
		}
	}
}

// placed tells whether a run happens on a goroutine that outlives the function,
// or does so when the function gives up waiting, and whether anything is known of
// when it happens.
func (s *summary) placed(r *Run) (async, late, known bool) {
	for p := r; p.Parent != nil; p = p.Parent {
		switch p.Kind {
		case RunCallback, RunCleanup, RunParallel:
			return false, false, false
		case RunGo:
			switch s.joined(p.Parent, p.At) {
			case joinNever:
				async = true
			case joinTimed:
				late = true
			}
		}
	}
	return async || late, late && !async, true
}

// join says how a body waits for a goroutine that it starts.
type join int

const (
	joinNever join = iota
	joinTimed      // not on every way, or in a select that also has a case for a timer
	joinAlways
)

// joined tells whether a body waits for anything after pos, on every way to its
// end.
func (s *summary) joined(r *Run, pos token.Pos) join {
	var waits []op
	for _, o := range s.waitsOf(r) {
		if o.context || o.lock || o.send || o.polls || o.pos <= pos && !o.deferred {
			continue
		}
		if o.deferred {
			return joinAlways
		}
		waits = append(waits, o)
	}
	if len(waits) == 0 {
		return joinNever
	}
	g := newGraph(s.set.info, r.Body())
	stop := func(n ast.Node) bool {
		return slices.ContainsFunc(waits, func(o op) bool { return !o.timed && contains(n, o.pos) })
	}
	if g.from(g.points(pos), stop, never).exit {
		return joinTimed
	}
	return joinAlways
}

func (s *summary) waitsOf(r *Run) []op {
	list, ok := s.waits[r]
	if !ok {
		list = acquireOps(s.set.info, r)
		s.waits[r] = list
	}
	return list
}

// guardAt gives the protection of a place in a run.
func (s *summary) guardAt(r *Run, pos token.Pos) Guard {
	if len(heldBy(s.set.info, s.set, r, pos)) > 0 {
		return Locked
	}
	for _, o := range s.waitsOf(r) {
		if o.pos < pos && !o.lock && !o.polls && !o.deferred && !o.context {
			return Unknown
		}
	}
	return Plain
}

// gated reports whether a run, or one that it is started by, waits for somebody
// before pos.
func (s *summary) gated(r *Run, pos token.Pos) bool {
	for ; r != nil; r, pos = r.Parent, r.At {
		if slices.ContainsFunc(s.gatesOf(r), func(o op) bool { return o.pos < pos && !otherCase(r, o.pos, pos) }) {
			return true
		}
	}
	return false
}

// gatesOf lists the waits of a run for somebody else.
func (s *summary) gatesOf(r *Run) []op {
	list, ok := s.gates[r]
	if ok {
		return list
	}
	for _, o := range s.waitsOf(r) {
		if !o.lock && !o.polls && !o.deferred && !o.send {
			list = append(list, o)
		}
	}
	visitOwn(r, func(n ast.Node, deferred bool) {
		if call, ok := n.(*ast.CallExpr); ok && !deferred && startsWith(calleeName(call), "Accept", "Read", "Recv", "Receive", "Serve", "Listen", "Next", "Pop", "Poll") {
			list = append(list, op{pos: call.Pos()})
		}
	})
	s.gates[r] = list
	return list
}

// otherCase reports whether a wait is that of a case of a select, and pos is in
// another case of it.
func otherCase(r *Run, wait, pos token.Pos) bool {
	sel := selectAround(r, wait)
	if sel == nil || !contains(sel, pos) {
		return false
	}
	return !slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool { return contains(c, wait) && contains(c, pos) })
}

// trace records what a run does to the memory behind parameters and locals.
func (s *summary) trace(r *Run, async, late bool) {
	when := newOccasions(s.set.info, r)
	var t *tracer
	t = &tracer{
		info: s.set.info, facts: s.set,
		wanted: func(o types.Object) bool { return s.param[o] != nil || s.local[o] != nil || s.aliased(o) },
		guard:  func(pos token.Pos) Guard { return s.guardAt(r, pos) },
		emit: func(e effect) {
			if e.atomic {
				return
			}
			if async && !e.Async {
				e.Async, e.Late = true, late
			}
			e.Maybe = e.Maybe || when.maybe(t.stack, e.pos)
			e.Gated = e.Gated || s.gated(r, e.pos)
			e.Silent = !e.Async && (e.via == "" || e.Silent) && r == s.runs[0] && when.silent(e)
			s.keep(e)
		},
	}
	walkOwn(r, t, func(call *ast.CallExpr) bool { return async || s.joined(r, call.Pos()) == joinNever })
}

// walkOwn traces the statements of a run. A function that a go statement calls is
// traced as well; async tells whether it outlives the run.
func walkOwn(r *Run, t *tracer, async func(*ast.CallExpr) bool) {
	t.stack = nil
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		if n == nil {
			t.stack = t.stack[:len(t.stack)-1]
			return true
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			t.stack = append(t.stack, n)
			if _, ok := n.Call.Fun.(*ast.FuncLit); !ok && async(n.Call) {
				t.call(n.Call, true)
			}
			for _, a := range n.Call.Args {
				if id, ok := a.(*ast.Ident); ok {
					t.stack = append(t.stack, a)
					t.operand(id)
					t.stack = t.stack[:len(t.stack)-1]
				}
			}
			t.stack = t.stack[:len(t.stack)-1]
			return false
		}
		t.stack = append(t.stack, n)
		t.node(n)
		if a, ok := n.(*ast.AssignStmt); ok {
			t.results(a)
		}
		return true
	})
}

// results records x, y := f(): goroutines that f has left running use x.
func (t *tracer) results(a *ast.AssignStmt) {
	if len(a.Rhs) != 1 {
		return
	}
	call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	fn := calleeFunc(t.info, call)
	if fn == nil {
		return
	}
	f := t.facts.Of(fn)
	for i, l := range a.Lhs {
		if len(f.Result(i).Effects) == 0 {
			continue
		}
		obj, path, ok := memory(t.info, l)
		if !ok || obj == nil || !t.wanted(obj) {
			continue
		}
		for _, e := range f.Result(i).Effects {
			if e.Async && e.Method == "" && len(path)+len(e.Path) < maxPath {
				t.emit(effect{Effect: Effect{Path: path + e.Path, Write: e.Write, Guard: e.Guard, Async: true, Late: e.Late, Maybe: e.Maybe, Gated: e.Gated}, obj: obj, pos: call.Pos(), stmt: a, via: fn.Name()})
			}
		}
	}
}

func (s *summary) aliased(o types.Object) bool {
	for _, a := range s.alias {
		if a.local == o {
			return true
		}
	}
	return false
}

// keep adds an effect to the facts of the parameters and results it is about.
func (s *summary) keep(e effect) {
	if p := s.param[e.obj]; p != nil && (e.Method != "" || strings.HasPrefix(e.Path, "*")) {
		p.add(e.Effect)
	}
	if e.Async {
		for _, i := range s.local[e.obj] {
			if strings.HasPrefix(e.Path, "*") {
				s.out.Results[i].add(e.Effect)
			}
		}
	}
	for _, a := range s.alias {
		rest, ok := strings.CutPrefix(e.Path, a.prefix)
		if a.local != e.obj || !ok {
			continue
		}
		x := e.Effect
		x.Path = rest
		if x.Method != "" && rest == "" || strings.HasPrefix(rest, "*") {
			s.param[a.target].add(x)
		}
	}
}

// functions finds what is done with parameters that are functions.
func (s *summary) functions() {
	for obj, p := range s.param {
		if obj == nil {
			continue
		}
		if _, ok := obj.Type().Underlying().(*types.Signature); ok {
			p.Func = s.useOf(obj)
			p.Locked = p.Func == FuncCalled && s.calledLocked(obj)
		}
	}
}

// useOf judges all uses of a parameter.
func (s *summary) useOf(obj types.Object) FuncUse {
	called, kept, use := false, false, FuncKept
	for _, r := range s.runs {
		async, late, known := s.placed(r)
		async = async && !late
		many := false
		for p := r; p.Parent != nil; p = p.Parent {
			if p.Kind == RunMany || p.Kind == RunGo && len(loopsAround(p.Parent.Body(), p.At)) > 0 {
				many = true
			}
		}
		s.uses(r, obj, func(u FuncUse) {
			switch {
			case !known:
				kept = true
			case async && u != FuncKept:
				use = max(use, FuncAsync)
			case many && u != FuncKept:
				use = max(use, FuncMany)
			case u == FuncKept:
				kept = true
			case u == FuncCalled:
				called = true
			default:
				use = max(use, u)
			}
		})
	}
	switch {
	case use != FuncKept:
		return use
	case kept || !called:
		return FuncKept
	}
	return FuncCalled
}

// calledLocked reports whether a parameter is called, and with a lock held
// wherever it is.
func (s *summary) calledLocked(obj types.Object) bool {
	calls, locked := 0, 0
	for _, r := range s.runs {
		visitOwn(r, func(n ast.Node, _ bool) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return
			}
			if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && s.set.info.Uses[id] == obj {
				calls++
				if len(heldBy(s.set.info, s.set, r, call.Pos())) > 0 {
					locked++
				}
				return
			}
			fn := calleeFunc(s.set.info, call)
			for i, a := range call.Args {
				if id, ok := ast.Unparen(a).(*ast.Ident); ok && s.set.info.Uses[id] == obj && fn != nil {
					calls++
					if s.set.Of(fn).Param(i, fn).Locked {
						locked++
					}
				}
			}
		})
	}
	return calls > 0 && calls == locked
}

// uses reports each use of obj in a run's own statements.
func (s *summary) uses(r *Run, obj types.Object, f func(FuncUse)) {
	info := s.set.info
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.Uses[id] == obj
	}
	counted := map[*ast.Ident]bool{}
	count := func(e ast.Expr, u FuncUse) {
		counted[ast.Unparen(e).(*ast.Ident)] = true
		f(u)
	}
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			if s.joined(r, n.Pos()) == joinNever && mentions(info, n, obj) {
				f(FuncAsync) // called, or handed to what is started
				return false
			}
		case *ast.CallExpr:
			if is(n.Fun) {
				count(n.Fun, FuncCalled)
			}
			fn := calleeFunc(info, n)
			for i, a := range n.Args {
				if is(a) && fn != nil {
					count(a, s.set.Of(fn).Param(i, fn).Func)
				}
			}
		case *ast.BinaryExpr:
			for _, e := range []ast.Expr{n.X, n.Y} {
				if is(e) {
					counted[ast.Unparen(e).(*ast.Ident)] = true // f == nil
				}
			}
		case *ast.Ident:
			if info.Uses[n] == obj && !counted[n] {
				f(FuncKept)
			}
		}
		return true
	})
}

// mentions reports whether a node uses obj outside of literals.
func mentions(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			found = found || info.Uses[n] == obj
		}
		return !found
	})
	return found
}

// tests finds whether a parameter that is a test is made parallel.
func (s *summary) tests() {
	for obj, p := range s.param {
		if obj == nil || !isTesting(obj.Type()) {
			continue
		}
		for _, st := range s.decl.Body.List {
			if callsParallel(s.set.info, s.set, st, obj) {
				p.Parallel = true
			}
		}
	}
}

// locks finds whether the function leaves a lock of its receiver or of a package
// variable locked, or unlocks one that it has not locked.
func (s *summary) locks() {
	balance := map[string]int{}
	visitOwn(s.runs[0], func(n ast.Node, _ bool) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return
		}
		switch sel.Sel.Name {
		case "Lock", "RLock":
			balance[types.ExprString(sel.X)] += 1000
		case "Unlock", "RUnlock":
			balance[types.ExprString(sel.X)]++
		}
	})
	for _, n := range balance {
		s.out.Locks = s.out.Locks || n >= 1000 && n%1000 == 0
		s.out.Unlocks = s.out.Unlocks || n < 1000 && n > 0
	}
}
