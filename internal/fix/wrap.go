// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lock is how a statement takes and gives back a lock.
type lock struct {
	expr string // "c.mu"
	rw   bool   // it has RLock
}

func (l lock) take(read bool) string {
	if l.rw && read {
		return l.expr + ".RLock()"
	}
	return l.expr + ".Lock()"
}

func (l lock) give(read bool) string {
	if l.rw && read {
		return l.expr + ".RUnlock()"
	}
	return l.expr + ".Unlock()"
}

// guardUses plans the edits that take a lock around each of the uses, statement
// by statement.
func (s *subject) guardUses(uses []*use, lockOf func(*use) (lock, string)) (map[string][]edit, string) {
	type group struct {
		stmt ast.Stmt
		uses []*use
	}
	var groups []*group
	edits := map[string][]edit{}
	for _, u := range uses {
		st := u.stmt()
		if st == nil && u.inClause() && !u.writes() {
			// case <-x.done: the operand is evaluated in place.
			l, why := lockOf(u)
			if why != "" {
				return nil, why
			}
			list, why := s.inPlace([]*use{u}, l)
			if why != "" {
				return nil, why
			}
			edits[u.rel] = append(edits[u.rel], list...)
			continue
		}
		if st == nil {
			return nil, fmt.Sprintf("line %d uses %s where no lock can be taken", u.line(), s.v.Name())
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.stmt == st })
		if i < 0 {
			groups = append(groups, &group{stmt: st})
			i = len(groups) - 1
		}
		groups[i].uses = append(groups[i].uses, u)
	}
	for _, g := range groups {
		l, why := lockOf(g.uses[0])
		if why != "" {
			return nil, why
		}
		for _, u := range g.uses[1:] {
			if other, _ := lockOf(u); other != l {
				return nil, fmt.Sprintf("line %d uses %s of two objects, under two locks", u.line(), s.v.Name())
			}
		}
		list, why := s.guard(g.stmt, g.uses, l)
		if why != "" {
			return nil, why
		}
		edits[g.uses[0].rel] = append(edits[g.uses[0].rel], list...)
	}
	return edits, ""
}

// guard plans the edits of one statement. Where it only reads, and the value can
// be taken aside, just that happens under the lock: a test's assertion, a send or
// a call must not run while it is held.
func (s *subject) guard(st ast.Stmt, uses []*use, l lock) ([]edit, string) {
	u := uses[0]
	writes := slices.ContainsFunc(uses, (*use).writes)
	if line := s.shielded(st, uses); line > 0 {
		if writes {
			return nil, fmt.Sprintf("line %d looks first whether %s can be reached", line, s.v.Name())
		}
		return s.inPlace(uses, l)
	}
	switch st := st.(type) {
	case *ast.AssignStmt, *ast.IncDecStmt, *ast.DeclStmt:
		if !writes && calls(st) && !onlyBuiltins(u, st) {
			if edits, why := s.read(st, uses, l); why == "" {
				return edits, ""
			}
		}
		if edits, ok := s.outside(st, u, l); ok && writes {
			return edits, ""
		}
		return s.surround(st, u, l, !writes), ""
	case *ast.ExprStmt:
		if e, why := s.value(u); !writes && (why != "" || e != st.X) {
			if edits, why := s.read(st, uses, l); why == "" {
				return edits, ""
			}
		}
		if edits, ok := s.outside(st, u, l); ok && writes {
			return edits, ""
		}
		return s.surround(st, u, l, !writes && !s.mutates(uses)), ""
	case *ast.ReturnStmt:
		if edits, why := s.read(st, uses, l); why == "" {
			return edits, ""
		}
		return []edit{{offset: u.offset(st.Pos()), text: l.take(!writes) + "\ndefer " + l.give(!writes) + "\n"}}, ""
	case *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		if writes {
			return nil, fmt.Sprintf("line %d writes %s in the header of a statement", u.line(), s.v.Name())
		}
		return s.read(st, uses, l)
	case *ast.IfStmt:
		return s.guardIf(st, uses, l)
	case *ast.ForStmt:
		if writes {
			return nil, fmt.Sprintf("line %d writes %s in the header of a loop", u.line(), s.v.Name())
		}
		return s.inPlace(uses, l)
	case *ast.RangeStmt:
		return s.guardRange(st, uses, l)
	}
	return nil, fmt.Sprintf("line %d uses %s in a statement around which no lock can be taken", u.line(), s.v.Name())
}

// surround takes the lock before a statement and gives it back after it.
func (s *subject) surround(st ast.Stmt, u *use, l lock, read bool) []edit {
	return []edit{
		{offset: u.offset(st.Pos()), text: l.take(read) + "\n"},
		{offset: s.lineEnd(u, st), text: "\n" + l.give(read)},
	}
}

// guardIf serves uses in the header of an if statement; those behind else are
// evaluated in place.
func (s *subject) guardIf(st *ast.IfStmt, uses []*use, l lock) ([]edit, string) {
	inHeader := func(u *use) bool {
		return u.id.Pos() < st.Body.Pos()
	}
	writes := slices.ContainsFunc(uses, (*use).writes)
	switch {
	case !slices.ContainsFunc(uses, func(u *use) bool { return !inHeader(u) }) && !writes:
		if edits, why := s.read(st, uses, l); why == "" {
			return edits, ""
		}
		// if v, ok := m[k]; ok { … }: the first statement moves before it, in a block
		// where another variable has the name of one that it declares.
		u := uses[0]
		if as, ok := st.Init.(*ast.AssignStmt); ok && !slices.ContainsFunc(uses, func(u *use) bool { return u.id.Pos() >= as.End() }) {
			list := []edit{
				{offset: u.offset(st.Pos()), text: l.take(true) + "\n" + s.src(u, as) + "\n" + l.give(true) + "\n"},
				{offset: u.offset(as.Pos()), n: u.offset(st.Cond.Pos()) - u.offset(as.Pos())},
			}
			if namedElsewhere(u, st, as) {
				list[0].text = "{\n" + list[0].text
				list = append(list, edit{offset: s.lineEnd(u, st), text: "\n}"})
			}
			return list, ""
		}
	case writes:
		return nil, fmt.Sprintf("line %d writes %s in the header of a statement", uses[0].line(), s.v.Name())
	}
	return s.inPlace(uses, l)
}

// guardRange serves a range over the subject: a slice's header is taken aside,
// over a map the loop runs under the lock if it cannot leave it.
func (s *subject) guardRange(st *ast.RangeStmt, uses []*use, l lock) ([]edit, string) {
	u := uses[0]
	if slices.ContainsFunc(uses, (*use).writes) {
		return nil, fmt.Sprintf("line %d writes %s in the header of a loop", u.line(), s.v.Name())
	}
	if _, isMap := under(u.pkg.Info.TypeOf(st.X)).(*types.Map); !isMap || hasCall(st.X) {
		return s.hoist(st, uses, l)
	}
	if calls(st.Body) && !onlyBuiltins(u, st.Body) || waits(u.pkg.Info, st.Body) {
		if len(uses) > 1 || st.X != u.expr {
			return nil, fmt.Sprintf("the loop at line %d calls functions or waits, and would hold the lock", u.line())
		}
		return s.rangeOverClone(st, u, l)
	}
	if leavesLoop(st.Body) {
		return nil, fmt.Sprintf("the loop at line %d ranges over a map and leaves in the middle", u.line())
	}
	return s.surround(st, u, l, !s.mutates(uses)), ""
}

// rangeOverClone takes a copy of the map under the lock and ranges over that: the
// loop's body calls functions, which may take the same lock.
func (s *subject) rangeOverClone(st *ast.RangeStmt, u *use, l lock) ([]edit, string) {
	clone := s.fresh(u, local(s.v.Name())+"Now")
	swap := edit{offset: u.offset(st.X.Pos()), n: u.offset(st.X.End()) - u.offset(st.X.Pos()), text: clone}
	src := s.src(u, st.X)
	if v := u.pkg.GoVersion; v != "" && version.Compare("go"+v, "go1.21") < 0 { // without package maps
		t, why := u.spell(u.pkg.Info.TypeOf(st.X))
		if why != "" {
			return nil, why
		}
		k, v := s.fresh(u, "key"), s.fresh(u, "value")
		text := fmt.Sprintf("%s\n%s := make(%s, len(%s))\nfor %s, %s := range %s {\n%s[%s] = %s\n}\n%s\n", l.take(true), clone, t, src, k, v, src, clone, k, v, l.give(true))
		return []edit{{offset: u.offset(st.Pos()), text: text}, swap}, ""
	}
	name, edits, why := addImport(u, "maps")
	if why != "" {
		return nil, why
	}
	text := fmt.Sprintf("%s\n%s := %s.Clone(%s)\n%s\n", l.take(true), clone, name, src, l.give(true))
	return append(edits, edit{offset: u.offset(st.Pos()), text: text}, swap), ""
}

// leavesLoop reports whether control can leave a loop's body other than by its
// end, by continue or by a plain break.
func leavesLoop(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Label != nil || n.Tok == token.GOTO
		}
		return true
	})
	return found
}

// mutates reports whether a method is called on the subject, which may change it.
func (s *subject) mutates(uses []*use) bool {
	return slices.ContainsFunc(uses, func(u *use) bool {
		if len(u.path) < 2 {
			return false
		}
		sel, ok := u.path[0].(*ast.SelectorExpr)
		call, ok2 := u.path[1].(*ast.CallExpr)
		return ok && ok2 && sel.X == u.expr && call.Fun == sel
	})
}

// hoist takes the values that the uses read aside, under the lock, in a
// statement of their own before st.
func (s *subject) hoist(st ast.Stmt, uses []*use, l lock) ([]edit, string) {
	u := uses[0]
	if slices.ContainsFunc(uses, (*use).writes) {
		return nil, fmt.Sprintf("line %d writes %s", u.line(), s.v.Name())
	}
	var edits []edit
	var lines []string
	names := map[string]string{} // source of an expression to the variable that holds it
	read := true
	for _, u := range uses {
		e, why := s.value(u)
		if why != "" && s.onlyRead(u) {
			cloned, imp, why := s.cloneAside(u, names)
			if why != "" {
				return nil, why
			}
			edits = append(edits, imp...)
			edits = append(edits, edit{offset: u.offset(u.expr.Pos()), n: u.offset(u.expr.End()) - u.offset(u.expr.Pos()), text: cloned.name})
			lines = append(lines, cloned.line...)
			continue
		}
		if why != "" {
			return nil, why
		}
		if name := declaredIn(u, e, st); name != "" {
			return nil, fmt.Sprintf("line %d needs %s, which the statement itself declares", u.line(), name)
		}
		if _, isCall := e.(*ast.CallExpr); isCall {
			read = read && !s.mutates([]*use{u})
		}
		src := s.src(u, e)
		name := names[src]
		if name == "" {
			name = s.fresh(u, local(s.v.Name())+"Now")
			names[src] = name
			if s.aside == nil {
				s.aside = map[string]string{}
			}
			s.aside[name] = src[strings.LastIndexByte(src, '.')+1:]
			lines = append(lines, name+" := "+src)
		}
		edits = append(edits, edit{offset: u.offset(e.Pos()), n: u.offset(e.End()) - u.offset(e.Pos()), text: name})
	}
	before := l.take(read) + "\n" + strings.Join(lines, "\n") + "\n" + l.give(read) + "\n"
	return append(edits, edit{offset: u.offset(st.Pos()), text: before}), ""
}

// local is a name as a local variable has it.
func local(name string) string {
	if r, n := utf8.DecodeRuneInString(name); unicode.IsUpper(r) {
		return string(unicode.ToLower(r)) + name[n:]
	}
	return name
}

// value is the smallest expression around a use whose value no longer depends on
// the guarded memory.
func (s *subject) value(u *use) (ast.Expr, string) {
	var e ast.Expr = u.expr
	for i, n := range u.path {
		switch p := n.(type) {
		case *ast.ParenExpr:
			e = p
			continue
		case *ast.SelectorExpr:
			if p.X != e {
				return e, ""
			}
			if call, ok := parentCall(u.path[i+1:], p); ok {
				if void(u, call) {
					return nil, fmt.Sprintf("line %d calls a method that returns no single value", u.line())
				}
				return call, ""
			}
			e = p
			continue
		case *ast.IndexExpr:
			if p.X != e {
				return e, ""
			}
			if i+1 < len(u.path) {
				if as, ok := u.path[i+1].(*ast.AssignStmt); ok && len(as.Lhs) == 2 && len(as.Rhs) == 1 {
					return nil, fmt.Sprintf("line %d wants to know whether the map holds the key", u.line())
				}
			}
			e = p
			continue
		case *ast.SliceExpr, *ast.StarExpr:
			e = p.(ast.Expr)
			continue
		case *ast.UnaryExpr:
			if p.Op == token.AND {
				return nil, fmt.Sprintf("line %d takes the address of %s", u.line(), s.v.Name())
			}
		case *ast.CallExpr:
			if id, ok := p.Fun.(*ast.Ident); ok && (id.Name == "len" || id.Name == "cap") && len(p.Args) == 1 {
				return p, ""
			}
		}
		break
	}
	if _, isMap := under(u.pkg.Info.TypeOf(e)).(*types.Map); isMap {
		return nil, fmt.Sprintf("line %d hands on the map, not a value in it", u.line())
	}
	return e, ""
}

// parentCall is the call of the method that sel names.
func parentCall(path []ast.Node, sel ast.Expr) (*ast.CallExpr, bool) {
	if len(path) == 0 {
		return nil, false
	}
	call, ok := path[0].(*ast.CallExpr)
	return call, ok && call.Fun == sel
}

// void reports whether a call has not exactly one result.
func void(u *use, call *ast.CallExpr) bool {
	t := u.pkg.Info.TypeOf(call)
	if t == nil {
		return true
	}
	tuple, ok := t.(*types.Tuple)
	return ok && tuple.Len() != 1
}

// inPlace evaluates each use in a function literal that takes the lock: for
// conditions that are evaluated again and again.
func (s *subject) inPlace(uses []*use, l lock) ([]edit, string) {
	var edits []edit
	read := !s.mutates(uses)
	for _, u := range uses {
		e, why := s.value(u)
		if why != "" {
			return nil, why
		}
		t, why := u.spell(types.Default(u.pkg.Info.TypeOf(e)))
		if why != "" {
			return nil, why
		}
		edits = append(edits, edit{offset: u.offset(e.Pos()), n: u.offset(e.End()) - u.offset(e.Pos()),
			text: fmt.Sprintf("func() %s {\n%s\ndefer %s\nreturn %s\n}()", t, l.take(read), l.give(read), s.src(u, e))})
	}
	return edits, ""
}

// calls reports whether a statement calls, sends or receives.
func calls(st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

// onlyBuiltins reports whether all calls of a statement are conversions and
// functions of the language, which cannot block.
func onlyBuiltins(u *use, st ast.Stmt) bool {
	only := true
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			tv := u.pkg.Info.Types[n.Fun]
			only = only && (tv.IsBuiltin() || tv.IsType())
		case *ast.UnaryExpr:
			only = only && n.Op != token.ARROW
		}
		return only
	})
	return only
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}
