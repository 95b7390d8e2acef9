// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit/racecheck"

	"github.com/culprit-ci/culprit/internal/lazyre"
)

// DeepCopy is the strategy that makes a Copy method copy what it shares.
const DeepCopy = "copy-the-elements-too"

// copyName matches the names of functions that promise a copy.
var copyName = lazyre.New(`^(?i:(deep)?copy|clone|snapshot)`)

// copyInCopy gives the result of a method that promises a copy its own elements,
// where it copies the struct and so shares a slice or map with the original.
func copyInCopy(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if !s.v.IsField() {
		return nil, "", nil
	}
	var text string
	switch under(s.v.Type()).(type) {
	case *types.Slice:
		text = "%[1]s = append(%[1]s[:0:0], %[1]s...)\n" // an empty one is not nil
	case *types.Map:
		text = "%[1]s = %[2]s.Clone(%[1]s)\n"
	default:
		return nil, "", nil
	}
	if _, err := s.uses(ctx); err != nil {
		return nil, "", err
	}
	for _, file := range s.pkg.Files {
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Body == nil || !copyName.MatchString(fn.Name.Name) || !s.ofReceiver(fn) {
				continue
			}
			cp, ret := s.shallow(fn)
			if cp == nil {
				continue
			}
			u := &use{pkg: s.pkg, file: file, rel: s.pkg.Rel(file.FileStart), id: cp, expr: cp}
			mapsName, edits := "", []edit(nil)
			if _, isMap := under(s.v.Type()).(*types.Map); isMap {
				var why string
				if mapsName, edits, why = addImport(u, "maps"); why != "" {
					return nil, why, nil
				}
			}
			edits = append(edits, edit{offset: u.offset(ret.Pos()), text: fmt.Sprintf(text, cp.Name+"."+s.v.Name(), mapsName)})
			c, err := s.candidate(DeepCopy, fmt.Sprintf("let %s copy the elements of %s too", fn.Name.Name, s.v.Name()), map[string][]edit{u.rel: edits})
			return []*Candidate{c}, "", err
		}
	}
	return nil, "", nil
}

// ofReceiver reports whether the subject is a field of the method's receiver.
func (s *subject) ofReceiver(fn *ast.FuncDecl) bool {
	t := s.pkg.Info.TypeOf(fn.Recv.List[0].Type)
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Origin() == s.v {
			return true
		}
	}
	return false
}

// shallow finds the variable that holds a plain copy of the receiver and the one
// return that gives it back; the field must not be assigned on the way.
func (s *subject) shallow(fn *ast.FuncDecl) (*ast.Ident, *ast.ReturnStmt) {
	if len(fn.Recv.List[0].Names) != 1 {
		return nil, nil
	}
	recv := s.pkg.Info.Defs[fn.Recv.List[0].Names[0]]
	var cp *ast.Ident
	var returns []*ast.ReturnStmt
	copied := func(names []ast.Expr, values []ast.Expr) {
		for i, v := range values {
			star, ok := ast.Unparen(v).(*ast.StarExpr)
			if !ok || i >= len(names) {
				continue
			}
			from, ok := ast.Unparen(star.X).(*ast.Ident)
			if id, isID := names[i].(*ast.Ident); ok && isID && s.pkg.Info.Uses[from] == recv {
				cp = id
			}
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE && len(n.Lhs) == len(n.Rhs) {
				copied(n.Lhs, n.Rhs)
			}
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(n.Names))
			for i, id := range n.Names {
				names[i] = id
			}
			copied(names, n.Values)
		case *ast.ReturnStmt:
			returns = append(returns, n)
		}
		return true
	})
	if cp == nil || len(returns) != 1 || len(returns[0].Results) != 1 {
		return nil, nil
	}
	res := ast.Unparen(returns[0].Results[0])
	if amp, ok := res.(*ast.UnaryExpr); ok && amp.Op == token.AND {
		res = amp.X
	}
	if id, ok := res.(*ast.Ident); !ok || s.pkg.Info.Uses[id] != s.pkg.Info.Defs[cp] {
		return nil, nil
	}
	for _, u := range s.all {
		if racecheck.Contains(fn.Body, u.id.Pos()) && u.writes() && u.base() == cp.Name {
			return nil, nil
		}
	}
	return cp, returns[0]
}
