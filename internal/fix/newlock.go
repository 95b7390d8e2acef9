// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/racecheck"
)

// guardWithNewLock declares a mutex beside the subject and takes it around every
// access.
func guardWithNewLock(ctx context.Context, s *subject) ([]*Candidate, string, error) {
	if why := s.synchronises(); why != "" {
		return nil, why, nil
	}
	all, err := s.uses(ctx)
	if err != nil {
		return nil, "", err
	}
	if why := s.readsBack(all); why != "" {
		return nil, why, nil
	}
	var decl *use
	for _, u := range all {
		if u.decl() {
			decl = u
		}
	}
	if decl == nil {
		return nil, "the declaration was not found", nil
	}
	l := lock{expr: fresh(decl.file, s.v.Name()+"Mu")}
	declEdits, why := s.declareBeside(decl, l.expr+" sync.Mutex // guards "+s.v.Name()+"\n")
	if why != "" {
		return nil, why, nil
	}
	var uses []*use
	for _, u := range all {
		if !u.decl() && !u.key() && u.fn() != nil && !s.unpublished(u) && !s.early(u) {
			uses = append(uses, u)
		}
	}
	lockOf := func(u *use) (lock, string) {
		if !s.v.IsField() {
			return l, ""
		}
		base := u.base()
		if base == "" || hasCall(u.expr) {
			return lock{}, fmt.Sprintf("line %d reaches the field without naming its object", u.line())
		}
		return lock{expr: base + "." + l.expr}, ""
	}
	name, imp, why := addImport(decl, "sync")
	if why != "" {
		return nil, why, nil
	}
	for i := range declEdits {
		declEdits[i].text = strings.ReplaceAll(declEdits[i].text, "sync.", name+".")
	}
	message := fmt.Sprintf("guard %s with a mutex of its own", s.v.Name())
	var list []*Candidate
	add := func(edits map[string][]edit, message string) error {
		edits[decl.rel] = append(append(edits[decl.rel], declEdits...), imp...)
		c, err := s.candidate(NewLock, message, edits)
		list = append(list, c)
		return err
	}
	if edits, _, ok := s.monitor(uses, lockOf); ok {
		if err := add(edits, message+", held for whole methods"); err != nil {
			return nil, "", err
		}
	}
	s.issued, s.aside = nil, nil
	edits, why := s.guardUses(uses, lockOf)
	if why != "" {
		return list, why, nil
	}
	if err := add(edits, message); err != nil {
		return nil, "", err
	}
	return list, "", nil
}

// declareBeside plans the declaration of a mutex or the like, of the given text,
// before the subject's own.
func (s *subject) declareBeside(decl *use, text string) ([]edit, string) {
	for i, n := range decl.path {
		switch n := n.(type) {
		case *ast.Field:
			if s.v.IsField() {
				return []edit{{offset: decl.offset(fieldStart(n)), text: text}}, ""
			}
			// A parameter or result: the mutex goes to the start of the body.
			for _, f := range decl.path[i:] {
				if b := bodyOf(f); b != nil {
					return []edit{{offset: decl.offset(b.Lbrace) + 1, text: "\nvar " + text}}, ""
				}
			}
		case *ast.GenDecl:
			if i+1 < len(decl.path) {
				if _, top := decl.path[i+1].(*ast.File); top {
					at := n.Pos()
					if n.Doc != nil {
						at = n.Doc.Pos()
					}
					return []edit{{offset: decl.offset(at), text: "var " + text + "\n"}}, ""
				}
			}
		case ast.Stmt:
			if st := decl.stmt(); st != nil {
				return []edit{{offset: decl.offset(st.Pos()), text: "var " + text}}, ""
			}
		}
	}
	return nil, fmt.Sprintf("no mutex can be declared beside %s", s.v.Name())
}

func fieldStart(f *ast.Field) token.Pos {
	if f.Doc != nil {
		return f.Doc.Pos()
	}
	return f.Pos()
}

func bodyOf(n ast.Node) *ast.BlockStmt {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Body
	case *ast.FuncLit:
		return n.Body
	}
	return nil
}

// early reports whether a use of a local variable stands before everything that
// could run at the same time: in the declaring function itself, before the first
// function literal that uses it, and in no loop around that.
func (s *subject) early(u *use) bool {
	if !racecheck.IsLocal(s.v) || s.f.Cause.Kind == culprit.SubjectField || s.atSite(u) {
		return false
	}
	first := token.Pos(0)
	for _, o := range s.all {
		if lit, ok := o.fn().(*ast.FuncLit); ok && racecheck.DeclaredOutside(s.v, lit) && (first == 0 || lit.Pos() < first) {
			first = lit.Pos()
		}
		if !first.IsValid() && o.addressTaken() {
			first = o.id.Pos()
		}
	}
	if !first.IsValid() || u.id.Pos() >= first {
		return false
	}
	if lit, ok := u.fn().(*ast.FuncLit); ok && racecheck.DeclaredOutside(s.v, lit) {
		return false
	}
	for _, n := range u.path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if racecheck.Contains(n, first) && !racecheck.Contains(n, s.v.Pos()) {
				return false
			}
		}
	}
	return true
}
