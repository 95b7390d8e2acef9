// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// ReadAfter is the strategy that moves a read behind what waits for the write.
const ReadAfter = "read-after-the-receive"

// readAfterReceive moves a statement that reads a captured variable behind the
// receive, or the Wait, that stands a little later and that the goroutine answers
// once it has written, if it only checks, see [mayMove].
func readAfterReceive(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if !racecheck.IsLocal(s.v) {
		return nil, "", nil
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	file := s.pkg.File(s.f.Cause.Declared.File)
	for _, l := range s.concurrentLits(file, s.pkg) {
		var write *use
		for _, u := range uses {
			if racecheck.Contains(l.Lit, u.id.Pos()) && s.atSite(u) {
				write = u
			}
		}
		if write == nil || l.Loop != nil {
			continue
		}
		info := s.pkg.Info
		given := releases(info, l.Lit, write.id.Pos())
		for _, u := range uses {
			if u.id.Pos() < l.Lit.End() || !s.atSite(u) || u.rel != write.rel || u.writes() || u.addressTaken() {
				continue
			}
			read, wait := u.stmt(), ast.Stmt(nil)
			if read == nil || defines(read) {
				continue
			}
			var behind []ast.Stmt
			for _, st := range listOf(u, read) {
				if st.Pos() <= read.End() {
					continue
				}
				behind = append(behind, st)
				if x := awaits(info, st); x != nil && slices.Contains(given, x) {
					wait = st
					break
				}
			}
			if wait == nil || !mayMove(u.pkg.Info, read, behind) {
				continue
			}
			text := s.text(u)
			from, to := s.lines(text, read)
			_, at := s.lines(text, wait)
			if from < 0 || at < to {
				return nil, "the statements share a line", nil
			}
			c, err := s.candidate(ReadAfter, fmt.Sprintf("use %s after %s, which waits for the goroutine that writes it", s.v.Name(), awaits(info, wait).Name()), map[string][]edit{u.rel: {
				{offset: from, n: to - from},
				{offset: at, text: string(text[from:to])},
			}})
			if err != nil {
				return nil, "", err
			}
			return []*Candidate{c}, "", nil
		}
	}
	return nil, "no receive stands behind a read that raced and may move there", nil
}

// releases lists what a goroutine answers on behind a position: the channels that
// it sends on or closes, and the groups of which it is done.
func releases(info *types.Info, lit *ast.FuncLit, after token.Pos) []types.Object {
	var list []types.Object
	add := func(e ast.Expr) {
		if o := named(info, e); o != nil {
			list = append(list, o)
		}
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SendStmt:
			if n.Pos() > after {
				add(n.Chan)
			}
		case *ast.DeferStmt:
			add(released(n.Call))
		case *ast.CallExpr:
			if n.Pos() > after {
				add(released(n))
			}
		}
		return true
	})
	return list
}

// named is the variable that an expression is, nil for another expression: two
// variables may have one name.
func named(info *types.Info, e ast.Expr) types.Object {
	if id, ok := e.(*ast.Ident); ok {
		return info.Uses[id]
	}
	return nil
}

// released is X of close(X) and X.Done().
func released(c *ast.CallExpr) ast.Expr {
	if fn, ok := c.Fun.(*ast.Ident); ok && fn.Name == "close" && len(c.Args) == 1 {
		return c.Args[0]
	}
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && len(c.Args) == 0 {
		return sel.X
	}
	return nil
}

// awaits is X of a statement <-X, v = <-X or X.Wait().
func awaits(info *types.Info, st ast.Stmt) types.Object {
	var e ast.Expr
	switch st := st.(type) {
	case *ast.ExprStmt:
		e = st.X
	case *ast.AssignStmt:
		if len(st.Rhs) == 1 {
			e = st.Rhs[0]
		}
	}
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.ARROW {
			return named(info, e.X)
		}
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Wait" && len(e.Args) == 0 {
			return named(info, sel.X)
		}
	}
	return nil
}

// defines reports whether what follows may use what a statement declares, or does
// not come behind it.
func defines(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.DeclStmt, *ast.LabeledStmt, *ast.ReturnStmt, *ast.BranchStmt, *ast.DeferStmt, *ast.GoStmt:
		return true
	case *ast.AssignStmt:
		return true // what it sets may be read in between
	case *ast.IfStmt:
		return leaves(s.Body) // the statements in between would run all the same
	}
	return false
}

// leaves reports whether a body returns or jumps. A check that ends the test is no
// such thing: the test fails either way.
func leaves(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		}
		return !found
	})
	return found
}

// listOf is the list of statements that holds one.
func listOf(u *use, st ast.Stmt) []ast.Stmt {
	for _, n := range u.path {
		if b, ok := n.(*ast.BlockStmt); ok && slices.Contains(b.List, st) {
			return b.List
		}
	}
	return nil
}

// lines are the offsets of the whole lines of a statement, -1 where it shares one.
func (s *subject) lines(text []byte, st ast.Stmt) (from, to int) {
	file := s.pkg.Fset.File(st.Pos())
	from, to = file.Offset(st.Pos()), file.Offset(st.End())
	start := bytes.LastIndexByte(text[:from], '\n') + 1
	end := bytes.IndexByte(text[to:], '\n')
	if end < 0 {
		return -1, -1
	}
	rest := bytes.TrimSpace(text[to : to+end])
	if len(bytes.TrimSpace(text[start:from])) > 0 || len(rest) > 0 && !bytes.HasPrefix(rest, []byte("//")) {
		return -1, -1
	}
	return start, to + end + 1
}
