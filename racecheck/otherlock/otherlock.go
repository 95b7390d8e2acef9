// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package otherlock

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

// Analyzer reports accesses under another lock than that of the field. Its result is a
// []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "otherlock",
	Doc:        racecheck.Doc(source, "otherlock"),
	URL:        racecheck.Page("otherlock"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, fielduse.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var all []racecheck.Instance
	if !fielduse.Names(pass.TypesInfo, "Lock") {
		return all, nil
	}
	p := pass.ResultOf[fielduse.Analyzer].(func() *fielduse.Package)()
	for _, g := range p.Groups() {
		if !g.Var.IsField() || fielduse.IsSync(g.Var.Type()) {
			continue
		}
		if !slices.ContainsFunc(g.Accesses, func(a fielduse.Access) bool { return fielduse.MadeForSharing(a.Owner()) }) {
			continue // no lock beside it: most fields
		}
		guard := guardOf(p, g)
		if guard == nil {
			continue
		}
		var last fielduse.Access
		for _, a := range g.Accesses {
			other := guard.other(p, a)
			if other == nil || guard.within(p, g, other) || last.Func == a.Func || a.Op == culprit.OpRead && (calledByWriters(p, g, a) || waits(a)) {
				continue // one of a function says it; who alone writes may read
			}
			last = a
			does := "read"
			if a.Op == culprit.OpWrite {
				does = "written"
			}
			in := racecheck.Instance{Pattern: culprit.PatternPartialLock, Var: g.Var, Subject: g.Name}
			all = racecheck.Found(pass, all, in, analysis.Diagnostic{
				Pos:     a.Pos,
				Message: fmt.Sprintf("%s is %s here under %s, and written under another one, %s: take that", g.Name, does, lockName(pass.Pkg, other), lockName(pass.Pkg, guard.lock)),
				Related: []analysis.RelatedInformation{{Pos: guard.write.Pos, Message: "written here"}},
			})
		}
	}
	return all, nil
}

// calledByWriters reports whether whoever calls the function that makes an access also
// writes the field of the group: often there is one writer, which needs no lock to read.
func calledByWriters(p *fielduse.Package, g *fielduse.Group, a fielduse.Access) bool {
	if len(a.Func.Sites) == 0 {
		return false
	}
	for _, s := range a.Func.Sites {
		if !slices.ContainsFunc(g.Accesses, func(w fielduse.Access) bool {
			return w.Op == culprit.OpWrite && w.Func == s.In && !p.Making(w)
		}) {
			return false
		}
	}
	return true
}

// waits reports whether a function receives from a channel or waits for a group before
// it makes an access: the writer may have ended.
func waits(a fielduse.Access) bool {
	found := false
	a.Func.Own(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW && n.Pos() < a.Pos
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			found = found || ok && sel.Sel.Name == "Wait" && n.Pos() < a.Pos
		}
		return !found
	})
	return found
}

// guard is the lock of a field.
type guard struct {
	lock  *types.Var
	write fielduse.Access // one that is made under it
	// with are all locks that some write is made under.
	with []*types.Var
}

// guardOf gives the lock that all writes of a field outside of tests are made under,
// and most of its other accesses; nil when there is none, or no telling which.
func guardOf(p *fielduse.Package, g *fielduse.Group) *guard {
	var found *guard
	writes, total, guarded := 0, 0, map[*types.Var]int{}
	for _, a := range g.Accesses {
		if a.Func.Test || p.Making(a) {
			continue
		}
		if a.Atomic {
			return nil
		}
		if a.Op == culprit.OpWrite && a.Func.Helped(a.Pos) {
			return nil // it may hold the other lock as well: one of each part
		}
		held, _ := p.Locks(a.Func, a.Pos)
		own := beside(a, held)
		total++
		for _, v := range own {
			guarded[v]++
		}
		if a.Op != culprit.OpWrite {
			continue
		}
		if len(own) == 1 && isPointer(own[0].Type()) {
			return nil // it may be the other one, that somebody has handed in
		}
		if len(own) != 1 || found != nil && own[0] != found.lock {
			return nil
		}
		if found == nil {
			found = &guard{lock: own[0], write: a}
		}
		writes++
		if a.Func.Kept() {
			return nil
		}
		for _, k := range held {
			found.with = append(found.with, k.Var)
		}
	}
	if writes < 2 || 4*guarded[found.lock] < 3*total {
		return nil
	}
	return found
}

// within reports whether all writes of the field, in what calls them, are made under
// another lock: that of the only object that has theirs.
func (g *guard) within(p *fielduse.Package, group *fielduse.Group, other *types.Var) bool {
	for _, w := range group.Accesses {
		if w.Op == culprit.OpWrite && !w.Func.Test && !p.Making(w) && !calledUnder(p, w.Func, other, 0) {
			return false
		}
	}
	return true
}

// maxCallers bounds the calls that are followed up to a lock.
const maxCallers = 4

// calledUnder reports whether all calls of a function outside of tests, of which there
// are some, are made under a lock.
func calledUnder(p *fielduse.Package, f *fielduse.Func, lock *types.Var, depth int) bool {
	for f.Parent != nil {
		f = f.Parent
	}
	called := false
	for _, s := range f.Sites {
		if s.In == nil || s.In.Test {
			continue
		}
		called = true
		held, _ := p.Locks(s.In, s.Call.Pos())
		if s.Go || !slices.ContainsFunc(held, func(k fielduse.Key) bool { return k.Var == lock }) && (depth >= maxCallers || !calledUnder(p, s.In, lock, depth+1)) {
			return false
		}
	}
	return called
}

// beside lists the locks that are in the object that an access is of.
func beside(a fielduse.Access, held []fielduse.Key) []*types.Var {
	var list []*types.Var
	for _, k := range held {
		if k.Var != nil && a.Beside(k.Var) && !slices.Contains(list, k.Var) {
			list = append(list, k.Var)
		}
	}
	return list
}

// other gives the lock that an access is made under when it is a field as well, and
// one that no write has.
func (g *guard) other(p *fielduse.Package, a fielduse.Access) *types.Var {
	if a.Atomic || p.Making(a) {
		return nil
	}
	held, unknown := p.Locks(a.Func, a.Pos)
	if unknown && !a.Func.Test || len(held) == 0 || a.Func.Test && !p.Spawned(a) {
		return nil // a test without a goroutine takes a lock out of habit
	}
	if leadsThrough(a) {
		return nil
	}
	for _, k := range held {
		if k.Var == nil || !k.Var.IsField() || slices.Contains(g.with, k.Var) {
			return nil
		}
	}
	return held[0].Var
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// leadsThrough reports whether a lock that is held there belongs to something that the
// field leads to, as r.tracks[i].mu does: it is for that, and not for the field.
func leadsThrough(a fielduse.Access) bool {
	return a.Expr != nil && slices.ContainsFunc(a.Held, func(l racecheck.Lock) bool {
		rest, ok := strings.CutPrefix(l.What, types.ExprString(a.Expr))
		return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
	})
}

// lockName gives the name of a field that is a lock with the type that has it.
func lockName(pkg *types.Package, lock *types.Var) string {
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		for i := 0; ok && i < st.NumFields(); i++ {
			if st.Field(i).Origin() == lock {
				return name + "." + lock.Name()
			}
		}
	}
	return lock.Name()
}
