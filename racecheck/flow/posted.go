// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// Some packages tell their listeners of an event by a goroutine for each call, or by a
// function that they leave in a queue, and do nothing afterwards: queue <- func() {
// l.OnEvent(e) }. Then there is nothing that anybody could wait for, and whoever looks
// at what a listener without a lock has collected races with the next event.

// Posting says how the methods of an interface are called.
type Posting uint8

// The ways.
const (
	NotPosted Posting = iota
	Queued            // the goroutine goes on with something else
	Alone             // the goroutine ends
)

// posted finds the methods of a package's interfaces which the package only calls so.
// Methods with results are left out: somebody waits for those.
func (s *FactSet) posted(pkg *types.Package, files []*ast.File) map[*types.Func]Posting {
	wanted, names := map[*types.Func]bool{}, map[string]bool{}
	for _, name := range pkg.Scope().Names() {
		t, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() {
			continue
		}
		i, ok := t.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for m := range i.ExplicitMethods() {
			if m.Exported() && m.Signature().Results().Len() == 0 {
				wanted[m], names[m.Name()] = true, true
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	p := posting{set: s, files: files, wanted: wanted, names: names, found: map[*types.Func]Posting{}, lits: map[*ast.FuncLit]bool{}}
	for _, f := range files {
		p.look(f)
		if len(wanted) == 0 {
			return nil
		}
	}
	if len(p.found) == 0 || !p.queues() {
		return nil
	}
	return p.found
}

// posting is the search for such methods.
type posting struct {
	set    *FactSet
	files  []*ast.File
	wanted map[*types.Func]bool // the methods that may be
	names  map[string]bool
	found  map[*types.Func]Posting // those that are called, and so
	// lits are the literals that call one, and queue the places where these are left.
	lits  map[*ast.FuncLit]bool
	queue []types.Object
	// started are the names of functions in go statements.
	started map[*ast.Ident]bool
}

// look goes through the calls of a file.
func (p *posting) look(f *ast.File) {
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !p.names[sel.Sel.Name] {
			return true
		}
		if m, ok := p.set.info.Uses[sel.Sel].(*types.Func); ok && p.wanted[m] {
			how := p.here(stack)
			if before, again := p.found[m]; again {
				how = min(how, before)
			}
			p.found[m] = how
			if how == NotPosted {
				delete(p.wanted, m)
				delete(p.found, m)
			}
		}
		return true
	})
}

// here tells how the method at the top of the stack is called.
func (p *posting) here(stack []ast.Node) Posting {
	if len(stack) < 4 {
		return NotPosted
	}
	call, ok := stack[len(stack)-2].(*ast.CallExpr)
	if !ok || call.Fun != stack[len(stack)-1] {
		return NotPosted // a method value
	}
	if g, ok := stack[len(stack)-3].(*ast.GoStmt); ok && g.Call == call {
		return Alone
	}
	i := len(stack) - 1
	for i > 1 {
		if _, ok := stack[i].(*ast.FuncLit); ok {
			break
		}
		i--
	}
	once := func(fn *ast.BlockStmt) Posting {
		if len(loopsAround(fn, call.Pos())) > 0 {
			return Queued
		}
		return Alone
	}
	lit, ok := stack[i].(*ast.FuncLit)
	if !ok {
		if d, ok := stack[1].(*ast.FuncDecl); ok && p.silent(d, call) && p.goroutine(d) {
			return once(d.Body)
		}
		return NotPosted
	}
	if !p.silent(lit, call) {
		return NotPosted
	}
	p.lits[lit] = true
	switch by := stack[i-1].(type) {
	case *ast.CallExpr:
		if g, ok := stack[i-2].(*ast.GoStmt); ok && g.Call == by && by.Fun == lit {
			return once(lit.Body)
		}
		if p.leaves(by, lit) {
			return Queued
		}
	case *ast.SendStmt:
		if by.Value == lit && p.note(by.Chan) {
			return Queued
		}
	}
	return NotPosted
}

// goroutine reports whether a function is named in go statements only.
func (p *posting) goroutine(d *ast.FuncDecl) bool {
	fn := p.set.info.Defs[d.Name]
	if fn == nil || d.Name.IsExported() {
		return false
	}
	if p.started == nil {
		p.started = map[*ast.Ident]bool{}
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if g, ok := n.(*ast.GoStmt); ok {
					switch f := ast.Unparen(g.Call.Fun).(type) {
					case *ast.Ident:
						p.started[f] = true
					case *ast.SelectorExpr:
						p.started[f.Sel] = true
					}
				}
				return true
			})
		}
	}
	for id, obj := range p.set.info.Uses {
		if obj == fn && !p.started[id] {
			return false
		}
	}
	return true
}

// note remembers a queue: the field or variable that an expression ends in.
func (p *posting) note(e ast.Expr) bool {
	obj := p.object(e)
	if obj != nil && !slices.Contains(p.queue, obj) {
		p.queue = append(p.queue, obj)
	}
	return obj != nil
}

func (p *posting) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return p.set.info.Uses[e]
	case *ast.SelectorExpr:
		return p.set.info.Uses[e.Sel]
	}
	return nil
}

// leaves reports whether a call leaves the literal to a goroutine of the object that it
// is called on, as its name tells.
func (p *posting) leaves(call *ast.CallExpr, lit *ast.FuncLit) bool {
	fn := calleeFunc(p.set.info, call)
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if fn == nil || !ok || !schedules(fn.Name()) || !p.worker(fn) {
		return false
	}
	i := slices.IndexFunc(call.Args, func(a ast.Expr) bool { return ast.Unparen(a) == lit })
	return i >= 0 && p.set.Of(fn).Param(i, fn).Func == FuncKept && p.note(sel.X)
}

// schedules reports whether a function of this name leaves a function to somebody.
func schedules(name string) bool {
	return startsWith(name, "Schedule", "TrySchedule", "Submit", "TrySubmit", "Enqueue", "Post", "Dispatch", "Async")
}

// worker reports whether the receiver of a method is made by a function that starts a
// goroutine.
func (p *posting) worker(fn *types.Func) bool {
	r := fn.Signature().Recv()
	if r == nil || types.IsInterface(r.Type()) || fn.Pkg() == nil || counts(r.Type()) {
		return false
	}
	scope := fn.Pkg().Scope()
	for _, name := range scope.Names() {
		if make, ok := scope.Lookup(name).(*types.Func); ok {
			results := make.Signature().Results()
			if results.Len() > 0 && types.Identical(results.At(0).Type(), r.Type()) && p.set.Spawns(make) {
				return true
			}
		}
	}
	return false
}

// counts reports whether an object has a WaitGroup, to tell when a function is done.
func counts(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return true
	}
	for f := range st.Fields() {
		if isNamed(f.Type(), "sync", "WaitGroup") || isNamed(f.Type(), "sync", "Cond") {
			return true
		}
	}
	return false
}

// silent reports whether a function tells nobody of a call in it: it signals nobody
// afterwards, and writes nothing that others could look at.
func (p *posting) silent(fn ast.Node, call *ast.CallExpr) bool {
	run := &Run{Kind: RunGo, Fn: fn}
	when := newOccasions(p.set.info, run)
	when.look()
	locks, loops := false, loopsAround(run.Body(), call.Pos())
	visitOwn(run, func(n ast.Node, _ bool) {
		if c, ok := n.(*ast.CallExpr); ok {
			locks = locks || strings.HasSuffix(calleeName(c), "Lock")
		}
	})
	for _, o := range when.signals {
		if o.of == ast.Node(call) {
			continue
		}
		again := slices.ContainsFunc(loops, func(l ast.Node) bool { return contains(l, o.pos) }) && !p.last(loops, call)
		// What is done under a lock as well may be seen under it.
		if locks || o.deferred || again || o.pos > call.Pos() {
			return false
		}
	}
	alone := true
	ast.Inspect(run.Body(), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				alone = alone && p.local(l, fn)
			}
		case *ast.IncDecStmt:
			alone = alone && p.local(n.X, fn)
		case *ast.FuncLit:
			alone = false
		}
		return alone
	})
	return alone
}

// last reports whether a call is what each round of a loop over a channel ends with: then
// whatever the loop tells somebody comes with another call.
func (p *posting) last(loops []ast.Node, call *ast.CallExpr) bool {
	if len(loops) != 1 {
		return false
	}
	loop, ok := loops[0].(*ast.RangeStmt)
	if !ok || len(loop.Body.List) == 0 {
		return false
	}
	if _, isChan := typeOf(p.set.info, loop.X).Underlying().(*types.Chan); !isChan {
		return false
	}
	st, ok := loop.Body.List[len(loop.Body.List)-1].(*ast.ExprStmt)
	if !ok || st.X != ast.Expr(call) {
		return false
	}
	straight := true
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.BranchStmt, *ast.ReturnStmt:
			straight = false
		}
		return straight
	})
	return straight
}

// local reports whether an expression is a variable of the function's own.
func (p *posting) local(e ast.Expr, fn ast.Node) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	obj := p.set.info.ObjectOf(id)
	return id.Name == "_" || obj != nil && contains(fn, obj.Pos())
}

// queues reports whether nothing else is left in the queues: what comes behind a call
// there could tell of it.
func (p *posting) queues() bool {
	if len(p.queue) == 0 {
		return true
	}
	ok := true
	mine := func(e ast.Expr) bool {
		lit, isLit := ast.Unparen(e).(*ast.FuncLit)
		return isLit && p.lits[lit]
	}
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				if slices.Contains(p.queue, p.object(n.Chan)) && !mine(n.Value) {
					ok = false
				}
			case *ast.CallExpr:
				sel, isSel := ast.Unparen(n.Fun).(*ast.SelectorExpr)
				if isSel && schedules(sel.Sel.Name) && slices.Contains(p.queue, p.object(sel.X)) && !slices.ContainsFunc(n.Args, mine) {
					ok = false
				}
			}
			return ok
		})
	}
	return ok
}
