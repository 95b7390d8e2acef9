// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
)

// Scopes models the functions of a package for the analyzers of patterns. Its
// result is a [*Package].
var Scopes = &analysis.Analyzer{
	Name:       "culpritscopes",
	Doc:        "model which function bodies run at the same time\n\nThe analyzers of race patterns share this model.",
	Requires:   []*analysis.Analyzer{Facts},
	Run:        runScopes,
	ResultType: reflect.TypeFor[*Package](),
}

// Package are the models of the functions of one package.
type Package struct {
	Facts  *FactSet
	scopes []*Scope
	mu     sync.Mutex
}

// Each calls f with each function of the package. Drivers run analyzers at the
// same time, and the models are completed as they are used, so one analyzer at a
// time has them.
func (p *Package) Each(f func(*Scope)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.scopes {
		f(s)
	}
}

func runScopes(pass *analysis.Pass) (any, error) {
	facts := pass.ResultOf[Facts].(*FactSet)
	p := NewPackage(pass.TypesInfo, pass.Files, facts)
	return p, nil
}

// NewPackage models the functions of a package.
func NewPackage(info *types.Info, files []*ast.File, facts *FactSet) *Package {
	p := &Package{Facts: facts}
	off := idle{info: info}
	for _, f := range files {
		if ast.IsGenerated(f) {
			continue // nobody can mend it there
		}
		fresh := perIteration(info, f)
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil && !off.is(d, f) {
				p.scopes = append(p.scopes, NewScope(info, facts, d, fresh))
			}
		}
	}
	return p
}

// perIteration reports whether loops of a file make new variables per iteration,
// which they do from Go 1.22 on. Where no version is known the newest counts.
func perIteration(info *types.Info, f *ast.File) bool {
	v := info.FileVersions[f]
	return v == "" || version.Compare(v, "go1.22") >= 0
}

// Spawns reports whether any body of the scope runs at the same time as others.
func (s *Scope) Spawns() bool {
	for _, r := range s.Runs {
		if r.Concurrent() {
			return true
		}
	}
	return false
}

// MayShare reports whether a body of the scope runs at the same time as others,
// a go statement starts a function, or one that the scope calls may leave a goroutine
// running.
func (s *Scope) MayShare() bool {
	if s.Spawns() {
		return true
	}
	async := false
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			async = true
		case *ast.CallExpr:
			if fn := calleeFunc(s.info, n); fn != nil {
				async = async || s.facts.Of(fn).leaves()
			}
			async = async || len(s.posts(n)) > 0
		}
		return !async
	})
	return async || s.timesOut()
}

// PerIteration reports whether loops make a new variable per iteration.
func (s *Scope) PerIteration() bool { return s.perIteration }

// Info gives the types of the scope's package.
func (s *Scope) Info() *types.Info { return s.info }

// IsLoopVar reports whether v is declared in the header of a loop.
func (s *Scope) IsLoopVar(v *types.Var) bool {
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			found = found || n.Tok == token.DEFINE && declares(v, n.Key, n.Value)
		case *ast.ForStmt:
			if init, ok := n.Init.(*ast.AssignStmt); ok && init.Tok == token.DEFINE {
				found = found || declares(v, init.Lhs...)
			}
		}
		return !found
	})
	return found
}

// IsNamedResult reports whether v is a named result of a function.
func (s *Scope) IsNamedResult(v *types.Var) bool {
	found := false
	ast.Inspect(s.Decl, func(n ast.Node) bool {
		if t, ok := n.(*ast.FuncType); ok && t.Results != nil && contains(t.Results, v.Pos()) {
			found = true
		}
		return !found
	})
	return found
}

// Around gives the innermost function around a position, and the run kinds it
// has; nil when none is known.
func (s *Scope) Around(pos token.Pos) *Run {
	var best *Run
	for _, r := range s.Runs {
		if contains(r.Fn, pos) && (best == nil || contains(best.Fn, r.Fn.Pos()) && r.Fn != best.Fn) {
			best = r
		}
	}
	return best
}

// ParallelSubtests lists the runs that are parallel subtests of the test whose
// function r is: they go on when it has returned.
func (s *Scope) ParallelSubtests(r *Run) []*Run {
	var list []*Run
	for _, k := range s.Runs {
		if k.Kind == RunParallel && testOf(k) == r {
			list = append(list, k)
		}
	}
	return list
}

// TestParam gives the name of the run's parameter of type *testing.T, "" when it
// has none.
func (r *Run) TestParam(info *types.Info) string {
	var t *ast.FuncType
	switch fn := r.Fn.(type) {
	case *ast.FuncDecl:
		t = fn.Type
	case *ast.FuncLit:
		t = fn.Type
	}
	for _, f := range t.Params.List {
		if len(f.Names) == 1 && f.Names[0].Name != "_" && isNamed(info.TypeOf(f.Type), "testing", "T") {
			return f.Names[0].Name
		}
	}
	return ""
}

// ParallelFrom tells from where on a run is a parallel test: a parallel subtest,
// or a Test function, that calls t.Parallel itself or through a helper.
func (s *Scope) ParallelFrom(r *Run) (token.Pos, bool) {
	if r.Kind == RunParallel {
		return r.Resumed, true
	}
	if r.Kind != RunRoot || s.Decl.Recv != nil && s.Decl.Type.Params.NumFields() != 1 {
		return token.NoPos, false
	}
	params := s.Decl.Type.Params
	if params.NumFields() != 1 || len(params.List[0].Names) != 1 || !isNamed(s.info.TypeOf(params.List[0].Type), "testing", "T") {
		return token.NoPos, false
	}
	t := s.info.Defs[params.List[0].Names[0]]
	for _, st := range s.Decl.Body.List {
		if t != nil && callsParallel(s.info, s.facts, st, t) {
			return st.End(), true
		}
	}
	return token.NoPos, false
}

// InPlace visits the nodes of a run and of what it runs in place, deferred
// functions and serial subtests included, with the run that each belongs to.
func (s *Scope) InPlace(r *Run, f func(ast.Node, *Run)) {
	visitOwn(r, func(n ast.Node, _ bool) { f(n, r) })
	for _, k := range r.Kids {
		if k.Kind == RunInline || k.Kind == RunSubtest || k.Kind == RunDefer || k.Kind == RunCleanup {
			s.InPlace(k, f)
		}
	}
}

// LockedAt reports whether a lock is held at a place of a run.
func (s *Scope) LockedAt(r *Run, pos token.Pos) bool {
	return len(heldBy(s.info, s.facts, r, pos)) > 0
}

// Sleeps reports whether anything in the scope sleeps or polls.
func (s *Scope) Sleeps() bool {
	found := false
	ast.Inspect(s.Decl.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name := calleeName(call)
			found = found || name == "Sleep" || name == "After" || isPolling(name)
		}
		return !found
	})
	return found
}

// Locals groups the uses of every local variable.
func (s *Scope) Locals() []Shared {
	byVar := map[*types.Var][]Use{}
	var order []*types.Var
	for _, u := range s.Uses() {
		if byVar[u.Var] == nil {
			order = append(order, u.Var)
		}
		byVar[u.Var] = append(byVar[u.Var], u)
	}
	var list []Shared
	for _, v := range order {
		list = append(list, Shared{v, byVar[v]})
	}
	return list
}

// HomePos gives the place in the function that declares v where a run below it
// is started or handed over.
func (s *Scope) HomePos(r *Run, v *types.Var) token.Pos {
	pos := r.At
	for p := r; p != nil && !contains(p.Fn, v.Pos()); p = p.Parent {
		pos = p.At
	}
	return pos
}

// MethodWrites reports whether a method of v's type, declared in a package that is
// not of the standard library, writes the memory at path, and whether all that do
// hold a lock.
func (s *Scope) MethodWrites(v *types.Var, path string) (writes, locked bool) {
	t := v.Type()
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	} else {
		path = "*" + path
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || strings.Count(path, ".") == 0 || named.Obj().Pkg() == nil || standard(named.Obj().Pkg().Path()) {
		return false, false
	}
	for fn := range named.Methods() {
		for _, e := range s.facts.Of(fn).Recv().Effects {
			if e.Write && e.Guard != Unknown && e.Method == "" && overlap(e.Path, path) {
				locked = (locked || !writes) && e.Guard == Locked
				writes = true
			}
		}
	}
	return writes, locked
}

// Overlap reports whether two paths below one variable touch common memory.
func Overlap(p, q string) bool { return overlap(p, q) }
