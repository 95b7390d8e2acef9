// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// LockedBuffer is the strategy that replaces a buffer by one with a lock.
const LockedBuffer = "locked-buffer"

// bufferMethods are the methods that the replacement can have, with what stands
// between the name and the body, and the arguments to hand on.
var bufferMethods = []struct{ name, sig, args string }{
	{"Write", "(p []byte) (int, error)", "p"},
	{"WriteString", "(s string) (int, error)", "s"},
	{"WriteByte", "(c byte) error", "c"},
	{"String", "() string", ""},
	{"Len", "() int", ""},
	{"Reset", "()", ""},
	{"Read", "(p []byte) (int, error)", "p"},
}

// lockedBuffer gives a bytes.Buffer or strings.Builder that several goroutines
// use in a test a type with a lock around each method.
func lockedBuffer(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	t := s.v.Type()
	ptr, isPtr := t.(*types.Pointer)
	if isPtr {
		t = ptr.Elem()
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return nil, "", nil
	}
	inner := n.Obj().Pkg().Name() + "." + n.Obj().Name()
	if inner != "bytes.Buffer" && inner != "strings.Builder" {
		return nil, "", nil
	}
	if !strings.HasSuffix(s.f.Cause.Declared.File, "_test.go") {
		return nil, fmt.Sprintf("%s is declared in product code", s.v.Name()), nil
	}
	if why, err := s.outOfSight(ctx); why != "" || err != nil {
		return nil, why, err
	}
	uses, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	var decl *use
	need := map[string]bool{"Write": true, "String": true}
	for _, u := range uses {
		if u.decl() {
			decl = u
		}
		if sel, ok := at[*ast.SelectorExpr](u.path, 0); ok && sel.X == u.expr {
			need[sel.Sel.Name] = true
		}
	}
	if decl == nil {
		return nil, "the declaration was not found", nil
	}
	name := fresh(decl.file, "lockedBuffer")
	for i := 2; s.pkg.Types.Scope().Lookup(name) != nil; i++ {
		name = fmt.Sprintf("lockedBuffer%d", i)
	}
	edits, why := s.bufferDeclaration(decl, name, isPtr)
	if why != "" {
		return nil, why, nil
	}
	syncName, imp, why := addImport(decl, "sync")
	if why != "" {
		return nil, why, nil
	}
	pkgName, _, _ := addImport(decl, n.Obj().Pkg().Path())
	text := fmt.Sprintf("\n\n// %s is a %s that several goroutines may use.\ntype %s struct {\n\tmu  %s.Mutex\n\tbuf %s.%s\n}\n",
		name, inner, name, syncName, pkgName, n.Obj().Name())
	for _, m := range bufferMethods {
		if !need[m.name] {
			continue
		}
		delete(need, m.name)
		ret := "return "
		if m.sig == "()" {
			ret = ""
		}
		text += fmt.Sprintf("\nfunc (b *%s) %s%s {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\t%sb.buf.%s(%s)\n}\n", name, m.name, m.sig, ret, m.name, m.args)
	}
	if need["Bytes"] && inner == "bytes.Buffer" {
		delete(need, "Bytes")
		text += fmt.Sprintf("\n// Bytes returns a copy: what the buffer holds may change.\nfunc (b *%s) Bytes() []byte {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\treturn append([]byte(nil), b.buf.Bytes()...)\n}\n", name)
	}
	for m := range need {
		return nil, fmt.Sprintf("the test calls %s.%s, which a buffer with a lock cannot have safely", s.v.Name(), m), nil
	}
	edits = append(edits, imp...)
	edits = append(edits, edit{offset: len(strings.TrimRight(string(s.text(decl)), "\r\n")), text: strings.TrimRight(text, "\n")})
	c, err := s.candidate(LockedBuffer, fmt.Sprintf("make %s a buffer that goroutines may share", s.v.Name()), map[string][]edit{decl.rel: edits})
	return []*Candidate{c}, "", err
}

// bufferDeclaration gives the variable or field the new type.
func (s *subject) bufferDeclaration(decl *use, name string, isPtr bool) ([]edit, string) {
	star := ""
	if isPtr {
		star = "*"
	}
	swap := func(n ast.Node, text string) []edit {
		return []edit{{offset: decl.offset(n.Pos()), n: decl.offset(n.End()) - decl.offset(n.Pos()), text: text}}
	}
	for _, n := range decl.path {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Names) != 1 {
				break
			}
			if len(n.Values) == 0 && n.Type != nil {
				return swap(n.Type, star+name), ""
			}
			if e, ok := emptyBuffer(n.Values); ok && n.Type == nil {
				return swap(e, newBuffer(name, isPtr)), ""
			}
		case *ast.AssignStmt:
			i := slices.Index(n.Lhs, ast.Expr(decl.id))
			if i >= 0 && len(n.Lhs) == len(n.Rhs) {
				if e, ok := emptyBuffer(n.Rhs[i : i+1]); ok {
					return swap(e, newBuffer(name, isPtr)), ""
				}
			}
		case *ast.Field:
			if s.v.IsField() && !isPtr && len(n.Names) == 1 {
				return swap(n.Type, name), ""
			}
		}
	}
	return nil, fmt.Sprintf("the declaration of %s is not that of an empty buffer", s.v.Name())
}

func newBuffer(name string, isPtr bool) string {
	if isPtr {
		return "&" + name + "{}"
	}
	return name + "{}"
}

// emptyBuffer recognises &bytes.Buffer{}, bytes.Buffer{}, new(bytes.Buffer),
// bytes.NewBuffer(nil) and bytes.NewBufferString("").
func emptyBuffer(values []ast.Expr) (ast.Expr, bool) {
	if len(values) != 1 {
		return nil, false
	}
	switch e := values[0].(type) {
	case *ast.CompositeLit:
		return e, len(e.Elts) == 0
	case *ast.UnaryExpr:
		lit, ok := e.X.(*ast.CompositeLit)
		return e, ok && len(lit.Elts) == 0
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "new" {
			return e, true
		}
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || len(e.Args) != 1 {
			return nil, false
		}
		switch a := e.Args[0].(type) {
		case *ast.Ident:
			return e, sel.Sel.Name == "NewBuffer" && a.Name == "nil"
		case *ast.BasicLit:
			return e, sel.Sel.Name == "NewBufferString" && a.Value == `""`
		case *ast.CompositeLit:
			return e, sel.Sel.Name == "NewBuffer" && len(a.Elts) == 0
		}
	}
	return nil, false
}
