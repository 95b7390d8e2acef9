// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package sharedobject

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
	"github.com/culprit-ci/culprit/racecheck/flow"
	"github.com/culprit-ci/culprit/racecheck/libraryobject"
	"github.com/culprit-ci/culprit/racecheck/sharedmap"
)

//go:embed doc.go
var source string

// Analyzer reports objects that concurrent functions share and one of them
// changes, through a pointer, a map, or a method that is known to.
// Its result is a []racecheck.Instance.
var Analyzer = &analysis.Analyzer{
	Name:       "sharedobject",
	Doc:        racecheck.Doc(source, "sharedobject"),
	URL:        racecheck.Page("sharedobject"),
	Requires:   []*analysis.Analyzer{racecheck.Ignores, flow.Scopes, libraryobject.Analyzer, sharedmap.Analyzer},
	Run:        run,
	ResultType: reflect.TypeFor[[]racecheck.Instance](),
}

func run(pass *analysis.Pass) (any, error) {
	var list []racecheck.Instance
	told := map[token.Pos]bool{}
	for _, a := range []*analysis.Analyzer{libraryobject.Analyzer, sharedmap.Analyzer} {
		for _, in := range pass.ResultOf[a].([]racecheck.Instance) {
			told[in.Pos] = true // and by those who know what the object is
		}
	}
	pass.ResultOf[flow.Scopes].(*flow.Package).Each(func(s *flow.Scope) {
		if !s.MayShare() {
			return
		}
		for _, sh := range s.Captured() {
			if s.IsLoopVar(sh.Var) && !s.PerIteration() {
				continue // it refers to something else each time; loopvar tells
			}
			for _, d := range diagnostics(pass, s, sh) {
				in := racecheck.Instance{Pattern: culprit.PatternSharedFixture, Var: sh.Var, Subject: sh.Var.Name()}
				if told[d.Pos] {
					list = racecheck.Unreported(list, in, d)
				} else {
					list = racecheck.Found(pass, list, in, d)
				}
			}
		}
	})
	return list, nil
}

// object selects accesses to what a variable leads to, or by a method of it.
// Elements of slices are left out: goroutines often have one each.
func object(u flow.Use) bool {
	if u.Late {
		return false // its function has told that it gave up
	}
	if u.Async && !u.Write && u.Guard == flow.Plain && !isGo(u) && (u.Gated || u.Maybe) {
		return false // it may look only once it was asked to, after the set-up
	}
	if i := strings.Index(u.Path, "[]"); i >= 0 && (i+2 < len(u.Path) || u.Element == nil || !isMap(u.Element)) {
		return false
	}
	return strings.Contains(u.Path, "*") || u.Via != "" && u.Expr == nil || !u.Write
}

// isMapElement reports whether the element that is accessed is one of a map.
func isMapElement(u flow.Use) bool {
	return u.Via == "" && u.Element != nil && isMap(u.Element)
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// diagnostics makes one diagnostic for each variable and statement that changes
// the object, or, where a goroutine of the object's own package does, for each
// statement that looks at it without the lock.
func diagnostics(pass *analysis.Pass, s *flow.Scope, sh flow.Shared) []analysis.Diagnostic {
	var list []analysis.Diagnostic
	for _, p := range s.Pairs(sh, object) {
		u, other := p.A, p.B
		if better(other, u) {
			u, other = other, u
		}
		again := func(d analysis.Diagnostic) bool {
			return other.Called && !u.Write && len(d.Related) > 0 && d.Related[0].Pos == other.Pos && strings.HasPrefix(d.Message, subject(pass, sh.Var, u)+" ")
		}
		if slices.ContainsFunc(list, again) || plainOwn(p) || forMessage(pass, p.A) || forMessage(pass, p.B) || designed(pass, p) || !certain(pass, p) || slices.ContainsFunc(list, func(d analysis.Diagnostic) bool { return d.Pos == u.Pos }) {
			continue
		}
		d := analysis.Diagnostic{Pos: u.Pos, Message: message(pass, sh.Var, u, other)}
		if other.Pos != u.Pos {
			d.Related = []analysis.RelatedInformation{{Pos: other.Pos, Message: "used here at the same time"}}
		}
		list = append(list, d)
	}
	return list
}

func isTest(pass *analysis.Pass, pos token.Pos) bool {
	return strings.HasSuffix(pass.Fset.Position(pos).Filename, "_test.go")
}

// certain reports whether both accesses are known to be made while nothing orders
// them. A goroutine that a function leaves running must not wait for somebody
// before its access, nor be one that can be switched off: nobody may come. What
// functions do under a condition counts only where they hold a lock for it that is
// not held here. Code that is no test often has its own reasons; there only the
// entries of a map count.
func certain(pass *analysis.Pass, p flow.Pair) bool {
	if !isTest(pass, p.A.Pos) && !(p.A.Via == "" && p.B.Via == "" && isMapElement(p.A) && isMapElement(p.B)) {
		return false
	}
	if p.A.Async && (p.A.Gated || p.A.Ends) || p.B.Async && (p.B.Gated || p.B.Ends) {
		return false
	}
	if looks(pass, p.A) && locked(p.B) || looks(pass, p.B) && locked(p.A) {
		return true
	}
	return !p.A.Maybe && !p.B.Maybe
}

// looks reports whether the test makes an access itself, always and without a lock.
func looks(pass *analysis.Pass, u flow.Use) bool {
	own := u.Via == "" || u.Callee != nil && isTest(pass, u.Callee.Pos())
	return own && u.Guard == flow.Plain && len(u.Held) == 0 && !u.Maybe && !u.Async
}

func locked(u flow.Use) bool { return u.Guard == flow.Locked || len(u.Held) > 0 }

// plainOwn reports whether both accesses are to the variable itself, which is the
// business of outervar.
func plainOwn(p flow.Pair) bool {
	own := func(u flow.Use) bool {
		return !strings.Contains(u.Path, "*") && (u.Via == "" || u.Expr != nil) && !u.Async
	}
	return own(p.A) && own(p.B)
}

// forMessage reports whether an access is a read for the message of a test that has
// failed, or of a panic.
func forMessage(pass *analysis.Pass, u flow.Use) bool {
	st, ok := u.Stmt.(*ast.ExprStmt)
	if !ok || u.Write {
		return false
	}
	call, ok := st.X.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "panic" && pass.TypesInfo.Types[id].IsBuiltin() {
		return true
	}
	return racecheck.FailsTest(pass.TypesInfo, call) && isTesting(pass.TypesInfo, call)
}

// isTesting reports whether a call is a method of the test: not of an assertion.
func isTesting(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := info.Selections[sel]
	return s != nil && s.Obj().Pkg() != nil && s.Obj().Pkg().Path() == "testing"
}

// designed reports whether one side is a goroutine that a function of the object
// leaves running and the other a function as well: those are made to go together,
// by ways that are not all followed. A look from outside, or by a helper of the
// test, is not.
func designed(pass *analysis.Pass, p flow.Pair) bool {
	inside := func(u flow.Use) bool {
		return u.Via != "" && (u.Callee == nil || !isTest(pass, u.Callee.Pos()))
	}
	own := func(u flow.Use) bool { return u.Async && !u.Called && !isGo(u) }
	return own(p.A) && inside(p.B) || own(p.B) && inside(p.A)
}

// isGo reports whether an access is made by a go statement of the code itself.
func isGo(u flow.Use) bool {
	_, ok := u.Stmt.(*ast.GoStmt)
	return ok
}

// better reports whether a is the better place to report than b: one that can be
// seen in the source, is not guarded, and writes.
func better(a, b flow.Use) bool {
	score := func(u flow.Use) int {
		n := 0
		if !u.Async {
			n += 8
		}
		if u.Guard == flow.Plain {
			n += 4
		}
		if u.Write {
			n += 2
		}
		if u.Via == "" {
			n++
		}
		return n
	}
	return score(a) > score(b)
}

// subject names the memory of an access.
func subject(pass *analysis.Pass, v *types.Var, u flow.Use) string {
	foreign := u.Callee != nil && u.Callee.Pkg() != pass.Pkg // whose fields nobody knows here
	if name := fieldName(u.Path); name != "" && !(foreign && !token.IsExported(name)) {
		return name + " of " + v.Name()
	} else if u.Via != "" || u.Path == "" {
		return v.Name()
	}
	return "what " + v.Name() + " refers to"
}

func message(pass *analysis.Pass, v *types.Var, u, other flow.Use) string {
	what := subject(pass, v, u)
	does := "is read here"
	if u.Write {
		does = "is changed here"
	}
	if u.Via != "" {
		does += " in " + u.Via + ","
	}
	if u.Pos == other.Pos && u.Run == other.Run {
		return fmt.Sprintf("%s %s by a function of which several run at the same time", what, does)
	}
	who := "a function that runs at the same time"
	switch {
	case other.Async && isGo(other):
		who = "the goroutine of " + other.Via
	case other.Called:
		who = "a goroutine that calls " + other.Via
	case other.Async:
		who = "a goroutine that " + other.Via + " leaves running"
	case other.Via != "":
		who = other.Via + ", in a function that runs at the same time,"
	}
	verb := "reads"
	if other.Write {
		verb = "changes"
	}
	lock := ""
	if other.Guard == flow.Locked || len(other.Held) > 0 {
		lock = ", and only that holds a lock"
	} else if u.Guard == flow.Locked || len(u.Held) > 0 {
		lock = ", and only this holds a lock"
	}
	return fmt.Sprintf("%s %s while %s %s it%s", what, does, who, verb, lock)
}

// fieldName gives the last field of a path, "" when it has none.
func fieldName(path string) string {
	path = strings.TrimRight(path, "*[]0123456789")
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[i+1:]
	}
	return ""
}
