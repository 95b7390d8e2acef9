// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// RunKind says how a function body runs in relation to the body around it.
type RunKind int

// The kinds of run.
const (
	// RunRoot is the body of a function declaration.
	RunRoot RunKind = iota
	// RunInline runs where it stands and is over before the next statement.
	RunInline
	// RunSubtest is the function of a t.Run that is not parallel: a goroutine
	// of its own that Run waits for.
	RunSubtest
	// RunParallel is the function of a t.Run that calls t.Parallel: it goes on
	// when the test around it has returned.
	RunParallel
	// RunGo is a goroutine: a go statement, a method Go, time.AfterFunc, or a
	// function that is known to start one with its argument.
	RunGo
	// RunMany is an argument of a function that runs it on several goroutines
	// and waits for them.
	RunMany
	// RunDefer runs when the function around it returns.
	RunDefer
	// RunCleanup is an argument of t.Cleanup: it runs when the test is over.
	RunCleanup
	// RunCallback is kept by someone: nothing is known of when it runs.
	RunCallback
)

// answer is what is known of a question that is asked again and again.
type answer uint8

const (
	yes answer = iota + 1
	no
)

// Run is one way in which a function body comes to run. A literal that is bound
// to a variable and used in two places has two runs.
type Run struct {
	Kind RunKind
	// Fn is the *ast.FuncDecl or *ast.FuncLit.
	Fn ast.Node
	// Parent is the run that starts this one, nil for the root.
	Parent *Run
	Kids   []*Run
	// At is the place in Parent's body where it is started or handed over.
	At token.Pos
	// Call is the call that starts or receives it; nil where there is none.
	Call *ast.CallExpr
	// Resumed is the position after t.Parallel for RunParallel: what stands
	// before it runs before the test around goes on.
	Resumed token.Pos
	// owns are objects that are signalled when the run ends: the group of g.Go.
	owns []types.Object
	// handles are the variables that the call which starts it is assigned to.
	handles []types.Object
	// alias maps parameters to the variables passed for them by a go statement.
	alias map[types.Object]types.Object
	// binds maps parameters to the literals passed for them by the call that runs
	// the function.
	binds map[types.Object]*ast.FuncLit
	// locks remembers what takesLocks found.
	locks answer
	// unlocks remembers what unlocking found, nil until it is asked for.
	unlocks []unlock
	// Given is set for a function that was given away and that a later call, or the
	// one that it was given to, makes run.
	Given bool
	// Told is set when only what is known of code elsewhere tells that the function runs
	// beside others: see [Pair.Told].
	Told bool
	// locked is set when the function that runs it holds a lock meanwhile.
	locked bool
	// unjoined is set for a goroutine that is hardly waited for.
	unjoined unjoin
	// Spelled says how the run is started, for messages.
	Spelled string
}

// Body gives the block of the run's function.
func (r *Run) Body() *ast.BlockStmt {
	switch fn := r.Fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return nil
}

// Argument gives the variable that is passed for a parameter of the run's function
// by the go statement that starts it; obj itself when it is no parameter.
func (r *Run) Argument(obj types.Object) types.Object {
	if a := r.alias[obj]; a != nil {
		return a
	}
	return obj
}

// worksFor reports whether by is the one variable by which a run may be waited for;
// nil for none.
func (r *Run) worksFor(by types.Object) bool {
	if by == nil {
		return len(r.handles) == 0
	}
	return len(r.handles) == 1 && r.handles[0] == by
}

// hidden reports whether the run is a goroutine that a called function leaves
// running, whose body is not looked at.
func (r *Run) hidden() bool { return r.Fn == nil }

// Concurrent reports whether the run can overlap with what follows its start.
func (r *Run) Concurrent() bool {
	return r.Kind == RunGo || r.Kind == RunMany || r.Kind == RunParallel
}

// chain lists the runs from the root to r.
func (r *Run) chain() []*Run {
	if r == nil {
		return nil
	}
	return append(r.Parent.chain(), r)
}

// Limits of a tree of runs: what is larger is cut, which hides instances.
const (
	maxRuns  = 400
	maxDepth = 10
)

// builder makes the tree of runs of one declaration.
type builder struct {
	info  *types.Info
	facts *FactSet
	bound map[types.Object]*ast.FuncLit // closures that are bound to a name once
	runs  []*Run
	// assigned maps calls to the variables they are assigned to.
	assigned map[*ast.CallExpr][]types.Object
	// awaited are the calls of which the result is waited for at once.
	awaited map[*ast.CallExpr]bool
	// body is the declaration's, given what is kept in it; found when first asked for.
	body  *ast.BlockStmt
	given *keeping
	// served are the handlers of the declaration's test servers.
	served *served
}

// newRuns gives all runs of a declaration, the root first.
func newRuns(info *types.Info, facts *FactSet, decl *ast.FuncDecl) []*Run {
	root := &Run{Kind: RunRoot, Fn: decl}
	if !hasLiteral(decl.Body) {
		return []*Run{root}
	}
	b := &builder{info: info, facts: facts, bound: boundClosures(info, decl), body: decl.Body}
	b.runs = append(b.runs, root)
	b.grow(root, 0)
	return b.runs
}

// grow finds the runs that r's own statements start.
func (b *builder) grow(r *Run, depth int) {
	if depth > maxDepth {
		return
	}
	b.handles(r)
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			// A literal that is no call's function or argument: it is bound to a
			// name, and then runs where that is used, or stored.
			if !b.isBound(n) {
				b.add(r, depth, &Run{Kind: RunCallback, Fn: n, At: n.Pos()})
			}
			return false
		case *ast.GoStmt:
			b.call(r, depth, n.Call, RunGo, visit)
			return false
		case *ast.DeferStmt:
			b.call(r, depth, n.Call, RunDefer, visit)
			return false
		case *ast.CallExpr:
			b.call(r, depth, n, RunInline, visit)
			return false
		case *ast.Ident:
			// A bound closure that is stored, returned or compared.
			if lit := b.literal(r, n); lit != nil {
				b.add(r, depth, &Run{Kind: RunCallback, Fn: lit, At: n.Pos()})
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if _, ok := l.(*ast.Ident); !ok {
					ast.Inspect(l, visit)
				}
			}
			for _, x := range n.Rhs {
				ast.Inspect(x, visit)
			}
			return false
		}
		return true
	}
	ast.Inspect(r.Body(), visit)
}

// handles remembers which calls of r are part of what is assigned to which variables,
// and which are themselves waited for: <-start(f), start(f).Wait().
func (b *builder) handles(r *Run) {
	if b.assigned == nil {
		b.assigned, b.awaited = map[*ast.CallExpr][]types.Object{}, map[*ast.CallExpr]bool{}
	}
	ast.Inspect(r.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
					b.assign(id, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if len(n.Values) > 0 && id.Name != "_" {
					b.assign(id, n.Values[min(i, len(n.Values)-1)])
				}
			}
		case *ast.UnaryExpr:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && n.Op == token.ARROW {
				b.awaited[call] = true
			}
		case *ast.SelectorExpr:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && acquires(n.Sel.Name) {
				b.awaited[call] = true
			}
		}
		return true
	})
}

// assign remembers that a call, or the calls that append adds to something, are
// assigned to a variable.
func (b *builder) assign(id *ast.Ident, x ast.Expr) {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return
	}
	b.assigned[call] = append(b.assigned[call], b.info.ObjectOf(id))
	if calleeName(call) == "append" {
		for _, a := range call.Args {
			b.assign(id, a)
		}
	}
}

func (b *builder) isBound(lit *ast.FuncLit) bool {
	for _, l := range b.bound {
		if l == lit {
			return true
		}
	}
	return false
}

// literal gives the literal that an expression of a run is or names, nil for none.
func (b *builder) literal(r *Run, e ast.Expr) *ast.FuncLit {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return e
	case *ast.Ident:
		obj := b.info.Uses[e]
		for ; r != nil; r = r.Parent {
			if lit := r.binds[obj]; lit != nil {
				return lit
			}
		}
		return b.bound[obj]
	}
	return nil
}

// call adds the runs that a call starts: its function and its arguments.
func (b *builder) call(r *Run, depth int, call *ast.CallExpr, how RunKind, visit func(ast.Node) bool) {
	called := b.literal(r, call.Fun)
	if called != nil {
		run := &Run{Kind: how, Fn: called, At: call.Pos(), Call: call, Spelled: "goroutine"}
		run.alias, run.binds = b.aliases(r, called, call)
		b.add(r, depth, run)
	} else {
		ast.Inspect(call.Fun, visit)
	}
	// A conversion as in http.HandlerFunc(func…) hands the literal on as it is.
	conversion := b.info.Types[call.Fun].IsType()
	for i, arg := range call.Args {
		lit := b.literal(r, arg)
		if lit == nil {
			ast.Inspect(arg, visit)
			continue
		}
		if called != nil {
			continue // it runs where the called literal uses its parameter
		}
		run := &Run{Kind: RunCallback, Fn: lit, At: arg.Pos(), Call: call}
		if !conversion {
			run.handles = b.assigned[call]
			b.argument(r, run, call, i)
			if how != RunInline && run.Kind == RunInline {
				// go f(func…) and defer f(func…): as the call itself.
				run.Kind, run.Spelled = how, "goroutine"
			}
		}
		b.add(r, depth, run)
	}
	b.kept(r, depth, call, how)
	b.requests(r, depth, call)
}

// aliases maps the parameters of a literal to variables, and to literals, that a
// call in a run passes for them.
func (b *builder) aliases(r *Run, lit *ast.FuncLit, call *ast.CallExpr) (map[types.Object]types.Object, map[types.Object]*ast.FuncLit) {
	vars, lits := map[types.Object]types.Object{}, map[types.Object]*ast.FuncLit{}
	i := 0
	for _, f := range lit.Type.Params.List {
		for _, name := range f.Names {
			if param := b.info.Defs[name]; param != nil && i < len(call.Args) {
				if l := b.literal(r, call.Args[i]); l != nil {
					lits[param] = l
				} else if id := rootIdent(call.Args[i]); id != nil {
					vars[param] = b.info.Uses[id]
				}
			}
			i++
		}
		if len(f.Names) == 0 {
			i++
		}
	}
	return vars, lits
}

// argument decides how a literal that is argument i of a call runs.
func (b *builder) argument(parent, run *Run, call *ast.CallExpr, i int) {
	fn, _ := typeutil.Callee(b.info, call).(*types.Func)
	name := calleeName(call)
	lit, _ := run.Fn.(*ast.FuncLit)
	switch {
	case name == "Run" && i == 1 && len(call.Args) == 2 && takesTestingT(b.info, lit):
		run.Kind, run.Spelled = RunSubtest, "subtest"
		if p := parallelPos(b.info, b.facts, lit); p.IsValid() {
			run.Kind, run.Resumed, run.Spelled = RunParallel, p, "parallel subtest"
		}
		return
	case name == "Go" && i == len(call.Args)-1 && isMethodCall(b.info, call):
		if handsOut(b.info, lit) {
			return
		}
		run.Kind, run.Spelled = RunGo, "goroutine of "+types.ExprString(call.Fun)
		if id := rootIdent(call.Fun); id != nil {
			run.owns = append(run.owns, b.info.Uses[id])
		}
		return
	case name == "Cleanup" && isMethodCall(b.info, call) && isTesting(b.info.TypeOf(call.Fun.(*ast.SelectorExpr).X)):
		run.Kind = RunCleanup
		return
	case fn == nil:
		return
	case isPolling(fn.Name()):
		run.Kind = RunInline
		return
	}
	if fn.FullName() == "time.AfterFunc" || fn.FullName() == "context.AfterFunc" {
		run.Kind, run.Spelled = RunGo, "function of "+types.ExprString(call.Fun)
		return
	}
	switch fact := b.facts.Of(fn).Param(i, fn); fact.Func {
	case FuncCalled:
		run.Kind, run.locked = RunInline, fact.Locked
	case FuncAsync:
		if b.awaited[call] {
			run.Kind = RunInline
			return
		}
		run.Kind, run.Spelled, run.Told = RunGo, "goroutine of "+types.ExprString(call.Fun), !b.known(fn)
		run.owns = append(run.owns, given(b.info, call)...) // any of them may tell that it is over
	case FuncMany:
		if b.alone(call) {
			return
		}
		run.locked = fact.Locked
		run.Kind, run.Spelled, run.Told = RunMany, "goroutines of "+types.ExprString(call.Fun), !b.known(fn)
	case FuncKept:
		if isVisiting(fn.Name()) {
			run.Kind = RunInline
		}
	}
}

func (b *builder) add(parent *Run, depth int, r *Run) {
	if len(b.runs) >= maxRuns {
		return
	}
	for _, p := range parent.chain() {
		if p.Fn == r.Fn {
			return // recursive
		}
	}
	r.Parent = parent
	parent.Kids = append(parent.Kids, r)
	b.runs = append(b.runs, r)
	b.grow(r, depth+1)
}
