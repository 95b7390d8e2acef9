// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package racecheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/culprit-ci/culprit"
)

// Accesses lists the accesses to local and package variables that fn's own body
// makes, in source order. Bodies of function literals inside fn are left out:
// they run elsewhere. Taking an address, calling a pointer method on a variable
// and capturing it are no accesses.
func Accesses(info *types.Info, fn ast.Node) []Access {
	c := &collector{info: info, fn: fn}
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		c.results(fn.Type)
		if fn.Body != nil {
			c.walk(fn.Body)
		}
	case *ast.FuncLit:
		c.results(fn.Type)
		c.walk(fn.Body)
	}
	return c.list
}

type collector struct {
	info  *types.Info
	fn    ast.Node
	named []*types.Var // named results of fn
	stack []ast.Node
	list  []Access
}

func (c *collector) results(t *ast.FuncType) {
	if t.Results == nil {
		return
	}
	for _, f := range t.Results.List {
		for _, name := range f.Names {
			if v, ok := c.info.Defs[name].(*types.Var); ok {
				c.named = append(c.named, v)
			}
		}
	}
}

func (c *collector) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			c.stack = c.stack[:len(c.stack)-1]
			return true
		}
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		c.stack = append(c.stack, n)
		switch n := n.(type) {
		case *ast.Ident:
			c.ident(n)
		case *ast.ReturnStmt:
			// A return with values assigns the named results first (Go
			// specification, "Return statements").
			if len(n.Results) > 0 {
				for _, v := range c.named {
					c.list = append(c.list, Access{Var: v, Op: culprit.OpWrite, Pos: n.Pos(), Stmt: n})
				}
			}
		}
		return true
	})
}

// ident records what happens to the variable that id names.
func (c *collector) ident(id *ast.Ident) {
	v, ok := c.info.Uses[id].(*types.Var)
	def := false
	if !ok {
		if v, ok = c.info.Defs[id].(*types.Var); !ok {
			return
		}
		def = true
	}
	if v.IsField() {
		return
	}
	operand, path, ok := c.extend(id)
	if !ok {
		return
	}
	a := Access{Var: v, Path: path, Expr: operand, Pos: operand.Pos(), Stmt: c.stmt(), Decl: def}
	write, read, pos := c.role(operand)
	if pos.IsValid() {
		a.Pos = pos
	}
	if def && !write {
		return // a declaration without a value writes nothing that can be shared yet
	}
	if read {
		r := a
		r.Op = culprit.OpRead
		c.list = append(c.list, r)
	}
	if write {
		a.Op = culprit.OpWrite
		c.list = append(c.list, a)
	}
}

// extend climbs from a variable to the largest operand that is still the
// variable's own memory: fields of struct values and elements of array values.
// ok is false when the address escapes instead, which is no access.
func (c *collector) extend(id *ast.Ident) (operand ast.Expr, path string, ok bool) {
	operand = id
	for i := len(c.stack) - 2; i >= 0; i-- {
		switch p := c.stack[i].(type) {
		case *ast.ParenExpr:
			operand = p
			continue
		case *ast.SelectorExpr:
			if p.X != operand {
				return operand, path, true
			}
			sel := c.info.Selections[p]
			if sel == nil {
				return operand, path, true
			}
			if sel.Kind() == types.FieldVal && !sel.Indirect() {
				operand, path = p, path+"."+p.Sel.Name
				continue
			}
			if sel.Kind() == types.MethodVal && pointerMethod(sel) && !isPointer(c.info.TypeOf(operand)) {
				return nil, "", false // x.M() with a pointer receiver takes &x
			}
			return operand, path, true
		case *ast.IndexExpr:
			if p.X == operand && isArray(c.info.TypeOf(operand)) {
				operand, path = p, path+"[]"
				continue
			}
			return operand, path, true
		case *ast.SliceExpr:
			if p.X == operand && isArray(c.info.TypeOf(operand)) {
				return nil, "", false
			}
			return operand, path, true
		case *ast.UnaryExpr:
			if p.Op == token.AND {
				return nil, "", false
			}
			return operand, path, true
		default:
			return operand, path, true
		}
	}
	return operand, path, true
}

// role tells whether the operand is written, read or both, and for a write the
// position of the operator.
func (c *collector) role(operand ast.Expr) (write, read bool, pos token.Pos) {
	switch p := c.parent(operand).(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if l == operand {
				compound := p.Tok != token.ASSIGN && p.Tok != token.DEFINE
				return true, compound, p.TokPos
			}
		}
	case *ast.IncDecStmt:
		return true, true, p.TokPos
	case *ast.RangeStmt:
		if p.Key == operand || p.Value == operand {
			return true, false, p.For
		}
	case *ast.ValueSpec:
		for _, name := range p.Names {
			if name == operand {
				return len(p.Values) > 0, false, name.Pos()
			}
		}
	}
	return false, true, token.NoPos
}

// parent returns the node around operand on the current path.
func (c *collector) parent(operand ast.Expr) ast.Node {
	for i := len(c.stack) - 1; i > 0; i-- {
		if c.stack[i] == operand {
			return c.stack[i-1]
		}
	}
	return nil
}

// stmt returns the innermost simple statement or clause header of the path.
func (c *collector) stmt() ast.Stmt {
	for i := len(c.stack) - 1; i >= 0; i-- {
		if s, ok := c.stack[i].(ast.Stmt); ok {
			return s
		}
	}
	return nil
}

func pointerMethod(sel *types.Selection) bool {
	f, ok := sel.Obj().(*types.Func)
	if !ok {
		return false
	}
	recv := f.Signature().Recv()
	return recv != nil && isPointer(recv.Type())
}

func isPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func isArray(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Array)
	return ok
}
