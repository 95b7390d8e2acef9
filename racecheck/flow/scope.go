// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Scope is one function declaration with everything that runs below it.
type Scope struct {
	Decl *ast.FuncDecl
	Runs []*Run
	info *types.Info
	// perIteration is true when loops make a new variable per iteration.
	perIteration bool
	facts        *FactSet
	flows        map[ast.Node]*graph
	acquired     map[*Run][]op
	exchanged    map[*Run][]exchange
	uses         []Use
	hidden       []*Run
	related      map[types.Object][]types.Object
	given        *keeping
	timed        answer // to timesOut
	hurried      answer // to brief
}

// NewScope models a declaration that has a body. goVersion is that of its file.
func NewScope(info *types.Info, facts *FactSet, decl *ast.FuncDecl, perIteration bool) *Scope {
	return &Scope{
		Decl: decl, Runs: newRuns(info, facts, decl), info: info, facts: facts, perIteration: perIteration,
		flows: map[ast.Node]*graph{}, acquired: map[*Run][]op{}, exchanged: map[*Run][]exchange{},
	}
}

func (s *Scope) graph(r *Run) *graph {
	f := s.flows[r.Fn]
	if f == nil {
		f = newGraph(s.info, r.Body())
		s.flows[r.Fn] = f
	}
	return f
}

func (s *Scope) acquires(r *Run) []op {
	list, ok := s.acquired[r]
	if !ok {
		list = append(acquireOps(s.info, r), waitingCalls(s.info, s.facts, r)...)
		s.acquired[r] = list
	}
	return list
}

// Use is an access by one run to memory that a variable leads to.
type Use struct {
	Var *types.Var
	// Path leads from the variable to the memory: "" is the variable itself, ".f"
	// a field of it, "*" what it points to.
	Path  string
	Write bool
	// Pos is where the access is made: the operator of an assignment, the operand
	// elsewhere. Expr is the operand where there is one.
	Pos  token.Pos
	Expr ast.Expr
	Stmt ast.Stmt
	Run  *Run
	// Element is the type of the map, slice or array of which the access is to an
	// element, nil for others.
	Element types.Type
	// Held are the locks held around the access.
	Held []Lock
	// Guard protects the access within the function Via that makes it.
	Guard Guard
	// Via names the function that makes the access, "" when the statement does.
	Via string
	// Callee is the function Via where it is known.
	Callee *types.Func
	// Async is set when a goroutine does it that Via leaves running.
	Async bool
	// Called is set with Async when the goroutine calls Via, rather than the reverse.
	Called bool
	// Late is set with Async when Via does wait for it, but not for ever.
	Late bool
	// Atomic is set for an operation of package sync/atomic.
	Atomic bool
	// Maybe is set when Via makes the access only under a condition.
	Maybe bool
	// Gated is set with Async when the goroutine waits for somebody first.
	Gated bool
	// Ends is set with Async when the goroutine may end before, switched off.
	Ends bool
	// silent is set when Via signals nobody after the access; end is where its call
	// ends.
	silent bool
	end    token.Pos
}

// Races reports whether x and y, accesses to one variable, can happen at the
// same time.
func (s *Scope) Races(x, y Use) bool {
	if x.Var != y.Var || !x.Write && !y.Write || x.Atomic && y.Atomic || !overlap(x.Path, y.Path) {
		return false
	}
	if !s.Concurrent(x, y) || s.onceOrders(x, y) {
		return false
	}
	s.hold(&x)
	s.hold(&y)
	return !guarded(x, y)
}

// Concurrent reports whether two accesses can happen at the same time as far as
// starts, joins and hand-overs tell; locks are not looked at.
func (s *Scope) Concurrent(x, y Use) bool {
	cx, cy := x.Run.chain(), y.Run.chain()
	home := declaring(cx, x.Var)
	if home != declaring(cy, x.Var) || s.bubbled(x.Run) || s.bubbled(y.Run) {
		return false // two runs of a function, and a variable each
	}
	m := 0
	for m+1 < len(cx) && m+1 < len(cy) && cx[m+1] == cy[m+1] {
		m++
	}
	for i := 1; i <= m; i++ {
		r := cx[i]
		if r.hidden() || i <= slices.Index(cx, home) || opaque(r) {
			continue // each run has a variable of its own, or nothing is known
		}
		if r.Kind == RunParallel && (inner(cx, i, x) < r.Resumed || inner(cy, i, y) < r.Resumed) {
			continue // before t.Parallel one follows the other
		}
		if slices.ContainsFunc(cx[i+1:], kept) || slices.ContainsFunc(cy[i+1:], kept) {
			continue // the goroutine only makes the function
		}
		if r.Concurrent() && s.overlapsItself(cx[:i+1], x, y) && !s.gatedTogether(r, cx, cy, x, y) && !s.pickedTogether(i, cx, cy, x, y) {
			return true
		}
	}
	below, belowY := cx[m+1:], cy[m+1:]
	if len(below) == 0 && len(belowY) == 0 {
		return false
	}
	if slices.ContainsFunc(below, opaque) || slices.ContainsFunc(belowY, opaque) {
		return false
	}
	return s.meets(cx[m], below, belowY, x, y) || s.meets(cx[m], belowY, below, y, x)
}

// declaring gives the innermost run of a chain whose function declares v.
func declaring(chain []*Run, v *types.Var) *Run {
	for i := len(chain) - 1; i >= 0; i-- {
		if !chain[i].hidden() && contains(chain[i].Fn, v.Pos()) {
			return chain[i]
		}
	}
	return nil
}

// opaque reports whether nothing is known of when a run happens.
func opaque(r *Run) bool {
	return r.Kind == RunCallback || r.Kind == RunCleanup || r.Kind == RunDefer
}

// kept reports whether a run is a function that somebody keeps.
func kept(r *Run) bool { return r.Kind == RunCallback || r.Kind == RunCleanup }

// firstConcurrent gives the index of the first run whose access t overlaps with
// what follows the start of the run, -1 for none.
func firstConcurrent(runs []*Run, t Use) int {
	for i, r := range runs {
		if r.Concurrent() && !(r.Kind == RunParallel && inner(runs, i, t) < r.Resumed) {
			return i
		}
	}
	return -1
}

// place gives where, in the body above runs, an access happens.
func place(runs []*Run, t Use) token.Pos {
	if len(runs) == 0 || runs[0].hidden() && len(runs) == 1 {
		return t.Pos
	}
	return runs[0].At
}

// inner gives where, in the body of runs[i], an access happens.
func inner(runs []*Run, i int, t Use) token.Pos { return place(runs[i+1:], t) }

// meets reports whether y can happen after the start of the goroutine that does
// x and before it is joined. Both stand below l, on different branches.
func (s *Scope) meets(l *Run, below, belowY []*Run, x, y Use) bool {
	g := firstConcurrent(below, x)
	if g < 0 {
		return false
	}
	h := firstConcurrent(belowY, y)
	switch below[g].Kind {
	case RunMany:
		return false // over when the call returns
	case RunParallel:
		return h >= 0 && belowY[h].Kind == RunParallel && testOf(below[g]) == testOf(belowY[h])
	}
	toExit := h >= 0 && belowY[h].Kind == RunParallel // that goes on when the test has returned
	if toExit && slices.Contains(belowY[:h], testOf(belowY[h])) {
		toExit = false // a group within l, which t.Run waits for
	}
	// What is waited for is the goroutine that does x, or the one that started it
	// and is not over before.
	e := s.outlives(below, g, x)
	did, pos := below[e], inner(below, e, x)
	start, ok := s.escape(l, below, g, did, pos, x)
	if !ok {
		return false
	}
	at := place(belowY, y)
	if toExit {
		at = token.NoPos
	}
	r := s.graph(l).from(start, s.barrier(l, did, x, pos, at), freshIn(x.Var, s.perIteration))
	if toExit {
		return r.exit && !s.deferredJoin(l, did, x, pos)
	}
	if !r.has(at) {
		return false
	}
	if h >= 0 && s.gatedTogether(below[g], below, belowY, x, y) {
		return false
	}
	if h < 0 && len(belowY) > 0 {
		// y is in something that runs in place; a join before it in there counts.
		for i, run := range belowY {
			if s.joinedBefore(run, inner(belowY, i, y), did, x, pos) {
				return false
			}
		}
	}
	return true
}

// testOf gives the run of the test that started a parallel subtest.
func testOf(r *Run) *Run {
	for p := r.Parent; p != nil; p = p.Parent {
		if p.Kind != RunInline {
			return p
		}
	}
	return nil
}

// outlives gives the index of the goroutine that l has to wait for so that x is
// done: that of below[g], or of one that it starts and does not wait for.
func (s *Scope) outlives(below []*Run, g int, x Use) int {
	e := g
	for j := g + 1; j < len(below); j++ {
		if below[j].Kind != RunGo {
			continue
		}
		pos := inner(below, j, x)
		for i := j - 1; i >= e; i-- {
			r := below[i]
			f := s.graph(r)
			reached := f.from(f.points(below[i+1].At), s.barrier(r, below[j], x, pos, token.NoPos), never)
			if !reached.exit || s.deferredJoin(r, below[j], x, pos) {
				return e // waited for on the way out
			}
		}
		e = j
	}
	return e
}

// escape gives the places in l from which the goroutine below[g] is running: its
// start, or where the function that starts it returned without having joined it;
// for a goroutine that waits for a signal first, the place of the signal.
func (s *Scope) escape(l *Run, below []*Run, g int, did *Run, pos token.Pos, x Use) ([]point, bool) {
	for i := g - 1; i >= 0; i-- {
		r := below[i]
		f := s.graph(r)
		reached := f.from(f.points(below[i+1].At), s.barrier(r, did, x, pos, token.NoPos), freshIn(x.Var, s.perIteration))
		if !reached.exit || s.deferredJoin(r, did, x, pos) {
			return nil, false
		}
	}
	start := s.graph(l).points(below[0].At)
	if below[g].hidden() {
		return start, true
	}
	if s.cancelledWithin(below[g+1:], x) {
		return nil, false // it waits until it is ended, further in
	}
	pos = inner(below, g, x)
	gate, ok := s.gate(below[g], pos)
	if !ok {
		if g == 0 {
			if asks := s.asks(l, below[g], x, pos, start); len(asks) > 0 {
				return s.placesOf(l, asks), true
			}
			if s.accepts(below[g], pos) && !slices.ContainsFunc(s.exchanges(l), func(e exchange) bool { return e.sends && !e.deferred && e.pos != below[g].At }) {
				return nil, false // somebody comes, and no telling when
			}
		}
		return start, true
	}
	if g > 0 {
		return nil, false
	}
	signals := s.signals(l, gate, rangesAround(below[g].Body(), gate.pos, pos))
	// A signal from before its start lets it go on at once; not one on the channel of
	// an earlier round of a loop.
	var places []point
	another := func(n ast.Node) bool {
		ch, ok := gate.roots[0].(*types.Var)
		return ok && declaration(n, ch)
	}
	after := s.graph(l).from(start, nothing, never)
	for _, p := range signals {
		at := s.graph(l).points(p)
		if after.has(p) {
			places = append(places, at...)
		}
		if s.graph(l).from(at, another, never).has(below[0].At) {
			places = append(places, start...)
		}
	}
	return places, len(places) > 0 // else nobody here lets it go on: no telling who does
}

func (s *Scope) placesOf(l *Run, list []token.Pos) []point {
	var places []point
	for _, p := range list {
		places = append(places, s.graph(l).points(p)...)
	}
	return places
}

// untilStarted reports whether a run is started in the condition of a loop that ends
// when it is: for !g.TryGo(f) { }.
func untilStarted(p, r *Run) bool {
	loops := loopsAround(p.Body(), r.At)
	if len(loops) == 0 {
		return false
	}
	loop, ok := loops[len(loops)-1].(*ast.ForStmt)
	if !ok {
		return false
	}
	not, ok := loop.Cond.(*ast.UnaryExpr)
	return ok && not.Op == token.NOT && r.Call != nil && ast.Unparen(not.X) == ast.Expr(r.Call)
}

// overlapsItself reports whether the last run of a chain can be started again
// while an earlier instance of it goes on.
func (s *Scope) overlapsItself(chain []*Run, x, y Use) bool {
	r := chain[len(chain)-1]
	if r.Kind == RunMany {
		return true
	}
	if untilStarted(chain[len(chain)-2], r) {
		return false
	}
	v := x.Var
	stop := func(n ast.Node) bool { return declaration(n, v) }
	pos := r.At
	for i := len(chain) - 2; i >= 0; i-- {
		p := chain[i]
		var reached reach
		switch {
		case r.Kind == RunParallel && p.Kind != RunInline && p == testOf(r):
			reached = s.graph(p).from(s.graph(p).points(pos), stop, freshIn(v, s.perIteration))
			return reached.has(pos)
		case r.Kind == RunParallel:
			reached = s.graph(p).from(s.graph(p).points(pos), stop, freshIn(v, s.perIteration))
		default:
			b := s.barrier(p, r, x, x.Pos, pos)
			reached = s.graph(p).from(s.graph(p).points(pos), b, freshIn(v, s.perIteration))
		}
		if reached.has(pos) {
			return true
		}
		// The function that starts it may itself be run again.
		if p.Kind != RunInline || !reached.exit || contains(p.Fn, v.Pos()) {
			return false
		}
		pos = p.At
	}
	return false
}
