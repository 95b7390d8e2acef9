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
	gates map[*Run][]gate
	names map[types.Object]spot
	parts []part
	made  []made
}

// alias says that the memory at prefix of a local is what a parameter points to:
// x := &T{f: param}.
type alias struct {
	local  types.Object
	prefix string
	target types.Object
}

func newSummary(set *FactSet, fn *types.Func, decl *ast.FuncDecl) *summary {
	s := &summary{set: set, fn: fn, decl: decl, out: &FuncFact{}, param: map[types.Object]*ParamFact{}, local: map[types.Object][]int{}, waits: map[*Run][]op{}, gates: map[*Run][]gate{}}
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
	path := ""
	if s.fn.Pkg() != nil {
		path = s.fn.Pkg().Path()
	}
	own := !standard(path) // functions of the standard library leave no lock
	effects := (own || unsynchronized(path)) && s.reaches()
	calls := s.takesFunc()
	if effects || calls {
		s.runs = newRuns(s.set.info, s.set, s.decl)
	} else {
		s.runs = []*Run{{Kind: RunRoot, Fn: s.decl}}
	}
	if effects {
		s.prepare()
		s.keepMade()
		for _, r := range s.runs {
			async, late, known := s.placed(r)
			if known {
				s.trace(r, async, late)
			}
		}
	} else {
		s.out.Results = nil
	}
	if calls {
		s.functions()
	}
	if own {
		s.keepGiven()
		s.out.Quiet = s.quiet()
	}
	s.tests()
	if own {
		s.locks()
		s.out.Spawns = s.set.Spawns(s.fn)
		s.out.Waits = s.set.Waits(s.fn)
		s.out.Outlives = s.set.Outlives(s.fn)
	}
	return s.out
}

// reaches reports whether the receiver, a parameter or a result leads to memory
// that somebody else may have too.
func (s *summary) reaches() bool {
	sig := s.fn.Signature()
	if r := sig.Recv(); r != nil {
		if _, isFunc := r.Type().Underlying().(*types.Signature); isFunc || leads(r.Type()) {
			return true
		}
	}
	for _, list := range []*types.Tuple{sig.Params(), sig.Results()} {
		for i := range list.Len() {
			if leads(list.At(i).Type()) {
				return true
			}
		}
	}
	return false
}

// leads reports whether a value of the type can lead to other memory.
func leads(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic, *types.Signature, *types.Chan:
		return false
	case *types.Interface:
		return !isError(t)
	case *types.Slice:
		return !endless(t) && leads(u.Elem())
	}
	return true
}

func (s *summary) takesFunc() bool {
	params := s.fn.Signature().Params()
	for i := range params.Len() {
		if _, ok := params.At(i).Type().Underlying().(*types.Signature); ok {
			return true
		}
	}
	return false
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
	for _, g := range s.gatesOf(r) {
		if g.pos < pos && !g.named && !g.context && !otherCase(g.sel, g.pos, pos) {
			return Unknown
		}
	}
	for _, o := range s.waitsOf(r) {
		if o.send && o.pos < pos && !o.deferred {
			return Unknown
		}
	}
	return Plain
}

// gated reports whether a goroutine waits for somebody before pos in r, and whether
// the function does before it starts that. async tells that what stands at pos is a
// goroutine, and r's own statements are those that start it.
func (s *summary) gated(r *Run, pos token.Pos, async bool) (gated, prefix bool) {
	for ; r != nil; r, pos = r.Parent, r.At {
		if slices.ContainsFunc(s.gatesOf(r), func(g gate) bool { return g.pos < pos && !otherCase(g.sel, g.pos, pos) }) {
			gated, prefix = gated || !async || r.Parent != nil, prefix || async
		}
		async = async || r.Kind == RunGo
	}
	return gated, prefix
}

// gatesOf lists the waits of a run for somebody else.
func (s *summary) gatesOf(r *Run) []gate {
	list, ok := s.gates[r]
	if ok {
		return list
	}
	for _, o := range s.waitsOf(r) {
		if o.gates() || o.context && !o.deferred {
			list = append(list, gate{pos: o.pos, sel: selectAround(r, o.pos), context: o.context})
		}
	}
	visitOwn(r, func(n ast.Node, deferred bool) {
		if call, ok := n.(*ast.CallExpr); ok && !deferred && !strings.HasPrefix(calleeName(call), "ServeHTTP") && startsWith(calleeName(call), "Accept", "Read", "Recv", "Receive", "Serve", "Listen", "Next", "Pop", "Poll") {
			list = append(list, gate{pos: call.Pos(), named: true})
		}
	})
	s.gates[r] = list
	return list
}

// gate is a wait for somebody else, with the select it is a case of.
type gate struct {
	pos token.Pos
	sel *ast.SelectStmt
	// context is set for the end of a context, named for a call that waits by its
	// name alone.
	context, named bool
}

// optional reports whether a goroutine that makes an access in r at pos, or below it,
// is only started under a condition: what a function returns may have none.
func (s *summary) optional(r *Run, pos token.Pos, called bool) bool {
	for ; r != nil; r, pos = r.Parent, r.At {
		if (r.Parent == nil || r.Kind != RunGo) && newOccasions(s.set.info, r).conditional(pos, called) {
			return true
		}
	}
	return false
}

// switched gives the effect of a goroutine on a result: one that may not be started
// may be switched off.
func (e effect) switched() Effect {
	x := e.Effect
	x.Ends = x.Ends || e.optional
	return x
}

// trace records what a run does to the memory behind parameters and locals.
func (s *summary) trace(r *Run, async, late bool) {
	when := newOccasions(s.set.info, r)
	var t *tracer
	t = &tracer{
		info: s.set.info, facts: s.set, names: s.names, spawned: async,
		wanted: func(o types.Object) bool {
			return s.param[o] != nil || s.local[o] != nil || s.aliased(o) || s.isPart(o)
		},
		guard: func(pos token.Pos) Guard { return s.guardAt(r, pos) },
		emit: func(e effect) {
			if e.atomic || e.Path == "" && e.Method == "" || onceOf(s.set.info, r) != nil {
				return // what a sync.Once does is done once, and before its Do returns
			}
			if !e.Async {
				e.Ends = e.Ends || when.mayEnd(e.pos)
			}
			e.optional = (async || e.Async) && s.optional(r, e.pos, e.Method != "")
			if async && !e.Async {
				e.Async, e.Late = true, late
			}
			e.Maybe = e.Maybe || when.maybe(t.stack, e.pos, e.Method != "")
			e.Tick = e.Tick || when.untimely(t.stack)
			gated, prefix := s.gated(r, e.pos, e.Async)
			e.Gated, e.Prefix = e.Gated || gated, e.Prefix || prefix
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
		if f.Result(i).empty() {
			continue
		}
		obj, path, ok := memory(t.info, l)
		if !ok || obj == nil || !t.want(obj) {
			continue
		}
		for _, e := range f.Result(i).all() {
			if e.Async && len(path)+len(e.Path) < maxPath {
				e.Path, e.Silent = path+e.Path, false
				t.out(effect{Effect: e, obj: obj, pos: call.Pos(), stmt: a, via: fn.Name()})
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
	if p := s.param[e.obj]; p != nil && e.Method == Called && e.Path == "" && p != &s.out.Receiver {
		return // ParamFact.Func tells
	} else if p != nil && (e.Method != "" || strings.HasPrefix(e.Path, "*")) {
		x := e.Effect
		x.Maybe = x.Maybe || e.optional
		p.add(x)
	}
	if e.Async {
		for _, i := range s.local[e.obj] {
			if strings.HasPrefix(e.Path, "*") {
				s.out.Results[i].add(e.switched())
			}
		}
		s.keepPart(e)
	}
	for _, a := range s.alias {
		rest, ok := strings.CutPrefix(e.Path, a.prefix)
		if a.local != e.obj || !ok {
			continue
		}
		x := e.Effect
		x.Path = rest
		if x.Method != "" || strings.HasPrefix(rest, "*") {
			s.param[a.target].add(x)
		}
	}
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

// locks finds whether the function sends, and whether it leaves a lock of its receiver or of a package
// variable locked, or unlocks one that it has not locked.
func (s *summary) locks() {
	balance := map[string]int{}
	visitOwn(s.runs[0], func(n ast.Node, _ bool) {
		switch n := n.(type) {
		case *ast.SendStmt:
			id := rootIdent(n.Chan)
			s.out.Sends = s.out.Sends || id != nil && s.param[s.set.info.Uses[id]] != nil && isToken(typeOf(s.set.info, n.Value))
		case *ast.ForStmt: // a spin lock
			s.out.Locks = s.out.Locks || n.Cond != nil && swaps(n.Cond)
		}
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

// isToken reports whether a value of the type says nothing: struct{}.
func isToken(t types.Type) bool {
	st, ok := t.Underlying().(*types.Struct)
	return ok && st.NumFields() == 0
}

// swaps reports whether a condition is about a compare-and-swap that did not happen.
func swaps(cond ast.Expr) bool {
	not, ok := cond.(*ast.UnaryExpr)
	if !ok || not.Op != token.NOT {
		return false
	}
	call, ok := ast.Unparen(not.X).(*ast.CallExpr)
	return ok && strings.HasPrefix(calleeName(call), "CompareAndSwap")
}
