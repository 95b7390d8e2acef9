// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
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
		ast.Inspect(source.Body(x.place.Func()), func(n ast.Node) bool {
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
		if underZeroCheck(x) || insideOnce(c.sides[i], x) {
			return true
		}
	}
	return false
}

// underZeroCheck reports whether the write stands in the body of an if that
// tests the same variable for its zero value.
func underZeroCheck(x *cand) bool {
	info, found := x.place.Pkg.Info, false
	ast.Inspect(source.Body(x.place.Func()), func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		if !ok || !racecheck.Contains(s.Body, x.Pos) {
			return true
		}
		ast.Inspect(s.Cond, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.BinaryExpr:
				if m.Op == token.EQL && zero(info, m.Y) && racecheck.VarOf(info, m.X) == x.Var {
					found = true
				}
			case *ast.UnaryExpr:
				if m.Op == token.NOT && racecheck.VarOf(info, m.X) == x.Var {
					found = true
				}
			}
			return true
		})
		return true
	})
	return found && !resets(info, x)
}

// resets reports whether the write stores the zero value: clean-up, not a first use.
func resets(info *types.Info, x *cand) bool {
	a, ok := x.Stmt.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != len(a.Rhs) {
		return false
	}
	for i, l := range a.Lhs {
		if racecheck.VarOf(info, l) == x.Var {
			return zero(info, a.Rhs[i])
		}
	}
	return false
}

func zero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.IsNil() {
		return true
	}
	return tv.Value != nil && (tv.Value.String() == "0" || tv.Value.String() == `""` || tv.Value.String() == "false")
}

func insideOnce(s *side, x *cand) bool {
	for _, f := range s.frames[:s.inStack] {
		if sym := source.ParseSymbol(f.Func); sym.Package == "sync" && sym.Recv == "Once" {
			return true
		}
	}
	return false
}
