// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"github.com/culprit-ci/culprit/racecheck"
)

// readElsewhere looks for code outside the concurrent literals that could want
// the value one of them writes. A parallel subtest's body runs only after its
// parent's function has returned (testing.T.Parallel), so the parent's own
// statements cannot; deferred functions, cleanups and other literals can, and
// after goroutines everything can.
func (p *plan) readElsewhere() string {
	parallel := !slices.ContainsFunc(p.writers, func(s racecheck.Spawn) bool { return s.Kind != racecheck.SpawnParallelSubtest })
	start := p.writers[0].Lit.Pos()
	for _, id := range p.uses(p.file) {
		inWriter := slices.ContainsFunc(p.writers, func(s racecheck.Spawn) bool { return racecheck.Contains(s.Lit, id.Pos()) })
		if inWriter || id.Pos() < p.v.Pos() || p.isPlainWrite(id) {
			continue
		}
		line := p.pkg.Line(id.Pos())
		switch inner := p.innerLiteral(id.Pos()); {
		case inner != nil && !p.ownValue(inner, id):
			return fmt.Sprintf("the function literal at line %d reads %s (line %d) and may want the value that a concurrent literal writes", p.pkg.Line(inner.Pos()), p.v.Name(), line)
		case inner == nil && !parallel && id.Pos() < start && again(p.file, p.v, id.Pos(), start) && !p.ownWrite(id):
			return fmt.Sprintf("line %d reads %s in the next iteration: it may want the value that the goroutine of the last one writes", line, p.v.Name())
		case inner == nil && !parallel && id.Pos() > start && !p.ownWrite(id):
			return fmt.Sprintf("line %d reads %s after the goroutine was started: it wants the value that the goroutine writes", line, p.v.Name())
		}
	}
	if line := p.bareReturn(start); line > 0 {
		return fmt.Sprintf("the return at line %d gives %s back as it is then: it wants the value that the goroutine writes", line, p.v.Name())
	}
	return ""
}

// isPlainWrite reports whether id is a left side of an assignment.
func (p *plan) isPlainWrite(id *ast.Ident) bool {
	plain := false
	ast.Inspect(p.file, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && (as.Tok == token.ASSIGN || as.Tok == token.DEFINE) {
			plain = plain || slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool { return ast.Unparen(l) == ast.Expr(id) })
		}
		return !plain && racecheck.Contains(n, id.Pos()) || n == p.file
	})
	return plain || p.pkg.Info.Defs[id] != nil
}

// innerLiteral returns the outermost function literal around pos that is inside
// the variable's scope, nil when pos is in the declaring function itself.
func (p *plan) innerLiteral(pos token.Pos) *ast.FuncLit {
	var found *ast.FuncLit
	ast.Inspect(p.file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && found == nil && racecheck.Contains(lit, pos) && !racecheck.Contains(lit, p.v.Pos()) {
			found = lit
		}
		return found == nil
	})
	return found
}

// ownValue reports whether the literal writes the variable in an earlier
// statement of its own block than the one that reads it, or is a serial subtest,
// whose Run returns before the parallel ones go on.
func (p *plan) ownValue(lit *ast.FuncLit, read *ast.Ident) bool {
	for _, s := range racecheck.Spawns(p.pkg.Info, p.file) {
		if s.Lit == lit && s.Kind == racecheck.SpawnSubtest {
			return true
		}
	}
	uses := p.uses(lit.Body)
	return len(uses) > 0 && uses[0].Pos() < read.Pos() && p.firstWrite(lit, uses[0]) && topStatement(lit.Body, uses[0].Pos()) != topStatement(lit.Body, read.Pos())
}

// ownWrite reports whether the declaring function itself has assigned the variable
// just before it reads it: on the way from the read to the function's start the
// first statement that uses the variable is a plain assignment of it, and no
// concurrent literal is started in between.
func (p *plan) ownWrite(read *ast.Ident) bool {
	path := around(p.file, read.Pos())
	for i, n := range path {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.IfStmt:
			if as, ok := n.Init.(*ast.AssignStmt); ok && i > 0 && path[i-1] != ast.Node(as) && p.assigns(as) {
				return true
			}
		case *ast.SwitchStmt:
			if as, ok := n.Init.(*ast.AssignStmt); ok && i > 0 && path[i-1] != ast.Node(as) && p.assigns(as) {
				return true
			}
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		for j := len(list) - 1; j >= 0; j-- {
			st := list[j]
			if st.Pos() >= read.Pos() || racecheck.Contains(st, read.Pos()) {
				continue
			}
			if as, ok := st.(*ast.AssignStmt); ok && p.assigns(as) {
				return true
			}
			if len(p.uses(st)) > 0 {
				return false
			}
		}
	}
	return false
}

// assigns reports whether a statement gives the variable a new value without
// looking at the old one.
func (p *plan) assigns(as *ast.AssignStmt) bool {
	for _, r := range as.Rhs {
		if len(p.uses(r)) > 0 {
			return false
		}
	}
	return as.Tok == token.ASSIGN && slices.ContainsFunc(as.Lhs, func(l ast.Expr) bool {
		id, ok := ast.Unparen(l).(*ast.Ident)
		return ok && p.pkg.Info.Uses[id] == p.v
	})
}

// around are the nodes around a position, innermost first.
func around(file *ast.File, pos token.Pos) []ast.Node {
	var path []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || !racecheck.Contains(n, pos) {
			return false
		}
		path = append(path, n)
		return true
	})
	slices.Reverse(path)
	return path
}

// bareReturn is the line of a return without values, behind the first concurrent
// literal, of the function whose named result the variable is; 0 for none.
func (p *plan) bareReturn(start token.Pos) int {
	line := 0
	for _, n := range around(p.file, p.v.Pos()) {
		var ft *ast.FuncType
		switch n := n.(type) {
		case *ast.FuncDecl:
			ft = n.Type
		case *ast.FuncLit:
			ft = n.Type
		}
		if ft == nil {
			continue
		}
		if ft.Results == nil || !racecheck.Contains(ft.Results, p.v.Pos()) {
			return 0
		}
		ast.Inspect(bodyOf(n), func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 0 && r.Pos() > start && line == 0 {
				line = p.pkg.Line(r.Pos())
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
		return line
	}
	return line
}
