// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit/racecheck"
)

// waits reports whether a node may wait, or run code that may: it receives, sends,
// selects, or calls something that does not only compute. What is in a function
// literal happens later.
func waits(info *types.Info, n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.SendStmt, *ast.SelectStmt:
			found = true
		case *ast.RangeStmt:
			_, isChan := under(info.TypeOf(n.X)).(*types.Chan)
			found = found || isChan
		case *ast.CallExpr:
			found = found || !pure(info, n)
		}
		return !found
	})
	return found
}

// pure reports whether a call is a conversion, a builtin, of a package that only
// computes, or a check of a test.
func pure(info *types.Info, c *ast.CallExpr) bool {
	if tv, ok := info.Types[c.Fun]; ok && (tv.IsType() || tv.IsBuiltin()) {
		return true
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if ofTesting(info.TypeOf(sel.X)) {
		return true
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	if recv := fn.Signature().Recv(); recv != nil {
		return slices.Contains([]string{"time.Time", "time.Duration"}, types.TypeString(recv.Type(), nil))
	}
	return slices.Contains(computing, fn.Pkg().Path()) || fn.Pkg().Path() == "time" && fn.Name() != "Sleep"
}

// computing are packages whose functions neither wait nor change what is shared.
var computing = []string{"fmt", "log", "context", "strings", "bytes", "errors", "reflect", "slices", "maps", "strconv", "sort", "math", "path", "path/filepath", "unicode/utf8"}

// comesAfter reports whether a statement may wait, or run code, before it reads the
// subject: "return <-done, n" wants the n that the goroutine has written by then, so
// the value may not be taken aside before the statement.
func comesAfter(st ast.Stmt, uses []*use) bool {
	info := uses[0].pkg.Info
	last := uses[len(uses)-1].id.Pos()
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.BlockStmt:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW && n.End() <= last
		case *ast.CallExpr:
			found = found || n.End() <= last && !pure(info, n)
		}
		return !found
	})
	return found
}

// read plans how a statement gets the values that it reads: taken aside before it,
// or, where that would be too early, in place.
func (s *subject) read(st ast.Stmt, uses []*use, l lock) ([]edit, string) {
	if comesAfter(st, uses) && !slices.ContainsFunc(uses, (*use).writes) {
		return s.inPlace(uses, l)
	}
	return s.hoist(st, uses, l)
}

// outside plans a statement that changes the subject to what a call or a receive
// gives: that happens before the lock is taken, since it may wait, take the same
// lock, or race on something else, which the lock would hide. ok is false where
// there is nothing to take aside, or what is called is given the old value.
func (s *subject) outside(st ast.Stmt, u *use, l lock) (edits []edit, ok bool) {
	info := u.pkg.Info
	var roots []ast.Expr
	switch st := st.(type) {
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE {
			return nil, false
		}
		if len(st.Rhs) == 1 && len(st.Lhs) > 1 {
			return s.several(st, u, l)
		}
		roots = slices.Concat(st.Lhs, st.Rhs)
	case *ast.ExprStmt:
		call, isCall := st.X.(*ast.CallExpr)
		if !isCall || !pure(info, call) {
			return nil, false
		}
		roots = call.Args
	default:
		return nil, false
	}
	var lines []string
	fits := true
	aside := func(e ast.Expr) {
		name := s.fresh(u, local(s.v.Name())+"New")
		lines = append(lines, name+" := "+s.src(u, e))
		edits = append(edits, edit{offset: u.offset(e.Pos()), n: u.offset(e.End()) - u.offset(e.Pos()), text: name})
	}
	for _, r := range roots {
		ast.Inspect(r, func(n ast.Node) bool {
			e, isExpr := n.(ast.Expr)
			if !isExpr || !fits {
				return fits
			}
			whole := false
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BinaryExpr: // what is right of && may not be evaluated
				whole = (n.Op == token.LAND || n.Op == token.LOR) && waits(info, n)
			case *ast.UnaryExpr:
				whole = n.Op == token.ARROW
			case *ast.CallExpr:
				whole = !pure(info, n)
			}
			if !whole {
				return true
			}
			if fits = !s.within(u, e); fits {
				aside(e)
			}
			return false
		})
	}
	if !fits || len(lines) == 0 {
		return nil, false
	}
	before := strings.Join(lines, "\n") + "\n" + l.take(false) + "\n"
	return append(edits, edit{offset: u.offset(st.Pos()), text: before}, edit{offset: s.lineEnd(u, st), text: "\n" + l.give(false)}), true
}

// several serves "x, err = f()": all the values are taken aside.
func (s *subject) several(st *ast.AssignStmt, u *use, l lock) ([]edit, bool) {
	info := u.pkg.Info
	if !waits(info, st.Rhs[0]) || s.within(u, st.Rhs[0]) {
		return nil, false
	}
	var names []string
	for _, e := range st.Lhs {
		name := "value"
		switch e := e.(type) {
		case *ast.Ident:
			name = e.Name
		case *ast.SelectorExpr:
			name = e.Sel.Name
		}
		if waits(info, e) {
			return nil, false
		}
		if name != "_" {
			name = s.fresh(u, local(name)+"New")
		}
		names = append(names, name)
	}
	// A blank stays blank: what is on the left is no value.
	left, values := []string{}, []string{}
	for i, e := range st.Lhs {
		if names[i] != "_" {
			left, values = append(left, s.src(u, e)), append(values, names[i])
		}
	}
	text := fmt.Sprintf("%s := %s\n%s\n", strings.Join(names, ", "), s.src(u, st.Rhs[0]), l.take(false))
	assign := strings.Join(left, ", ") + " = " + strings.Join(values, ", ")
	return []edit{
		{offset: u.offset(st.Pos()), n: u.offset(st.End()) - u.offset(st.Pos()), text: text + assign},
		{offset: s.lineEnd(u, st), text: "\n" + l.give(false)},
	}, true
}

// within reports whether an expression names the subject.
func (s *subject) within(u *use, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && s.is(u.pkg, id)
		return !found
	})
	return found
}

// namedElsewhere reports whether a name that a statement declares in its header is
// also named outside it, in the block that it would stand in.
func namedElsewhere(u *use, st *ast.IfStmt, as *ast.AssignStmt) bool {
	names := map[string]bool{}
	for _, e := range as.Lhs {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			names[id.Name] = true
		}
	}
	var block ast.Node = u.fn()
	i := slices.Index(u.path, ast.Node(st))
	for j, n := range u.path[i+1:] {
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			if _, isBody := n.(*ast.BlockStmt); !isBody || u.path[i+j+2] != u.fn() { // that has the parameters, too
				block = n
			}
		default:
			continue
		}
		break
	}
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && names[id.Name] && !racecheck.Contains(st, id.Pos())
		return !found
	})
	return found
}

// again reports whether a position is reached again after a later one, in the next
// iteration of a loop around both that does not make the variable anew.
func again(file *ast.File, v *types.Var, pos, later token.Pos) bool {
	for _, n := range around(file, pos) {
		switch n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.ForStmt, *ast.RangeStmt:
			if racecheck.Contains(n, later) && !racecheck.Contains(n, v.Pos()) {
				return true
			}
		}
	}
	return false
}
