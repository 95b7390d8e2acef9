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

	"github.com/culprit-ci/culprit/racecheck"
)

// Atomic is the strategy that makes a counter or flag atomic everywhere.
const Atomic = "atomic"

// atomicType is the type of sync/atomic for a basic type, and what its methods
// take and return.
func atomicType(t types.Type) (name, elem string) {
	b, ok := under(t).(*types.Basic)
	if !ok {
		return "", ""
	}
	switch b.Kind() {
	case types.Int32:
		return "Int32", "int32"
	case types.Int, types.Int64:
		return "Int64", "int64"
	case types.Uint32:
		return "Uint32", "uint32"
	case types.Uint, types.Uint64, types.Uintptr:
		return "Uint64", "uint64"
	case types.Bool:
		return "Bool", "bool"
	}
	return "", ""
}

// atomicPlan turns the uses of one variable into method calls.
type atomicPlan struct {
	s          *subject
	name, elem string
	own        string // the variable's type as the file spells it
	converts   bool
	edits      map[string][]edit
}

// useAtomic gives a counter or flag a type of sync/atomic. Each use must be a
// read, a store, or an addition: anything else would not be atomic.
func useAtomic(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	name, elem := atomicType(s.v.Type())
	if name == "" || isParameter(s) {
		return nil, fmt.Sprintf("%s is no counter or flag that package sync/atomic has a type for", s.v.Name()), nil
	}
	if why, err := s.outOfSight(ctx); why != "" || err != nil {
		return nil, why, err
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	if why := s.readsBack(uses); why != "" {
		return nil, why, nil
	}
	p := &atomicPlan{s: s, name: name, elem: elem, edits: map[string][]edit{}}
	p.converts = types.TypeString(s.v.Type(), nil) != elem
	declared := false
	for _, u := range uses {
		if u.decl() {
			declared = true
			if why := p.declaration(u); why != "" {
				return nil, why, nil
			}
			continue
		}
		if u.key() {
			return nil, fmt.Sprintf("line %d sets %s in a composite literal, which an atomic cannot be", u.line(), s.v.Name()), nil
		}
		if why := p.inSteps(u); why != "" {
			return nil, why, nil
		}
		if why := p.use(u); why != "" {
			return nil, why, nil
		}
	}
	if !declared {
		return nil, "the declaration was not found", nil
	}
	for rel := range p.edits {
		p.unusedImport(rel, uses)
	}
	c, err := s.candidate(Atomic, fmt.Sprintf("make %s atomic", s.v.Name()), p.edits)
	if err != nil {
		return nil, "", err
	}
	return []*Candidate{c}, "", nil
}

// inSteps says why a store depends on a value that was read before it: "if n == 0 {
// n = 1 }" is two operations, between which another goroutine may do the same.
func (p *atomicPlan) inSteps(u *use) string {
	if !u.writes() || u.fn() != nil && len(racecheck.LocksHeld(u.pkg.Info, u.fn(), u.id.Pos())) > 0 {
		return ""
	}
	for i, n := range u.path {
		switch n := n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return ""
		case *ast.IfStmt:
			if i > 0 && u.path[i-1] != ast.Node(n.Cond) && p.mentions(u, n.Cond) {
				return fmt.Sprintf("line %d sets %s as line %d finds it, which is no single operation", u.line(), p.s.v.Name(), u.pkg.Line(n.Pos()))
			}
		}
	}
	return ""
}

func isParameter(s *subject) bool {
	switch s.f.Cause.Kind {
	case "parameter", "result":
		return true
	}
	return false
}

func (p *atomicPlan) replace(u *use, n ast.Node, text string) {
	p.edits[u.rel] = append(p.edits[u.rel], edit{offset: u.offset(n.Pos()), n: u.offset(n.End()) - u.offset(n.Pos()), text: text})
}

// declaration rewrites "x := 0", "var x int", "var x = 3" and a field.
func (p *atomicPlan) declaration(u *use) string {
	pkgName, imp, why := addImport(u, "sync/atomic")
	if why != "" {
		return why
	}
	p.edits[u.rel] = append(p.edits[u.rel], imp...)
	typ := pkgName + "." + p.name
	if p.own, why = u.spell(p.s.v.Type()); why != "" {
		return why
	}
	for _, n := range u.path {
		switch n := n.(type) {
		case *ast.Field:
			if len(n.Names) != 1 {
				return fmt.Sprintf("%s shares its declaration with other fields", p.s.v.Name())
			}
			if n.Tag != nil {
				return fmt.Sprintf("%s has a tag: what encodes it does not know an atomic", p.s.v.Name())
			}
			p.replace(u, n.Type, typ)
			return ""
		case *ast.ValueSpec:
			return p.spec(u, n, typ)
		case *ast.AssignStmt:
			if len(n.Lhs) != 1 || len(n.Rhs) != 1 || u.stmt() != n {
				return fmt.Sprintf("%s is declared together with others, or in the header of a statement", p.s.v.Name())
			}
			text := "var " + u.id.Name + " " + typ
			if !zero(u, n.Rhs[0]) {
				text += "\n" + u.id.Name + ".Store(" + p.to(u, n.Rhs[0]) + ")"
			}
			p.replace(u, n, text)
			return ""
		}
	}
	return fmt.Sprintf("the declaration of %s cannot be rewritten", p.s.v.Name())
}

func (p *atomicPlan) spec(u *use, n *ast.ValueSpec, typ string) string {
	if len(n.Names) != 1 {
		return fmt.Sprintf("%s is declared together with others", p.s.v.Name())
	}
	text := u.id.Name + " " + typ
	if len(n.Values) == 1 && !zero(u, n.Values[0]) {
		if u.stmt() == nil {
			return fmt.Sprintf("the package variable %s has a first value, which an atomic cannot be given in its declaration", p.s.v.Name())
		}
		text += "\n" + u.id.Name + ".Store(" + p.to(u, n.Values[0]) + ")"
	}
	p.replace(u, n, text)
	return ""
}

func zero(u *use, e ast.Expr) bool {
	tv := u.pkg.Info.Types[e]
	return tv.Value != nil && (tv.Value.ExactString() == "0" || tv.Value.ExactString() == "false")
}

// to is an expression as an argument of the atomic's methods.
func (p *atomicPlan) to(u *use, e ast.Expr) string {
	src := p.s.src(u, e)
	if tv := u.pkg.Info.Types[e]; !p.converts || tv.Value != nil && !types.IsInterface(tv.Type) && isLiteral(e) {
		return src
	}
	return p.elem + "(" + src + ")"
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.BasicLit)
	return ok
}

// from is the atomic's value as an expression of the variable's own type.
func (p *atomicPlan) from(x string) string {
	if !p.converts {
		return x + ".Load()"
	}
	own := p.own
	if strings.ContainsAny(own, "*[( ") {
		own = "(" + own + ")"
	}
	return own + "(" + x + ".Load())"
}

// use rewrites one use.
func (p *atomicPlan) use(u *use) string {
	if len(u.path) == 0 {
		return "a use of the variable could not be placed"
	}
	x := p.s.src(u, u.expr)
	switch n := u.path[0].(type) {
	case *ast.IncDecStmt:
		if p.elem == "bool" {
			return ""
		}
		p.replace(u, n, x+".Add("+p.one(n.Tok == token.DEC)+")")
		return ""
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			if l == u.expr {
				return p.assign(u, n, x)
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return p.atomicCall(u, n, x)
		}
	case *ast.RangeStmt:
		if n.Key == u.expr || n.Value == u.expr {
			return fmt.Sprintf("line %d assigns %s in a range", u.line(), p.s.v.Name())
		}
	}
	p.replace(u, u.expr, p.from(x))
	return ""
}

func (p *atomicPlan) one(minus bool) string {
	switch {
	case !minus:
		return "1"
	case strings.HasPrefix(p.elem, "u"):
		return "^" + p.elem + "(0)"
	}
	return "-1"
}

func (p *atomicPlan) assign(u *use, n *ast.AssignStmt, x string) string {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 || u.stmt() != n {
		return fmt.Sprintf("line %d assigns %s together with others, or in the header of a statement", u.line(), p.s.v.Name())
	}
	rhs := n.Rhs[0]
	switch n.Tok {
	case token.ASSIGN:
		if p.mentions(u, rhs) {
			return fmt.Sprintf("line %d computes the new %s from the old one, which is no single operation", u.line(), p.s.v.Name())
		}
		p.replace(u, n, x+".Store("+p.to(u, rhs)+")")
	case token.ADD_ASSIGN, token.SUB_ASSIGN:
		if p.elem == "bool" || p.mentions(u, rhs) {
			return fmt.Sprintf("line %d computes the new %s from the old one", u.line(), p.s.v.Name())
		}
		arg := p.to(u, rhs)
		if n.Tok == token.SUB_ASSIGN {
			if strings.HasPrefix(p.elem, "u") {
				return fmt.Sprintf("line %d subtracts from an unsigned %s", u.line(), p.s.v.Name())
			}
			arg = "-(" + arg + ")"
		}
		p.replace(u, n, x+".Add("+arg+")")
	default:
		return fmt.Sprintf("line %d changes %s by an operation that is not atomic", u.line(), p.s.v.Name())
	}
	return ""
}

// mentions reports whether an expression uses the subject itself.
func (p *atomicPlan) mentions(u *use, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && p.s.is(u.pkg, id) {
			found = true
		}
		return !found
	})
	return found
}

// atomicCall turns atomic.AddInt32(&x, 1) into x.Add(1).
func (p *atomicPlan) atomicCall(u *use, amp *ast.UnaryExpr, x string) string {
	const other = "line %d takes the address of %s"
	if len(u.path) < 2 {
		return fmt.Sprintf(other, u.line(), p.s.v.Name())
	}
	call, ok := u.path[1].(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || call.Args[0] != ast.Expr(amp) {
		return fmt.Sprintf(other, u.line(), p.s.v.Name())
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return fmt.Sprintf(other, u.line(), p.s.v.Name())
	}
	fn, ok := u.pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
		return fmt.Sprintf(other, u.line(), p.s.v.Name())
	}
	for _, op := range []string{"Add", "Load", "Store", "Swap", "CompareAndSwap"} {
		if !strings.HasPrefix(fn.Name(), op) {
			continue
		}
		text := x + "." + op + "("
		p.edits[u.rel] = append(p.edits[u.rel], edit{offset: u.offset(call.Pos()), n: u.offset(amp.End()) - u.offset(call.Pos()), text: text})
		if len(call.Args) > 1 { // the comma behind the address
			p.edits[u.rel] = append(p.edits[u.rel], edit{offset: u.offset(amp.End()), n: u.offset(call.Args[1].Pos()) - u.offset(amp.End())})
		}
		return ""
	}
	return fmt.Sprintf(other, u.line(), p.s.v.Name())
}

// unusedImport removes the import of sync/atomic from a file whose last use of it
// was a function that is now a method.
func (p *atomicPlan) unusedImport(rel string, uses []*use) {
	var u *use
	for _, x := range uses {
		if x.rel == rel {
			u = x
		}
		if x.rel == rel && x.decl() {
			return // the type is spelled here
		}
	}
	for _, im := range u.file.Imports {
		if im.Path.Value != `"sync/atomic"` || im.Name != nil {
			continue
		}
		left := 0
		ast.Inspect(u.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && id.Name == "atomic" && !p.covered(rel, u.offset(sel.Pos())) {
					left++
				}
			}
			return true
		})
		if left == 0 {
			from, end := u.offset(im.Pos()), u.offset(im.End())
			p.edits[rel] = append(p.edits[rel], edit{offset: from, n: end - from})
		}
	}
}

func (p *atomicPlan) covered(rel string, off int) bool {
	for _, e := range p.edits[rel] {
		if e.offset <= off && off < e.offset+e.n {
			return true
		}
	}
	return false
}
