// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// AtomicHere is the strategy that makes the plain accesses of a variable atomic
// that is used atomically elsewhere.
const AtomicHere = "atomic-here-too"

// atomicHere gives the plain reads and stores that raced the function of
// sync/atomic that the variable's other accesses use.
func atomicHere(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if _, ok := under(s.v.Type()).(*types.Basic); !ok {
		return nil, "", nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	suffix := ""
	for _, u := range uses {
		if fn := atomicFunc(u); fn != "" {
			suffix = fn[strings.IndexAny(fn, "IUP"):] // Int32, Uint64, Pointer
		}
	}
	if suffix == "" {
		return nil, "", nil // nothing is atomic
	}
	edits := map[string][]edit{}
	for _, u := range uses {
		if u.decl() || u.key() || u.fn() == nil || !s.atSite(u) || atomicFunc(u) != "" || s.early(u) {
			continue
		}
		name, imp, why := addImport(u, "sync/atomic")
		if why != "" {
			return nil, why, nil
		}
		e, why := s.atomicAccess(u, name, suffix)
		if why != "" {
			return nil, why, nil
		}
		edits[u.rel] = append(append(edits[u.rel], e), imp...)
	}
	if len(edits) == 0 {
		return nil, "", nil
	}
	c, err := s.candidate(AtomicHere, fmt.Sprintf("access %s atomically here too", s.v.Name()), edits)
	return []*Candidate{c}, "", err
}

// atomicFunc is the function of sync/atomic whose first argument is the address
// of the use, "" where there is none.
func atomicFunc(u *use) string {
	amp, ok := at[*ast.UnaryExpr](u.path, 0)
	call, ok2 := at[*ast.CallExpr](u.path, 1)
	if !ok || !ok2 || amp.Op != token.AND || len(call.Args) == 0 || call.Args[0] != ast.Expr(amp) {
		return ""
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	fn, ok := u.pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || fn.Signature().Recv() != nil {
		return ""
	}
	return fn.Name()
}

// atomicAccess rewrites one plain access.
func (s *subject) atomicAccess(u *use, pkgName, suffix string) (edit, string) {
	x := s.src(u, u.expr)
	replace := func(n ast.Node, text string) edit {
		return edit{offset: u.offset(n.Pos()), n: u.offset(n.End()) - u.offset(n.Pos()), text: text}
	}
	if u.addressTaken() {
		return edit{}, fmt.Sprintf("line %d takes the address of %s", u.line(), s.v.Name())
	}
	if !u.writes() {
		return replace(u.expr, fmt.Sprintf("%s.Load%s(&%s)", pkgName, suffix, x)), ""
	}
	switch n := u.path[0].(type) {
	case *ast.IncDecStmt:
		if n.Tok == token.INC {
			return replace(n, fmt.Sprintf("%s.Add%s(&%s, 1)", pkgName, suffix, x)), ""
		}
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 || u.stmt() != n {
			break
		}
		switch {
		case n.Tok == token.ASSIGN && u.replaces():
			return replace(n, fmt.Sprintf("%s.Store%s(&%s, %s)", pkgName, suffix, x, s.src(u, n.Rhs[0]))), ""
		case n.Tok == token.ADD_ASSIGN:
			return replace(n, fmt.Sprintf("%s.Add%s(&%s, %s)", pkgName, suffix, x, s.src(u, n.Rhs[0]))), ""
		}
	}
	return edit{}, fmt.Sprintf("line %d changes %s by an operation that is not atomic", u.line(), s.v.Name())
}
