// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/types"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
	"github.com/culprit-ci/culprit/racecheck/lazyinit"
)

// pattern classes a race by what the source shows.
func pattern(c *conclusion, d declaration, l lockEvidence) culprit.Pattern {
	v := c.subject.v
	switch {
	case isWaitGroup(v.Type()) || isWaitGroup(orInvalid(pointee(v.Type()))):
		return culprit.PatternWaitGroup
	case usesEndedTest(c), givenBack(c):
		return culprit.PatternUseAfterEnd
	case isPrimitive(v.Type()):
		return culprit.PatternCopiedLock // a lock's own memory is written only where it is copied or set anew
	case mixesAtomic(c):
		return culprit.PatternPlainAndAtomic
	case c.kind == racecheck.TouchChan:
		return culprit.PatternMessageAndMemory
	case c.kind == racecheck.TouchCall:
		return culprit.PatternLibraryObject
	case c.kind == racecheck.TouchMap:
		return culprit.PatternMap
	case c.kind == racecheck.TouchElem:
		return culprit.PatternSlice
	case v.IsField() || c.kind == racecheck.TouchPointee:
		if p := guardPattern(c, l); p != culprit.PatternMissingLock || !sharedFixture(c) {
			return p
		}
		return culprit.PatternSharedFixture
	case !racecheck.IsLocal(v):
		if l.any() {
			return guardPattern(c, l)
		}
		if lazyInit(c) {
			return culprit.PatternLazyInit
		}
		return culprit.PatternGlobalState
	}
	if sharedFixture(c) {
		return culprit.PatternSharedFixture
	}
	return d.pattern
}

// guardPattern is the class of a race on state that a lock should guard.
func guardPattern(c *conclusion, l lockEvidence) culprit.Pattern {
	switch {
	case lazyInit(c) && !l.lockedInit(c):
		return culprit.PatternLazyInit
	case l.copied:
		return culprit.PatternCopiedLock
	case l.writeUnderRLock:
		return culprit.PatternWriteUnderRLock
	case l.any():
		return culprit.PatternPartialLock
	}
	return culprit.PatternMissingLock
}

func mixesAtomic(c *conclusion) bool {
	atomic := 0
	for i, s := range c.sides {
		if s.access.Atomic || s.above.via == viaAtomic || c.touches[i] != nil && c.touches[i].Atomic {
			atomic++
		}
	}
	return atomic == 1
}

// usesEndedTest: one access is package testing's own, of a test that ended.
func usesEndedTest(c *conclusion) bool {
	t := c.subject.v.Type()
	for _, name := range []string{"testing.T", "testing.B", "testing.F", "testing.common", "testing.TB"} {
		if namedAs(t, name) {
			return true
		}
	}
	return false
}

// givenBack: one of the functions hands what it works on back to a sync.Pool.
func givenBack(c *conclusion) bool {
	found := false
	for _, x := range c.touches {
		if x == nil || !c.subject.v.IsField() {
			continue
		}
		info := x.place.Pkg.Info
		x.place.Inspect(func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "Put" && namedAs(info.TypeOf(sel.X), "sync.Pool") {
				for _, a := range call.Args {
					if v := racecheck.VarOf(info, a); v != nil && (v == c.subject.v || holds(v.Type(), c.subject.v)) {
						found = true
					}
				}
			}
			return true
		})
	}
	return found
}

// holds reports whether a struct type, or what a pointer of that type points to,
// has the field.
func holds(t types.Type, field *types.Var) bool {
	if p := pointee(t); p != nil {
		t = p
	}
	st, ok := t.Underlying().(*types.Struct)
	if ok {
		for f := range st.Fields() {
			if f == field {
				return true
			}
		}
	}
	return false
}

// lazyInit: the write is made on the first use: under a check that the variable
// is not set yet, or inside the function of a sync.Once.
func lazyInit(c *conclusion) bool {
	for i, x := range c.touches {
		if x == nil || c.sides[i].access.Op != culprit.OpWrite || x.Kind != racecheck.TouchOwn {
			continue
		}
		if lazyinit.FirstUse(x.place.Pkg.Info, source.Body(x.place.Func()), x.Touch) || insideOnce(c.sides[i], x) {
			return true
		}
	}
	return false
}

func insideOnce(s *side, x *cand) bool {
	for _, f := range s.frames[:s.inStack] {
		if sym := source.ParseSymbol(f.Func); sym.Package == "sync" && sym.Recv == "Once" {
			return true
		}
	}
	return false
}
