// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// The strategies that take a lock.
const (
	ItsLock = "take-the-lock-of-the-other-accesses"
	NewLock = "new-mutex"
)

// guardWithItsLock takes the lock that guards the subject's other accesses, or
// that stands beside it in its struct, around the accesses that raced; and, as a
// second candidate, around all that lack it.
func guardWithItsLock(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if why := s.synchronises(); why != "" {
		return nil, why, nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	if why := s.readsBack(uses); why != "" {
		return nil, why, nil
	}
	own := s.ownLock(uses)
	if own == nil {
		return nil, fmt.Sprintf("no lock is held at any access of %s, and none stands beside it", s.v.Name()), nil
	}
	var raced, all []*use
	for _, u := range uses {
		if u.decl() || u.key() || u.fn() == nil {
			continue
		}
		if !own.lacking(u) || s.unpublished(u) {
			continue
		}
		all = append(all, u)
		if s.atSite(u) {
			raced = append(raced, u)
		}
	}
	var list []*Candidate
	var why string
	tries := []guardTry{{raced, fmt.Sprintf("hold %s at the accesses of %s that raced", own.name, s.v.Name())}}
	if len(all) > len(raced) {
		tries = append(tries, guardTry{all, fmt.Sprintf("hold %s at all accesses of %s", own.name, s.v.Name())})
	}
	if edits, _, ok := s.monitor(raced, own.at); ok {
		c, err := s.candidate(ItsLock, fmt.Sprintf("hold %s in the methods that raced on %s", own.name, s.v.Name()), edits)
		if err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	for _, t := range append(tries, s.perFunction(raced, own)...) {
		s.issued, s.aside = nil, nil
		if len(t.uses) == 0 {
			continue
		}
		edits, w := s.guardUses(t.uses, own.at)
		if w != "" {
			why = w
			continue
		}
		msg := t.message
		c, err := s.candidate(ItsLock, msg, edits)
		if err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	if c, w, err := s.exclusive(uses, own); err != nil {
		return nil, "", err
	} else if c != nil {
		list = append([]*Candidate{c}, list...)
	} else if why == "" {
		why = w
	}
	if len(list) == 0 && why == "" {
		why = fmt.Sprintf("every access of %s holds %s, as far as its own function shows", s.v.Name(), own.name)
	}
	return list, why, nil
}

// synchronises says why no lock guards a subject that is there to order others: with
// one around Add and Wait of a WaitGroup the detector is silent, and Wait still
// returns before what is added later has ended.
func (s *subject) synchronises() string {
	t := types.Unalias(s.v.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && n.Obj().Name() != "Map" && n.Obj().Name() != "Pool" {
		return fmt.Sprintf("%s is a sync.%s: a lock around it silences the detector and does not make anybody wait", s.v.Name(), n.Obj().Name())
	}
	return ""
}

// guardTry is a set of uses to be guarded.
type guardTry struct {
	uses    []*use
	message string
}

// perFunction are the accesses that raced of one function each: the callers of
// another function may hold the lock already, which only a run shows.
func (s *subject) perFunction(raced []*use, own *ownLock) []guardTry {
	var fns []ast.Node
	for _, u := range raced {
		if !slices.Contains(fns, u.fn()) {
			fns = append(fns, u.fn())
		}
	}
	if len(fns) < 2 || len(fns) > 3 {
		return nil
	}
	var tries []guardTry
	for _, fn := range fns {
		t := guardTry{uses: slices.DeleteFunc(slices.Clone(raced), func(u *use) bool { return u.fn() != fn })}
		t.message = fmt.Sprintf("hold %s at line %d of %s, where %s is accessed without it", own.name, t.uses[0].line(), t.uses[0].rel, s.v.Name())
		tries = append(tries, t)
	}
	return tries
}

// ownLock is the lock of the subject.
type ownLock struct {
	v      *types.Var
	name   string // "mu"
	field  bool   // it is reached as base + suffix
	suffix string // ".mu", "" for an embedded one
	// embedded says that the object itself is the lock.
	embedded bool
	rw       bool
}

// ownLock finds the lock that is held at most accesses, or else the only mutex of
// the subject's struct, or else the package's or function's mutex named after it.
func (s *subject) ownLock(uses []*use) *ownLock {
	count := map[*types.Var]int{}
	found := map[*types.Var]*ownLock{}
	for _, u := range uses {
		if u.fn() == nil || u.decl() {
			continue
		}
		for _, h := range racecheck.LocksHeld(u.pkg.Info, u.fn(), u.id.Pos()) {
			if h.Var == nil {
				continue
			}
			o := &ownLock{v: h.Var, name: h.What, rw: isRW(h.Var.Type())}
			if base := u.base(); base != "" && h.What == base {
				// The struct embeds its lock: each object's variable is another Var.
				o = &ownLock{v: s.v, name: "the lock it embeds", field: true, embedded: true, rw: embedsRW(h.Var.Type())}
			} else if base != "" && strings.HasPrefix(h.What, base+".") {
				o.field, o.suffix = true, h.What[len(base):]
			} else if h.Var.IsField() {
				continue // of another object
			}
			count[o.v]++
			if found[o.v] == nil {
				found[o.v] = o
			}
		}
	}
	var best *ownLock
	for v, o := range found {
		if best == nil || count[v] > count[best.v] || count[v] == count[best.v] && v.Pos() < best.v.Pos() {
			best = o
		}
	}
	if best != nil {
		return best
	}
	return s.besideField()
}

// besideField is the only mutex among the fields of the subject's struct.
func (s *subject) besideField() *ownLock {
	st := structOf(s.pkg.Types, s.v)
	if st == nil {
		return nil
	}
	var only *ownLock
	for f := range st.Fields() {
		if !isMutex(f.Type()) {
			continue
		}
		if only != nil {
			return nil
		}
		only = &ownLock{v: f, name: f.Name(), field: true, suffix: "." + f.Name(), rw: isRW(f.Type())}
		if f.Embedded() {
			only.suffix, only.embedded = "", true
		}
	}
	return only
}

// structOf is the struct type of the package, named or inside a named one, that
// declares the field.
func structOf(pkg *types.Package, v *types.Var) *types.Struct {
	if pkg == nil || !v.IsField() {
		return nil
	}
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for f := range st.Fields() {
			if f == v {
				return st
			}
		}
	}
	return nil
}

func isMutex(t types.Type) bool { return isSync(t, "Mutex") || isSync(t, "RWMutex") }
func isRW(t types.Type) bool    { return isSync(t, "RWMutex") }

// embedsRW reports whether a type, or what it points to, embeds a sync.RWMutex.
func embedsRW(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Embedded() && isRW(f.Type()) {
			return true
		}
	}
	return false
}

func isSync(t types.Type, name string) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync" && n.Obj().Name() == name
}

// lacking reports whether the use's own function does not hold the lock there.
func (o *ownLock) lacking(u *use) bool {
	for _, h := range racecheck.LocksHeld(u.pkg.Info, u.fn(), u.id.Pos()) {
		if h.Var != nil && h.Var.Pos() == o.v.Pos() || o.embedded && h.What == u.base() {
			return false
		}
	}
	return true
}

// at is the lock as a use can name it.
func (o *ownLock) at(u *use) (lock, string) {
	if o.field {
		base := u.base()
		if base == "" {
			return lock{}, fmt.Sprintf("line %d reaches the field without naming its object", u.line())
		}
		if hasCall(u.expr) {
			return lock{}, fmt.Sprintf("line %d gets the object from a call", u.line())
		}
		return lock{base + o.suffix, o.rw}, ""
	}
	if scope := u.pkg.Types.Scope().Innermost(u.id.Pos()); scope != nil {
		if _, obj := scope.LookupParent(o.v.Name(), u.id.Pos()); obj != nil && obj.Pos() == o.v.Pos() {
			return lock{o.name, o.rw}, ""
		}
	}
	return lock{}, fmt.Sprintf("%s is not in scope at line %d", o.name, u.line())
}

func hasCall(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, ok := n.(*ast.CallExpr)
		found = found || ok
		return !found
	})
	return found
}

// unpublished reports whether the object of a field use was made in the same
// function by a composite literal or new: nobody else has it yet.
func (s *subject) unpublished(u *use) bool {
	sel, ok := u.expr.(*ast.SelectorExpr)
	if !ok || s.atSite(u) {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := u.pkg.Info.Uses[id].(*types.Var)
	fn, isDecl := u.fn().(*ast.FuncDecl)
	if !ok || !isDecl || !racecheck.IsLocal(v) || !racecheck.Contains(fn.Body, v.Pos()) {
		return false
	}
	made := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || as.Tok != token.DEFINE || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, l := range as.Lhs {
			if lid, ok := l.(*ast.Ident); ok && u.pkg.Info.Defs[lid] == v {
				made = made || makesNew(as.Rhs[i])
			}
		}
		return true
	})
	return made
}

// makesNew reports whether an expression makes a new object.
func makesNew(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.AND && makesNew(e.X)
	case *ast.CallExpr:
		id, ok := e.Fun.(*ast.Ident)
		return ok && id.Name == "new"
	}
	return false
}

// exclusive turns the RLock under which the subject is written into a Lock.
func (s *subject) exclusive(uses []*use, own *ownLock) (*Candidate, string, error) {
	edits := map[string][]edit{}
	for _, u := range uses {
		if u.fn() == nil || u.decl() || !s.atSite(u) || !u.writes() && !s.mutates([]*use{u}) {
			continue
		}
		for _, h := range racecheck.LocksHeld(u.pkg.Info, u.fn(), u.id.Pos()) {
			if !h.Read || h.Var == nil || h.Var.Pos() != own.v.Pos() {
				continue
			}
			ast.Inspect(u.fn(), func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok || u.pkg.Text(sel.X, 1000) != h.What {
					return true
				}
				if name := sel.Sel.Name; name == "RLock" || name == "RUnlock" {
					e := edit{offset: u.offset(sel.Sel.Pos()), n: 1}
					if !slices.Contains(edits[u.rel], e) {
						edits[u.rel] = append(edits[u.rel], e)
					}
				}
				return true
			})
		}
	}
	if len(edits) == 0 {
		return nil, "", nil
	}
	c, err := s.candidate("lock-instead-of-rlock", fmt.Sprintf("hold %s exclusively where %s is written", own.name, s.v.Name()), edits)
	return c, "", err
}
