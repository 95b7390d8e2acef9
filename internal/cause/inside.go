// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package cause

import (
	"context"
	"go/ast"
	"go/types"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// lookInside finds the statement of an access whose own frame is missing. The
// detector loses the innermost frame of the repository where an operation of
// sync/atomic or of package sync was inlined (seen with Go 1.26): the first
// frame that it shows is then that of a caller. What the caller's line calls,
// what it passes function literals to, and the goroutine's creation are searched
// for the operation that the stack shows.
func (r *resolver) lookInside(ctx context.Context, sides [2]*side) error {
	for i, s := range sides {
		if len(s.cands) > 0 || s.above.via != viaAtomic && s.above.via != viaSync {
			continue
		}
		bodies, err := r.calledFrom(ctx, s)
		if err != nil {
			return err
		}
		if s.place == nil && isTesting(s.access) {
			more, err := r.testOf(ctx, sides[1-i])
			if err != nil {
				return err
			}
			bodies = append(bodies, more...)
		}
		bodies = append(r.wrapped(ctx, s), bodies...)
		s.cands = r.search(ctx, s, sides[1-i], bodies)
		s.lost = len(s.cands) > 0
	}
	return nil
}

// Bounds of the search for a lost frame: one physical frame is missing, which
// can stand for a few functions inlined into each other.
const (
	maxInlined = 4
	maxBodies  = 300
)

// search looks for the operation in the bodies, then in what they call, until a
// level has it: on a variable that the other side accesses, where that is known.
func (r *resolver) search(ctx context.Context, s, other *side, bodies []*source.Place) []cand {
	seen := map[ast.Node]bool{}
	var first []cand
	for level := 0; level < maxInlined && len(bodies) > 0 && len(seen) < maxBodies && ctx.Err() == nil; level++ {
		var next []*source.Place
		var found []cand
		for _, b := range bodies {
			if seen[b.Func()] {
				continue
			}
			seen[b.Func()] = true
			found = append(found, r.inBody(s, b)...)
			next = append(next, r.callees(ctx, b, nil)...)
		}
		if same := alsoIn(found, other); len(same) > 0 {
			return same
		}
		if first == nil {
			first = found
		}
		bodies = next
	}
	return first
}

// alsoIn keeps the candidates on a variable that the other side touches by name.
func alsoIn(list []cand, other *side) []cand {
	var keep []cand
	for i := range list {
		for j := range other.cands {
			if _, _, ok := sameBlock(&list[i], &other.cands[j]); ok {
				keep = append(keep, list[i])
				break
			}
		}
	}
	return keep
}

// inBody lists the touches of a function that do what the stack shows.
func (r *resolver) inBody(s *side, in *source.Place) []cand {
	var list []cand
	for _, t := range racecheck.Touches(in.Pkg.Info, in.Func()) {
		ok := s.above.via == viaAtomic && t.Atomic && (t.Op == s.access.Op)
		if p, is := primitive(in.Pkg.Info, t, s.access.Op); is && s.above.via == viaAtomic {
			t, ok = p, true
		}
		if s.above.via == viaSync && t.Kind == racecheck.TouchCall && t.Receiver {
			ok = isWaitGroup(typeOfExpr(in.Pkg.Info, t)) && waitGroupOp(t.Call, s.access.Op)
		}
		if !ok {
			continue
		}
		at := *in
		at.Line = in.Pkg.Line(t.Pos)
		list = append(list, cand{Touch: t, place: &at, rank: 1})
	}
	return list
}

// calledFrom lists the functions that the first line of the repository calls or
// passes on, and those that the lines which created the goroutine do.
func (r *resolver) calledFrom(ctx context.Context, s *side) ([]*source.Place, error) {
	var list []*source.Place
	places := []*source.Place{}
	if s.place != nil {
		places = append(places, s.place)
	}
	for _, f := range s.frames[s.inStack:] {
		p, _, err := r.find(ctx, f)
		if err != nil {
			return nil, err
		}
		if p != nil && p.Func() != nil {
			places = append(places, p)
		}
	}
	seen := map[ast.Node]bool{}
	for _, p := range places {
		for _, b := range r.callees(ctx, p, &p.Line) {
			if !seen[b.Func()] {
				seen[b.Func()] = true
				list = append(list, b)
			}
		}
	}
	return list, nil
}

// callees lists the bodies that the calls of a place's function can run: all of
// them, or those on one line.
func (r *resolver) callees(ctx context.Context, p *source.Place, line *int) []*source.Place {
	var list []*source.Place
	p.Inspect(func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || line != nil && (p.Pkg.Line(call.Pos()) > *line || *line > p.Pkg.Line(call.End())) {
			return true
		}
		exprs := append([]ast.Expr{call.Fun}, call.Args...)
		for _, e := range exprs {
			list = append(list, r.bodyOf(ctx, p, e)...)
		}
		return true
	})
	return list
}

// bodyOf finds the function that an expression denotes: a literal, a variable
// declared with one, a declared function of the tree, or the package's methods
// that an interface method can be.
func (r *resolver) bodyOf(ctx context.Context, p *source.Place, e ast.Expr) []*source.Place {
	inside := func(fn ast.Node) []*source.Place {
		q := *p
		q.Funcs = append(append([]ast.Node(nil), p.Funcs...), fn)
		return []*source.Place{&q}
	}
	e = ast.Unparen(e)
	if lit, ok := e.(*ast.FuncLit); ok {
		return inside(lit)
	}
	if lit := literalOf(p, e); lit != nil {
		return inside(lit)
	}
	var id *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	fn, ok := p.Pkg.Info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return implementations(p.Pkg, fn)
	}
	if b := r.declared(ctx, p, fn); b != nil {
		return []*source.Place{b}
	}
	return nil
}

// implementations lists the package's methods that a call of an interface method
// can run.
func implementations(pkg *source.Package, fn *types.Func) []*source.Place {
	iface, ok := fn.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var list []*source.Place
	for _, file := range pkg.Files {
		for _, d := range file.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok || fd.Recv == nil || fd.Name.Name != fn.Name() || fd.Body == nil {
				continue
			}
			obj, ok := pkg.Info.Defs[fd.Name].(*types.Func)
			if !ok {
				continue
			}
			t := obj.Signature().Recv().Type()
			if types.Implements(t, iface) || types.Implements(types.NewPointer(t), iface) {
				list = append(list, &source.Place{Pkg: pkg, File: file, Rel: pkg.Rel(fd.Pos()), Line: pkg.Line(fd.Pos()), Funcs: []ast.Node{fd}})
			}
		}
	}
	return list
}

// declared finds the declaration of a function in the tree.
func (r *resolver) declared(ctx context.Context, p *source.Place, fn *types.Func) *source.Place {
	pkgs := []*source.Package{p.Pkg}
	if fn.Pkg() != p.Pkg.Types {
		dir, ok := r.tree.PackageDir(fn.Pkg().Path())
		if !ok {
			return nil
		}
		loaded, err := r.tree.Load(ctx, dir)
		if err != nil {
			return nil
		}
		pkgs = loaded
	}
	want := fn.Origin().FullName()
	for _, pkg := range pkgs {
		for _, file := range pkg.Files {
			for _, d := range file.Decls {
				fd, ok := d.(*ast.FuncDecl)
				if !ok || fd.Name.Name != fn.Name() || fd.Body == nil {
					continue
				}
				if obj, ok := pkg.Info.Defs[fd.Name].(*types.Func); ok && obj.FullName() == want {
					return &source.Place{Pkg: pkg, File: file, Rel: pkg.Rel(fd.Pos()), Line: pkg.Line(fd.Pos()), Funcs: []ast.Node{fd}}
				}
			}
		}
	}
	return nil
}

// testOf returns the bodies of the test function that the other side's goroutine
// descends from: where one side's stack shows no frame at all, its goroutine is
// that test's own when package testing created it.
func (r *resolver) testOf(ctx context.Context, other *side) ([]*source.Place, error) {
	var last *source.Place
	for _, f := range other.frames {
		p, _, err := r.find(ctx, f)
		if err != nil {
			return nil, err
		}
		if p != nil && len(p.Funcs) > 0 {
			last = p
		}
	}
	if last == nil {
		return nil, nil
	}
	fd, ok := last.Funcs[0].(*ast.FuncDecl)
	if !ok || !strings.HasPrefix(fd.Name.Name, "Test") {
		return nil, nil
	}
	var list []*source.Place
	var funcs []ast.Node
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			funcs = append(funcs, n)
			q := *last
			q.Funcs = append([]ast.Node(nil), funcs...)
			list = append(list, &q)
			ast.Inspect(source.Body(n), visit)
			funcs = funcs[:len(funcs)-1]
			return false
		}
		return true
	}
	ast.Inspect(fd, visit)
	return list, nil
}

// isTesting reports whether a goroutine is that of a top-level test.
func isTesting(a *culprit.Access) bool {
	return len(a.Created) > 0 && a.Created[0].Func == "testing.(*T).Run"
}

// primitive turns a method call on a lock, or on another object of package sync,
// into what its atomics do to the variable's own memory.
func primitive(info *types.Info, t racecheck.Touch, op culprit.Op) (racecheck.Touch, bool) {
	if t.Kind != racecheck.TouchCall || !t.Receiver || len(t.Path) == 0 || !isPrimitive(typeOfExpr(info, t)) || isWaitGroup(typeOfExpr(info, t)) {
		return t, false
	}
	t.Kind, t.Op, t.Atomic = racecheck.TouchOwn, op, true
	return t, true
}

// isPrimitive reports whether a type is a struct of package sync.
func isPrimitive(t types.Type) bool {
	n, ok := types.Unalias(orInvalid(t)).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync"
}

// wrapped lists the functions whose only trace on the stack is a wrapper that the
// compiler made: a method value's, or a promoted method's, into which the method
// was inlined.
func (r *resolver) wrapped(ctx context.Context, s *side) []*source.Place {
	var list []*source.Place
	n := s.at
	if n < 0 {
		n = s.inStack
	}
	for _, f := range s.frames[:n] {
		if !strings.Contains(f.File, "<autogenerated>") {
			continue
		}
		f.Func = strings.TrimSuffix(strings.TrimSuffix(f.Func, "()"), "-fm")
		if p, _, err := r.tree.FindFunc(ctx, f); err == nil && p != nil {
			list = append(list, p)
		}
	}
	return list
}
