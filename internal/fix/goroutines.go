// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// The strategies that change what a goroutine is given or waited for.
const (
	PerIteration = "copy-per-iteration"
	AddBeforeGo  = "add-before-go"
	PerGoroutine = "copy-per-goroutine"
)

// copyPerIteration gives each iteration its own loop variable: before Go 1.22 all
// share one (go.dev/blog/loopvar-preview).
func copyPerIteration(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if s.f.Cause.Pattern != culprit.PatternLoopVariable {
		return nil, "", nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, u := range uses {
		if !u.decl() {
			continue
		}
		for _, n := range u.path {
			var body *ast.BlockStmt
			switch n := n.(type) {
			case *ast.RangeStmt:
				body = n.Body
			case *ast.ForStmt:
				body = n.Body
			}
			if body == nil {
				continue
			}
			for _, o := range uses {
				if racecheck.Contains(body, o.id.Pos()) && o.writes() {
					return nil, fmt.Sprintf("line %d assigns the loop variable in the loop's body", o.line()), nil
				}
			}
			text := fmt.Sprintf("\n%s := %s", s.v.Name(), s.v.Name())
			c, err := s.candidate(PerIteration, fmt.Sprintf("give each iteration its own %s", s.v.Name()),
				map[string][]edit{u.rel: {{offset: u.offset(body.Lbrace) + 1, text: text}}})
			return []*Candidate{c}, "", err
		}
	}
	return nil, "the loop that declares the variable was not found", nil
}

// addBeforeGo moves wg.Add from the start of a goroutine to before its start: the
// Wait may otherwise come first.
func addBeforeGo(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if !isSync(s.v.Type(), "WaitGroup") {
		return nil, "", nil
	}
	edits, err := s.addEdits(ctx)
	if err != nil {
		return nil, "", err
	}
	if len(edits) == 0 {
		return nil, fmt.Sprintf("no goroutine's function literal calls %s.Add", s.v.Name()), nil
	}
	c, err := s.candidate(AddBeforeGo, fmt.Sprintf("call %s.Add before the goroutine starts", s.v.Name()), edits)
	if err != nil {
		return nil, "", err
	}
	list := []*Candidate{c}
	// The same mistake with another WaitGroup of the function fails the same test.
	all := maps.Clone(edits)
	var names []string
	for id, obj := range s.pkg.Info.Defs {
		v, ok := obj.(*types.Var)
		if !ok || v == s.v || !isSync(v.Type(), "WaitGroup") || v.Parent() != s.v.Parent() {
			continue
		}
		f, cause := *s.f, *s.f.Cause
		cause.Declared, f.Cause = s.pkg.Pos(id.Pos()), &cause
		more, err := (&subject{tree: s.tree, pkg: s.pkg, v: v, f: &f}).addEdits(ctx)
		if err != nil {
			return nil, "", err
		}
		for rel, edits := range more {
			all[rel] = slices.Concat(all[rel], edits)
		}
		if len(more) > 0 {
			names = append(names, v.Name())
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		c, err := s.candidate(AddBeforeGo, fmt.Sprintf("call Add of %s and %s before their goroutines start", s.v.Name(), strings.Join(names, ", ")), all)
		if err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	return list, "", nil
}

// addEdits moves each Add of the subject to before its goroutine's start.
func (s *subject) addEdits(ctx context.Context) (map[string][]edit, error) {
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, err
	}
	edits := map[string][]edit{}
	for _, u := range uses {
		sel, ok := at[*ast.SelectorExpr](u.path, 0)
		call, ok2 := at[*ast.CallExpr](u.path, 1)
		st, ok3 := at[*ast.ExprStmt](u.path, 2)
		if !ok || !ok2 || !ok3 || sel.Sel.Name != "Add" || call.Fun != sel {
			continue
		}
		lit, ok := u.fn().(*ast.FuncLit)
		if !ok || !slices.Contains(lit.Body.List, ast.Stmt(st)) || !certain(u.pkg.Info, lit, call) {
			continue
		}
		for i, n := range u.path {
			if n != ast.Node(lit) || i+2 >= len(u.path) {
				continue
			}
			g, ok := u.path[i+2].(*ast.GoStmt)
			if !ok || g.Call.Fun != ast.Expr(lit) {
				continue
			}
			edits[u.rel] = append(edits[u.rel],
				edit{offset: u.offset(g.Pos()), text: s.src(u, st) + "\n"},
				s.removeLine(u, st))
		}
	}
	for _, u := range uses {
		if list := s.addOfParameter(u); list != nil {
			edits[u.rel] = append(edits[u.rel], list...)
		}
	}
	return edits, nil
}

// certain reports whether a call of Add in a goroutine adds a constant, and nothing
// that stands before it may return: before the go statement it would add another
// number, or what is never done.
func certain(info *types.Info, lit *ast.FuncLit, add *ast.CallExpr) bool {
	if len(add.Args) != 1 || info.Types[add.Args[0]].Value == nil {
		return false
	}
	returns := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			returns = returns || n.Pos() < add.Pos()
		}
		return true
	})
	return !returns
}

// addOfParameter serves a goroutine that is handed the WaitGroup, by name or by
// address, and calls Add of its parameter.
func (s *subject) addOfParameter(u *use) []edit {
	i := 0
	if amp, ok := at[*ast.UnaryExpr](u.path, 0); ok && amp.Op == token.AND {
		i = 1
	}
	call, ok := at[*ast.CallExpr](u.path, i)
	g, ok2 := at[*ast.GoStmt](u.path, i+1)
	if !ok || !ok2 || g.Call != call {
		return nil
	}
	lit, ok := call.Fun.(*ast.FuncLit)
	if !ok {
		return nil
	}
	arg := slices.IndexFunc(call.Args, func(a ast.Expr) bool { return racecheck.Contains(a, u.id.Pos()) })
	var params []*ast.Ident
	for _, f := range lit.Type.Params.List {
		params = append(params, f.Names...)
	}
	if arg < 0 || arg >= len(params) || len(params) != len(call.Args) {
		return nil
	}
	param := u.pkg.Info.Defs[params[arg]]
	for _, st := range lit.Body.List {
		es, ok := st.(*ast.ExprStmt)
		if !ok {
			continue
		}
		add, ok := es.X.(*ast.CallExpr)
		if !ok || len(add.Args) != 1 {
			continue
		}
		sel, ok := add.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Add" || !certain(u.pkg.Info, lit, add) {
			continue
		}
		if id, ok := sel.X.(*ast.Ident); ok && param != nil && u.pkg.Info.Uses[id] == param {
			text := fmt.Sprintf("%s.Add(%s)\n", s.src(u, u.expr), s.src(u, add.Args[0]))
			return []edit{{offset: u.offset(g.Pos()), text: text}, s.removeLine(u, st)}
		}
	}
	return nil
}

// at is the i-th node of a path, if it is a T.
func at[T ast.Node](path []ast.Node, i int) (T, bool) {
	var none T
	if i >= len(path) {
		return none, false
	}
	n, ok := path[i].(T)
	return n, ok
}

// removeLine removes a statement, with its line where it stands alone on it.
func (s *subject) removeLine(u *use, st ast.Node) edit {
	t := s.text(u)
	from, end := u.offset(st.Pos()), s.lineEnd(u, st)
	for from > 0 && (t[from-1] == ' ' || t[from-1] == '\t') {
		from--
	}
	if from > 0 && t[from-1] == '\n' && end < len(t) && t[end] == '\n' {
		return edit{offset: from, n: end + 1 - from}
	}
	if end < len(t) && t[end] == ';' {
		end++
	}
	return edit{offset: u.offset(st.Pos()), n: end - u.offset(st.Pos())}
}

// copyPerGoroutine gives each concurrent literal a copy of a captured struct, or
// of the struct that a captured pointer points to: a fixture that is only a
// starting point.
func copyPerGoroutine(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if !racecheck.IsLocal(s.v) {
		return nil, "", nil
	}
	t := s.v.Type()
	ptr, isPtr := t.Underlying().(*types.Pointer)
	if isPtr {
		t = ptr.Elem()
	}
	if _, ok := t.Underlying().(*types.Struct); !ok {
		return nil, "", nil
	}
	file := s.pkg.File(s.f.Cause.Declared.File)
	lits := s.concurrentLits(file, s.pkg)
	all, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, u := range all {
		inside := slices.ContainsFunc(lits, func(l racecheck.Spawn) bool { return racecheck.Contains(l.Lit, u.id.Pos()) })
		if len(lits) > 0 && !inside && (u.id.Pos() > lits[0].Lit.Pos() || again(file, s.v, u.id.Pos(), lits[0].Lit.Pos())) && !u.decl() {
			return nil, fmt.Sprintf("line %d uses %s after a goroutine was given it, and may want what the goroutine did to it", u.line(), s.v.Name()), nil
		}
	}
	edits := map[string][]edit{}
	rel, name := s.f.Cause.Declared.File, s.v.Name()
	for _, l := range lits {
		text := fmt.Sprintf("\n%s := %s", name, name)
		if isPtr {
			cp := fresh(file, name+"Copy")
			text = fmt.Sprintf("\n%s := *%s\n%s := &%s", cp, name, name, cp)
		}
		off := s.pkg.Fset.File(l.Lit.Pos()).Offset(l.Lit.Body.Lbrace) + 1
		edits[rel] = append(edits[rel], edit{offset: off, text: text})
	}
	if len(edits) == 0 {
		return nil, fmt.Sprintf("no concurrent function literal captures %s", name), nil
	}
	c, err := s.candidate(PerGoroutine, fmt.Sprintf("give each goroutine its own copy of %s", name), edits)
	return []*Candidate{c}, "", err
}
