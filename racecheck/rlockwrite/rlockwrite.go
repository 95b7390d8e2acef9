// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package rlockwrite

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/fielduse"
)

//go:embed doc.go
var source string

// Analyzer reports writes under RLock. Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "rlockwrite",
	Doc:        racecheck.Doc(source, "rlockwrite"),
	URL:        racecheck.Page("rlockwrite"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	if !fielduse.Names(pass.TypesInfo, "RLock") {
		return all, nil
	}
	p := pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()
	for _, f := range findings(p) {
		d := analysis.Diagnostic{Pos: f.writes[0].Pos, Message: f.message()}
		for _, w := range f.writes[1:] {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: w.Pos, Message: "and written here"})
		}
		if fix, ok := takeLock(p, f); ok {
			d.SuggestedFixes = []analysis.SuggestedFix{fix}
		}
		if strings.HasSuffix(pass.Fset.Position(d.Pos).Filename, "_test.go") {
			all = racecheck.Unreported(all, f.instance(), d) // a double, that one goroutine calls at a time
			continue
		}
		all = racecheck.Found(pass, all, f.instance(), d)
	}
	return all, nil
}

// finding are the writes of one function's body under one read lock.
type finding struct {
	fn     *fielduse.Func
	lock   racecheck.Lock
	writes []fielduse.Access
}

func (f *finding) message() string {
	w := f.writes[0]
	return fmt.Sprintf("%s is written here under %s.RLock, which others may hold at the same time: take %s.Lock", w.Var.Name(), f.lock.What, f.lock.What)
}

func (f *finding) instance() racecheck.Instance {
	return racecheck.Instance{Pattern: culprit.PatternWriteUnderRLock, Var: f.writes[0].Var, Subject: f.writes[0].Var.Name()}
}

func findings(p *fielduse.Package) []*finding {
	var list []*finding
	for _, a := range p.Uses {
		if a.Op != culprit.OpWrite || a.Atomic || a.Kind != racecheck.TouchOwn && a.Kind != racecheck.TouchMap || fielduse.IsSync(a.Var.Type()) {
			continue
		}
		lock, ok := readLock(p, a)
		if !ok || p.Making(a) || takesTurn(a) || steps(p, a) || !(modifies(a) && !p.Alone(a.Func)) && !(guards(p, lock, a) && meets(p, lock, a)) {
			continue
		}
		i := slices.IndexFunc(list, func(f *finding) bool { return f.fn == a.Func && f.lock.Pos == lock.Pos })
		if i < 0 {
			list = append(list, &finding{fn: a.Func, lock: lock})
			i = len(list) - 1
		}
		list[i].writes = append(list[i].writes, a)
	}
	return list
}

// steps reports whether a test that has no goroutine of its own makes the write: it goes
// step by step, and takes some lock out of habit.
func steps(p *fielduse.Package, a fielduse.Access) bool {
	if !a.Func.Test || a.Decl == nil || a.Decl.Recv != nil {
		return false
	}
	test, spawns := false, false
	for _, f := range a.Decl.Type.Params.List {
		test = test || types.TypeString(p.Info.TypeOf(f.Type), nil) == "*testing.T"
	}
	ast.Inspect(a.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			spawns = true
		case *ast.FuncLit:
			f := p.Of(n)
			spawns = spawns || f != nil && f.How == fielduse.HowGo
		}
		return !spawns
	})
	return test && !spawns
}

// takesTurn reports whether the function does before the write what lets one in at a
// time: it sends to or receives from a channel, or tries to set or take something.
func takesTurn(a fielduse.Access) bool {
	found := false
	a.Func.Own(func(n ast.Node) bool {
		if n == nil || n.Pos() > a.Pos {
			return false
		}
		switch n := n.(type) {
		case *ast.SendStmt:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
				found = found || slices.Contains([]string{"CompareAndSwap", "Swap", "TryLock", "Acquire", "TryAcquire"}, sel.Sel.Name)
			}
		}
		return true
	})
	return found
}

// modifies reports whether the write depends on what was there, x++ or m[k] = v: two
// at the same time spoil it whatever else the lock is for.
func modifies(a fielduse.Access) bool {
	switch s := a.Stmt.(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return a.Kind == racecheck.TouchMap || s.Tok != token.ASSIGN
	}
	return a.Kind == racecheck.TouchMap
}

// guards reports whether the lock is for what is written: another access holds it
// for writing. Some read locks only keep an object from being closed meanwhile.
func guards(p *fielduse.Package, lock racecheck.Lock, a fielduse.Access) bool {
	mutex := fielduse.LockVar(p.Info, lock.Expr)
	return slices.ContainsFunc(p.Uses, func(b fielduse.Access) bool {
		if b.Var.Origin() != a.Var.Origin() || p.Making(b) {
			return false
		}
		held, _ := p.Locks(b.Func, b.Pos)
		return slices.Contains(held, fielduse.Key{Var: mutex})
	})
}

// meets reports whether somebody can be there at the same time as a plain assignment:
// another function that holds only the read lock for what is written, or another call of
// the same one, when it writes what it has found missing. Who takes the lock itself is
// kept out by the read lock, and a Close is called once.
func meets(p *fielduse.Package, lock racecheck.Lock, a fielduse.Access) bool {
	mutex := fielduse.LockVar(p.Info, lock.Expr)
	return slices.ContainsFunc(p.Uses, func(b fielduse.Access) bool {
		if b.Var.Origin() != a.Var.Origin() || b.Pos == a.Pos || p.Making(b) {
			return false
		}
		if b.Func == a.Func && !decides(b, a) {
			return false
		}
		held, _ := p.Locks(b.Func, b.Pos)
		return slices.Contains(held, fielduse.Key{Var: mutex, Read: true}) && !slices.Contains(held, fielduse.Key{Var: mutex})
	})
}

// decides reports whether a read stands in the condition under which a write is made.
func decides(b, a fielduse.Access) bool {
	found := false
	a.Func.Own(func(n ast.Node) bool {
		if st, ok := n.(*ast.IfStmt); ok && racecheck.Contains(st.Cond, b.Pos) {
			found = found || racecheck.Contains(st.Body, a.Pos) || st.Else != nil && racecheck.Contains(st.Else, a.Pos)
		}
		return !found
	})
	return found
}

// readLock gives the read lock of the object that a writes to, when no lock but
// such is held.
func readLock(p *fielduse.Package, a fielduse.Access) (racecheck.Lock, bool) {
	if len(a.Held) == 0 || a.Expr == nil || !ReadOnly(a.Held) {
		return racecheck.Lock{}, false
	}
	held, unknown := p.Locks(a.Func, a.Pos)
	if unknown || slices.ContainsFunc(held, func(k fielduse.Key) bool { return !k.Read }) {
		return racecheck.Lock{}, false
	}
	for _, k := range a.Held {
		if sameObject(p.Info, k, a) {
			return k, true
		}
	}
	return racecheck.Lock{}, false
}

// ReadOnly reports whether locks are held, all of them for reading.
func ReadOnly(held []racecheck.Lock) bool {
	return len(held) > 0 && !slices.ContainsFunc(held, func(k racecheck.Lock) bool { return !k.Read })
}

// sameObject reports whether the lock is a RWMutex of the object that the access
// starts from, or a package variable as the accessed one is.
func sameObject(info *types.Info, k racecheck.Lock, a fielduse.Access) bool {
	mutex := fielduse.LockVar(info, k.Expr)
	if mutex == nil || !isRWMutex(mutex.Type()) {
		return false
	}
	if !mutex.IsField() {
		return !racecheck.IsLocal(mutex) && !a.Var.IsField() && mutex.Pkg() == a.Var.Pkg()
	}
	holder := k.Expr // embeds the mutex
	if isRWMutex(info.TypeOf(k.Expr)) {
		sel, ok := ast.Unparen(k.Expr).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		holder = sel.X
	}
	id, ok := ast.Unparen(holder).(*ast.Ident)
	if ok && a.Root != info.ObjectOf(id) {
		return false
	}
	return strings.HasPrefix(types.ExprString(a.Expr), types.ExprString(holder)+".")
}

func isRWMutex(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && n.Obj().Name() == "RWMutex"
}

// takeLock makes RLock and RUnlock of the function Lock and Unlock: where all its
// calls of the lock are plain statements, and what it calls cannot want the lock
// again, which would then wait for ever.
func takeLock(p *fielduse.Package, f *finding) (analysis.SuggestedFix, bool) {
	var edits []analysis.TextEdit
	mutex := fielduse.LockVar(p.Info, f.lock.Expr)
	plain := true
	ast.Inspect(f.fn.Node, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if isSel && types.ExprString(sel.X) == f.lock.What {
			to, ok := map[string]string{"RLock": "Lock", "RUnlock": "Unlock"}[sel.Sel.Name]
			plain = plain && ok && p.Around(call) == f.fn
			if ok {
				edits = append(edits, analysis.TextEdit{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte(to)})
			}
			return true
		}
		if (p.Around(call) != f.fn || f.holds(p, call.Pos())) && !harmless(p, call, mutex) {
			plain = false
		}
		return plain
	})
	if !plain || !pairs(edits) {
		return analysis.SuggestedFix{}, false
	}
	return analysis.SuggestedFix{Message: "Take " + f.lock.What + ".Lock", TextEdits: edits}, true
}

// holds reports whether the function's body holds the lock at a place.
func (f *finding) holds(p *fielduse.Package, pos token.Pos) bool {
	return slices.ContainsFunc(racecheck.LocksHeld(p.Info, f.fn.Node, pos), func(k racecheck.Lock) bool { return k.What == f.lock.What })
}

// pairs reports whether the edits are of one RLock and at least one RUnlock.
func pairs(edits []analysis.TextEdit) bool {
	locks := 0
	for _, e := range edits {
		if string(e.NewText) == "Lock" {
			locks++
		}
	}
	return locks == 1 && len(edits) > 1
}

// harmless reports whether a call cannot take the lock: a conversion, a builtin, a
// function of another package that is given no function, or one of this package
// that takes no such lock itself or in what it calls.
func harmless(p *fielduse.Package, call *ast.CallExpr, mutex *types.Var) bool {
	tv := p.Info.Types[call.Fun]
	if tv.IsType() || tv.IsBuiltin() {
		return true
	}
	if callee := p.Callee(call); callee != nil {
		return !p.Takes(callee, mutex)
	}
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
		if s := p.Info.Selections[fun]; s != nil && types.IsInterface(s.Recv()) {
			return false
		}
	default:
		return false
	}
	fn, ok := p.Info.Uses[id].(*types.Func)
	if !ok {
		return false // a function value
	}
	for _, a := range call.Args {
		t := p.Info.TypeOf(a)
		if t == nil {
			return false
		}
		if _, isFunc := t.Underlying().(*types.Signature); isFunc {
			return false
		}
	}
	return fn.Pkg() == nil || fn.Pos() == token.NoPos || mutex.Pkg() != fn.Pkg()
}
