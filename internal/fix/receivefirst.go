// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// ReadAfter is the strategy that moves a read behind what waits for the write.
const ReadAfter = "read-after-the-receive"

// readAfterReceive moves a statement that reads a captured variable behind the
// receive, or the Wait, that stands a little later and that the goroutine answers
// once it has written. What the statement itself answers may then come too late,
// which only a run shows.
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
		given := releases(l.Lit, write.id.Pos())
		for _, u := range uses {
			if u.id.Pos() < l.Lit.End() || !s.atSite(u) || u.rel != write.rel {
				continue
			}
			read, wait := u.stmt(), ast.Stmt(nil)
			if read == nil || defines(read) {
				continue
			}
			for _, st := range listOf(u, read) {
				if x := awaits(st); st.Pos() > read.End() && x != "" && slices.Contains(given, x) {
					wait = st
					break
				}
			}
			if wait == nil {
				continue
			}
			text := s.text(u)
			from, to := s.lines(text, read)
			_, at := s.lines(text, wait)
			if from < 0 || at < to {
				return nil, "the statements share a line", nil
			}
			c, err := s.candidate(ReadAfter, fmt.Sprintf("use %s after %s, which waits for the goroutine that writes it", s.v.Name(), given[slices.Index(given, awaits(wait))]), map[string][]edit{u.rel: {
				{offset: from, n: to - from},
				{offset: at, text: string(text[from:to])},
			}})
			if err != nil {
				return nil, "", err
			}
			return []*Candidate{c}, "", nil
		}
	}
	return nil, "no receive stands behind a read that raced", nil
}

// releases lists what a goroutine answers on behind a position: the channels that
// it sends on or closes, and the groups of which it is done.
func releases(lit *ast.FuncLit, after token.Pos) []string {
	var list []string
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SendStmt:
			if id, ok := n.Chan.(*ast.Ident); ok && n.Pos() > after {
				list = append(list, id.Name)
			}
		case *ast.DeferStmt:
			list = append(list, released(n.Call)...)
		case *ast.CallExpr:
			if n.Pos() > after {
				list = append(list, released(n)...)
			}
		}
		return true
	})
	return list
}

// released is X of close(X) and X.Done().
func released(c *ast.CallExpr) []string {
	if fn, ok := c.Fun.(*ast.Ident); ok && fn.Name == "close" && len(c.Args) == 1 {
		if id, ok := c.Args[0].(*ast.Ident); ok {
			return []string{id.Name}
		}
	}
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && len(c.Args) == 0 {
		if id, ok := sel.X.(*ast.Ident); ok {
			return []string{id.Name}
		}
	}
	return nil
}

// awaits is X of a statement <-X, v = <-X or X.Wait().
func awaits(st ast.Stmt) string {
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
		if id, ok := e.X.(*ast.Ident); ok && e.Op == token.ARROW {
			return id.Name
		}
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Wait" && len(e.Args) == 0 {
			if id, ok := sel.X.(*ast.Ident); ok {
				return id.Name
			}
		}
	}
	return ""
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
