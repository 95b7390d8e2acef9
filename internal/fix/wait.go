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

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// The strategies that make somebody wait for a goroutine.
const (
	Wait    = "wait-for-the-goroutine"
	JoinEnd = "join-before-the-test-ends"
)

// waitForGoroutine makes the code that uses a captured variable wait until the
// goroutine that writes it has ended: by the WaitGroup that the function waits
// for anyway, or else by a channel of its own.
func waitForGoroutine(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if !racecheck.IsLocal(s.v) {
		return nil, "", nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	file := s.pkg.File(s.f.Cause.Declared.File)
	var started *ast.GoStmt
	var lit *ast.FuncLit
	for _, l := range s.concurrentLits(file, s.pkg) {
		raced := slices.ContainsFunc(uses, func(u *use) bool { return racecheck.Contains(l.Lit, u.id.Pos()) && s.atSite(u) })
		if !raced {
			continue
		}
		if lit != nil || l.Kind != racecheck.SpawnGo || l.Loop != nil {
			return nil, "more than one goroutine, or one in a loop, uses the variable", nil
		}
		lit = l.Lit
		ast.Inspect(file, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok && g.Call.Fun == ast.Expr(lit) {
				started = g
			}
			return true
		})
	}
	if started == nil {
		return nil, "no goroutine of a go statement with a function literal raced", nil
	}
	var reader *use
	for _, u := range uses {
		if u.id.Pos() > started.End() && !racecheck.Contains(lit, u.id.Pos()) && s.atSite(u) && u.stmt() != nil {
			reader = u
			break
		}
	}
	if reader == nil {
		return nil, "no access after the start of the goroutine raced", nil
	}
	at := reader.stmt().Pos()
	if first := s.firstOfAlso(file, started, reader); first.IsValid() && first < at {
		at = first
	}
	off := func(pos token.Pos) int { return s.pkg.Fset.File(pos).Offset(pos) }
	rel := s.f.Cause.Declared.File
	message := fmt.Sprintf("wait for the goroutine before %s is used again", s.v.Name())
	var list []*Candidate
	if wg := s.waited(file, started, lit, at); wg != "" {
		c, err := s.candidate(Wait, message+", with "+wg, map[string][]edit{rel: {
			{offset: off(started.Pos()), text: wg + ".Add(1)\n"},
			atStart(s.pkg, lit.Body, "defer "+wg+".Done()"),
		}})
		if err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	name := fresh(file, s.v.Name()+"Done")
	c, err := s.candidate(Wait, message, map[string][]edit{rel: {
		{offset: off(started.Pos()), text: name + " := make(chan struct{})\n"},
		atStart(s.pkg, lit.Body, "defer close("+name+")"),
		{offset: off(at), text: "<-" + name + "\n"},
	}})
	if err != nil {
		return nil, "", err
	}
	return append(list, c), "", nil
}

// atStart inserts a statement at the start of a body, on lines of its own.
func atStart(pkg *source.Package, body *ast.BlockStmt, text string) edit {
	text = "\n" + text
	if len(body.List) == 0 || pkg.Line(body.List[0].Pos()) == pkg.Line(body.Lbrace) {
		text += "\n"
	}
	return edit{offset: pkg.Fset.File(body.Lbrace).Offset(body.Lbrace) + 1, text: text}
}

// firstOfAlso is where, behind the start of the goroutine and in the same list of
// statements as the reader, a further variable of the cause is used first: what
// waits must do so before all of them.
func (s *subject) firstOfAlso(file *ast.File, started *ast.GoStmt, reader *use) token.Pos {
	also := map[types.Object]bool{}
	for id, obj := range s.pkg.Info.Defs {
		for _, a := range s.f.Cause.Also {
			if obj != nil && s.pkg.Pos(id.Pos()) == a.Declared {
				also[obj] = true
			}
		}
	}
	var list []ast.Stmt
	for i, n := range reader.path {
		if b, ok := n.(*ast.BlockStmt); ok && i > 0 && slices.Contains(b.List, reader.stmt()) {
			list = b.List
		}
	}
	for _, st := range list {
		used := false
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			used = used || ok && also[s.pkg.Info.Uses[id]]
			return !used
		})
		if used && st.Pos() > started.End() {
			return st.Pos()
		}
	}
	return token.NoPos
}

// waited is the WaitGroup whose Wait stands, as a statement of its own, between
// the start of the goroutine and the position, in the list of statements that
// starts it; "" where there is none, or the goroutine has to do with it already.
func (s *subject) waited(file *ast.File, started *ast.GoStmt, lit *ast.FuncLit, before token.Pos) string {
	var list []ast.Stmt
	ast.Inspect(file, func(n ast.Node) bool {
		if b, ok := n.(*ast.BlockStmt); ok && slices.Contains(b.List, ast.Stmt(started)) {
			list = b.List
		}
		return list == nil
	})
	for _, st := range list {
		if st.Pos() < started.End() || st.Pos() >= before {
			continue
		}
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			continue
		}
		call, ok := es.X.(*ast.CallExpr)
		if !ok || len(call.Args) != 0 {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Wait" {
			continue
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok {
			continue
		}
		v, ok := s.pkg.Info.Uses[id].(*types.Var)
		if !ok || !isSync(v.Type(), "WaitGroup") || v.Pos() > started.Pos() {
			continue
		}
		uses := false
		ast.Inspect(lit, func(n ast.Node) bool {
			o, ok := n.(*ast.Ident)
			uses = uses || ok && s.pkg.Info.Uses[o] == v
			return !uses
		})
		if !uses {
			return id.Name
		}
	}
	return ""
}

// joinBeforeEnd makes a test wait for the goroutines that it starts and that use
// what ends with it: its t, or a variable of its own. A cleanup comes after the
// test's deferred calls, so that what ends the goroutine has happened.
func joinBeforeEnd(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if s.f.Cause.Pattern != culprit.PatternUseAfterEnd || !racecheck.IsLocal(s.v) {
		return nil, "", nil
	}
	if _, err := s.uses(ctx); err != nil {
		return nil, "", err
	}
	rel := s.f.Cause.Declared.File
	file := s.pkg.File(rel)
	off := func(pos token.Pos) int { return s.pkg.Fset.File(pos).Offset(pos) }
	var edits []edit
	for _, l := range s.concurrentLits(file, s.pkg) {
		if l.Kind != racecheck.SpawnGo {
			continue
		}
		for _, n := range around(file, l.Lit.Pos()) {
			g, ok := n.(*ast.GoStmt)
			if !ok || g.Call.Fun != ast.Expr(l.Lit) {
				continue
			}
			t := s.testing(file, g)
			if t == "" {
				return nil, fmt.Sprintf("the goroutine at line %d is not started by a function that has the test at hand", s.pkg.Line(g.Pos())), nil
			}
			name := s.fresh(&use{pkg: s.pkg, file: file, rel: rel}, "ended")
			edits = append(edits,
				edit{offset: off(g.Pos()), text: fmt.Sprintf("%s := make(chan struct{})\n%s.Cleanup(func() { <-%s })\n", name, t, name)},
				atStart(s.pkg, l.Lit.Body, "defer close("+name+")"))
		}
	}
	if len(edits) == 0 {
		return nil, fmt.Sprintf("no go statement with a function literal uses %s", s.v.Name()), nil
	}
	c, err := s.candidate(JoinEnd, fmt.Sprintf("let the test wait for the goroutines that use %s", s.v.Name()), map[string][]edit{rel: edits})
	return []*Candidate{c}, "", err
}

// testing is the name of the *testing.T, B, F or TB parameter of the innermost
// function around a node, "" where that has none.
func (s *subject) testing(file *ast.File, n ast.Node) string {
	for _, n := range around(file, n.Pos()) {
		var ft *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			ft = n.Type
		case *ast.FuncLit:
			ft = n.Type
		default:
			continue
		}
		for _, f := range ft.Params.List {
			t := s.pkg.Info.TypeOf(f.Type)
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			named, ok := t.(*types.Named)
			if ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "testing" && len(f.Names) == 1 && f.Names[0].Name != "_" {
				return f.Names[0].Name
			}
		}
		return ""
	}
	return ""
}
