// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// lockEvidence is what the syntax shows of locks around a race.
type lockEvidence struct {
	// held are the locks held at each side, its callers in the tree included.
	held [2][]racecheck.Lock
	// guard is the lock under which most other accesses of the field are made:
	// in guarded of total.
	guard          string
	guarded, total int
	// writeUnderRLock is true when a side writes holding only a read lock.
	writeUnderRLock bool
	// copied is true when a lock that is held belongs to a copy: to a receiver or
	// parameter that is no pointer.
	copied bool
}

// lockedInit reports whether a first use is written under a lock and the other
// access is elsewhere: then the lock is what the other access lacks. Where both
// are in one function it is the double-checked locking of a first use.
func (l lockEvidence) lockedInit(c *conclusion) bool {
	for i, s := range c.sides {
		if s.access.Op == culprit.OpWrite && len(l.held[i]) > 0 {
			other := c.sides[1-i]
			return s.place == nil || other.place == nil || s.place.Func() != other.place.Func()
		}
	}
	return false
}

func (l lockEvidence) any() bool {
	return len(l.held[0]) > 0 || len(l.held[1]) > 0 || l.guard != ""
}

// locks collects the evidence of locks.
func (r *resolver) locks(c *conclusion) lockEvidence {
	var l lockEvidence
	for i, s := range c.sides {
		x := c.touches[i]
		switch {
		case x != nil:
			l.held[i] = racecheck.LocksHeld(x.place.Pkg.Info, x.place.Func(), x.Pos)
		case s.place != nil:
			l.held[i] = locksAtLine(s.place)
		}
		if x != nil {
			l.copied = l.copied || copiesLock(x.place, l.held[i])
		}
		if s.access.Op == culprit.OpWrite && len(l.held[i]) > 0 && !slices.ContainsFunc(l.held[i], func(k racecheck.Lock) bool { return !k.Read }) {
			l.writeUnderRLock = true
		}
	}
	if c.subject.v.IsField() {
		l.guardOf(c)
	}
	return l
}

// copiesLock reports whether one of the locks is a field of a receiver or
// parameter that the function got as a copy, or is such a parameter itself.
func copiesLock(p *source.Place, held []racecheck.Lock) bool {
	for _, k := range held {
		if k.Expr == nil {
			continue
		}
		v, ok := rootVar(p.Pkg.Info, k.Expr).(*types.Var)
		if !ok || pointee(v.Type()) != nil || types.IsInterface(v.Type()) {
			continue
		}
		for _, fn := range p.Funcs {
			if _, isParam := paramIndex(p.Pkg.Info, fn, v); isParam {
				return true
			}
		}
	}
	return false
}

// locksAtLine returns the locks held at the first simple statement of a line.
func locksAtLine(p *source.Place) []racecheck.Lock {
	var held []racecheck.Lock
	done := false
	ast.Inspect(source.Body(p.Func()), func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && !done && p.Pkg.Line(s.Pos()) == p.Line {
			held, done = racecheck.LocksHeld(p.Pkg.Info, p.Func(), s.Pos()), true
		}
		return !done
	})
	return held
}

// maxGuardFiles bounds the search for a field's other accesses.
const maxGuardFiles = 400

// guardOf finds the lock of the same struct under which the package makes most
// accesses of the field.
func (l *lockEvidence) guardOf(c *conclusion) {
	pkg, key := c.subject.place.Pkg, c.subject.key
	count := map[string]int{}
	for i, f := range pkg.Files {
		if i >= maxGuardFiles {
			break
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				if mentions(pkg, n, c.subject.v) {
					l.inFunction(pkg, n, key, count)
				}
			}
			return true
		})
	}
	best := ""
	for name, n := range count {
		if n > count[best] || n == count[best] && name < best {
			best = name
		}
	}
	if 2*count[best] > l.total && count[best] >= 2 {
		l.guard, l.guarded = best, count[best]
	}
}

// mentions reports whether a function uses the field at all, by name first.
func mentions(pkg *source.Package, fn ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == v.Name() {
			if _, isVar := pkg.Info.Uses[id].(*types.Var); isVar {
				found = true
			}
		}
		return !found
	})
	return found
}

func (l *lockEvidence) inFunction(pkg *source.Package, fn ast.Node, key string, count map[string]int) {
	for _, t := range racecheck.Touches(pkg.Info, fn) {
		if t.Kind != racecheck.TouchOwn || t.Var == nil || !t.Var.IsField() || t.Atomic || varKey(pkg, t.Var) != key {
			continue
		}
		l.total++
		for _, k := range racecheck.LocksHeld(pkg.Info, fn, t.Pos) {
			if k.Var != nil {
				count[k.Var.Name()]++
				break
			}
		}
	}
}
