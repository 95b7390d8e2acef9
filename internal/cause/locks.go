// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"go/ast"
	"go/types"
	"slices"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/copiedlock"
	"github.com/culprit-ci/culprit/racecheck/rlockwrite"
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
func (r *resolver) locks(ctx context.Context, c *conclusion, declared culprit.Pos) lockEvidence {
	var l lockEvidence
	for i, s := range c.sides {
		x := c.touches[i]
		switch {
		case x != nil:
			l.held[i] = racecheck.LocksHeld(x.place.Pkg.Info, x.place.Func(), x.Pos)
		case s.place != nil:
			l.held[i] = locksAtLine(s.place)
		}
		if v := c.subject.v; !v.IsField() && !racecheck.IsLocal(v) {
			at := s.place
			if x != nil {
				at = x.place
			}
			l.held[i] = slices.DeleteFunc(l.held[i], func(k racecheck.Lock) bool { return ofObject(at.Pkg.Info, k.Expr) })
		}
		if x != nil {
			l.copied = l.copied || copiedlock.OfCopy(x.place.Pkg.Info, x.place.Funcs, l.held[i])
		}
		if s.access.Op == culprit.OpWrite && rlockwrite.ReadOnly(l.held[i]) {
			l.writeUnderRLock = true
		}
	}
	if c.subject.v.IsField() {
		if list, err := r.uses(ctx, declared, c.subject.v.Name()); err == nil {
			l.guard, l.guarded, l.total = guardOf(list)
		}
	}
	return l
}

// ofObject reports whether a lock is a part of what a parameter, a receiver or another
// local variable holds: each such object has its own, which guards no package variable.
func ofObject(info *types.Info, lock ast.Expr) bool {
	for {
		switch e := ast.Unparen(lock).(type) {
		case *ast.SelectorExpr:
			if info.Selections[e] == nil {
				return false // pkg.Mu
			}
			lock = e.X
		case *ast.StarExpr:
			lock = e.X
		case *ast.UnaryExpr:
			lock = e.X
		case *ast.IndexExpr:
			lock = e.X
		case *ast.Ident:
			v, ok := info.ObjectOf(e).(*types.Var)
			return ok && racecheck.IsLocal(v)
		default:
			return false
		}
	}
}

// locksAtLine returns the locks held at the first simple statement of a line.
func locksAtLine(p *source.Place) []racecheck.Lock {
	var held []racecheck.Lock
	done := false
	p.Inspect(func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && !done && p.Pkg.Line(s.Pos()) == p.Line {
			held, done = racecheck.LocksHeld(p.Pkg.Info, p.Func(), s.Pos()), true
		}
		return !done
	})
	return held
}
