// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/source"
	"github.com/culprit-ci/culprit/racecheck"
)

// redeclareLocally gives each concurrent literal that writes a captured variable
// before it reads it a variable of its own.
func redeclareLocally(_ context.Context, s *subject) ([]*Candidate, string, error) {
	c := s.f.Cause
	if c.Pattern != culprit.PatternCapturedOuterVariable && c.Pattern != culprit.PatternNamedResult {
		return nil, "", nil
	}
	if strings.ContainsAny(c.Subject, ".[") {
		return nil, fmt.Sprintf("%s is a part of a variable: a local copy would not be the same value", c.Subject), nil
	}
	rel := c.Declared.File
	p := &plan{pkg: s.pkg, file: s.pkg.File(rel), v: s.v}
	edits, gone, why := p.all(s)
	var list []*Candidate
	if joint, err := s.redeclareTogether(p); err != nil {
		return nil, "", err
	} else if joint != nil {
		list = append(list, joint)
	}
	if why != "" {
		return list, why, nil
	}
	cand, err := s.candidate(Redeclare, message(s.f, s.v.Name(), len(p.writers)), map[string][]edit{rel: edits})
	if err != nil {
		return nil, "", err
	}
	ok, detail := true, "its outer declaration is gone"
	if len(gone) == 0 {
		ok, detail = localNow(s.pkg, rel, cand.Files[rel], p)
	}
	cand.check("variable is local", ok, detail)
	return append(list, cand), "", nil
}

// all plans the edits that give every concurrent literal its own variable; gone
// are those of them that remove the outer declaration.
func (p *plan) all(s *subject) (edits, gone []edit, why string) {
	if why := p.literals(); why != "" {
		return nil, nil, why
	}
	for _, l := range p.writers {
		e, why := p.redeclare(l)
		if why != "" {
			return nil, nil, why
		}
		edits = append(edits, e)
	}
	if why := p.readElsewhere(); why != "" {
		return nil, nil, why
	}
	gone, why = p.unusedDeclaration(s)
	if why != "" {
		return nil, nil, why
	}
	return append(edits, gone...), gone, ""
}

// redeclareTogether serves "resp, err = get()": the report names one of several
// outer variables that one statement assigns, and all of them race. nil means
// that there is one variable, or that one of the others cannot be local.
func (s *subject) redeclareTogether(p *plan) (*Candidate, error) {
	together := map[types.Object]bool{p.v: true}
	for _, w := range p.writers {
		for v := range p.assignedWith(w) {
			together[v] = true
		}
	}
	if len(together) < 2 {
		return nil, nil
	}
	var edits []edit
	var names []string
	for v := range together {
		q := &plan{pkg: p.pkg, file: p.file, v: v.(*types.Var), together: together}
		list, _, why := q.all(s)
		if why != "" {
			return nil, nil
		}
		for _, e := range list {
			if !slices.Contains(edits, e) {
				edits = append(edits, e)
			}
		}
		names = append(names, v.Name())
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.text, b.text)) })
	slices.Sort(names)
	return s.candidate(Redeclare, message(s.f, strings.Join(names, " and "), len(p.writers)), map[string][]edit{s.f.Cause.Declared.File: edits})
}

// assignedWith are the variables from outside a literal that an assignment of it
// sets together with the plan's own.
func (p *plan) assignedWith(w racecheck.Spawn) map[types.Object]bool {
	found := map[types.Object]bool{}
	ast.Inspect(w.Lit.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || !p.assigns(as) {
			return true
		}
		for _, l := range as.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok {
				continue
			}
			if v, ok := p.pkg.Info.Uses[id].(*types.Var); ok && v != p.v && racecheck.IsLocal(v) && racecheck.DeclaredOutside(v, w.Lit) {
				found[v] = true
			}
		}
		return true
	})
	return found
}

// unusedDeclaration removes the outer declaration where nothing else uses it.
func (p *plan) unusedDeclaration(s *subject) ([]edit, string) {
	for _, id := range p.uses(p.file) {
		if p.pkg.Info.Defs[id] == nil && !slices.ContainsFunc(p.writers, func(w racecheck.Spawn) bool { return racecheck.Contains(w.Lit, id.Pos()) }) {
			return nil, ""
		}
	}
	for _, n := range around(p.file, p.v.Pos()) {
		if _, ok := n.(*ast.Field); ok {
			return nil, "" // a result or parameter need not be used
		}
	}
	var stmt *ast.DeclStmt
	ast.Inspect(p.file, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeclStmt); ok && racecheck.Contains(d, p.v.Pos()) {
			stmt = d
		}
		return true
	})
	if stmt != nil {
		spec, ok := stmt.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		if ok && len(stmt.Decl.(*ast.GenDecl).Specs) == 1 && len(spec.Names) == 1 && len(spec.Values) == 0 {
			return []edit{s.removeLine(&use{pkg: p.pkg, file: p.file, rel: s.f.Cause.Declared.File}, stmt)}, ""
		}
	}
	return nil, fmt.Sprintf("the outer %s would be unused, and its declaration does more than declare it", p.v.Name())
}

func message(f *culprit.Failure, name string, n int) string {
	var tests []string
	for _, t := range f.Tests {
		if t.Role == culprit.RoleCause {
			tests = append(tests, t.Name[strings.LastIndexByte(t.Name, '/')+1:])
		}
	}
	slices.Sort(tests)
	if len(tests) == n && n > 1 && n <= 3 {
		return fmt.Sprintf("give %s and %s their own %s", strings.Join(tests[:n-1], ", "), tests[n-1], name)
	}
	return fmt.Sprintf("give each concurrent function literal its own %s", name)
}

// plan is what is known of the uses of one variable.
type plan struct {
	pkg  *source.Package
	file *ast.File
	v    *types.Var
	// writers are the outermost concurrent literals that write the variable.
	writers []racecheck.Spawn
	// readers are those that only read it.
	readers []racecheck.Spawn
	// together are the variables that are redeclared by one patch, nil for v alone.
	together map[types.Object]bool
}

// uses lists the identifiers below n that name the variable, by position.
func (p *plan) uses(n ast.Node) []*ast.Ident {
	var list []*ast.Ident
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (p.pkg.Info.Uses[id] == p.v || p.pkg.Info.Defs[id] == p.v) {
			list = append(list, id)
		}
		return true
	})
	return list
}

// writes reports whether the literal, or one inside it, writes the variable.
func (p *plan) writes(lit ast.Node) bool {
	found := false
	ast.Inspect(lit, func(n ast.Node) bool {
		if fn, ok := n.(*ast.FuncLit); ok {
			for _, a := range racecheck.Accesses(p.pkg.Info, fn) {
				if a.Var == p.v && a.Op == culprit.OpWrite {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// literals collects the outermost concurrent literals that use the variable
// from outside its declaration.
func (p *plan) literals() string {
	for _, s := range racecheck.Spawns(p.pkg.Info, p.file) {
		if !s.Kind.Concurrent() || !racecheck.DeclaredOutside(p.v, s.Lit) || len(p.uses(s.Lit)) == 0 {
			continue
		}
		if slices.ContainsFunc(p.writers, func(o racecheck.Spawn) bool { return racecheck.Contains(o.Lit, s.Lit.Pos()) }) {
			return fmt.Sprintf("the literal at line %d is started inside another concurrent one, and both use %s", p.pkg.Line(s.Lit.Pos()), p.v.Name())
		}
		if p.writes(s.Lit) {
			p.writers = append(p.writers, s)
		} else {
			p.readers = append(p.readers, s)
		}
	}
	switch {
	case len(p.writers) == 0:
		return fmt.Sprintf("no function literal that is known to run concurrently writes %s: it is written through a helper or by its parent", p.v.Name())
	case len(p.readers) > 0:
		return fmt.Sprintf("the literal at line %d reads %s without writing it: whether it wants the value that another one writes cannot be told", p.pkg.Line(p.readers[0].Lit.Pos()), p.v.Name())
	}
	return ""
}

// edit inserts text at a byte offset, replacing n bytes.
type edit struct {
	offset, n int
	text      string
}

// redeclare plans the edit that gives one literal its own variable.
func (p *plan) redeclare(s racecheck.Spawn) (edit, string) {
	uses := p.uses(s.Lit.Body)
	first := uses[0]
	at := func(n ast.Node) int { return p.pkg.Line(n.Pos()) }
	if len(uses) == 1 {
		return edit{}, fmt.Sprintf("the literal at line %d writes %s and never reads it: a local variable would be unused", at(s.Lit), p.v.Name())
	}
	stmt := topStatement(s.Lit.Body, first.Pos())
	if inner := closest(s.Lit.Body, uses); inner != nil {
		stmt = inner
	}
	if stmt == nil {
		return edit{}, fmt.Sprintf("the first use of %s in the literal at line %d is in no statement", p.v.Name(), at(s.Lit))
	}
	if inLiteral(s.Lit, first.Pos()) {
		return edit{}, fmt.Sprintf("line %d uses %s in a nested function literal before it is written", at(first), p.v.Name())
	}
	if !p.firstWrite(s.Lit, first) {
		return edit{}, fmt.Sprintf("line %d reads %s before the literal writes it: it wants the outer value", at(first), p.v.Name())
	}
	for _, id := range uses {
		if p.addressTaken(s.Lit, id) {
			return edit{}, fmt.Sprintf("line %d takes the address of %s", at(id), p.v.Name())
		}
	}
	if assign, ok := stmt.(*ast.AssignStmt); ok && assign.Tok == token.ASSIGN && p.allNew(assign) {
		if !p.readIn(s.Lit, uses) {
			return edit{}, fmt.Sprintf("the literal at line %d never reads %s: a local variable would be unused", at(s.Lit), p.v.Name())
		}
		return edit{p.offset(assign.TokPos), 1, ":="}, ""
	}
	if init, ok := headerInit(stmt); ok && racecheck.Contains(init, first.Pos()) && init.Tok == token.ASSIGN && p.allNew(init) &&
		!slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !racecheck.Contains(stmt, id.Pos()) }) {
		return edit{p.offset(init.TokPos), 1, ":="}, ""
	}
	// A plain assignment under a condition does not reach the uses after it on
	// every path: those would read the zero value instead of the outer one.
	if !p.dominates(stmt, first, uses) {
		return edit{}, fmt.Sprintf("line %d writes %s under a condition, and later uses may want the outer value", at(first), p.v.Name())
	}
	if !p.readIn(s.Lit, uses) {
		return edit{}, fmt.Sprintf("the literal at line %d never reads %s: a local variable would be unused", at(s.Lit), p.v.Name())
	}
	spelled, why := p.spellType()
	if why != "" {
		return edit{}, why
	}
	off := p.offset(stmt.Pos())
	return edit{off, 0, "var " + p.v.Name() + " " + spelled + "\n" + p.indent(stmt)}, ""
}

func (p *plan) offset(pos token.Pos) int {
	return p.pkg.Fset.File(pos).Offset(pos)
}

// indent is the white space before a statement, with tabs as gofmt sets them.
func (p *plan) indent(stmt ast.Stmt) string {
	return strings.Repeat("\t", max(0, p.pkg.Fset.PositionFor(stmt.Pos(), false).Column-1))
}

// topStatement returns the statement of the literal's own block around pos.
func topStatement(body *ast.BlockStmt, pos token.Pos) ast.Stmt {
	for _, s := range body.List {
		if racecheck.Contains(s, pos) {
			return s
		}
	}
	return nil
}

func inLiteral(lit *ast.FuncLit, pos token.Pos) bool {
	found := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if inner, ok := n.(*ast.FuncLit); ok && racecheck.Contains(inner, pos) {
			found = true
		}
		return !found
	})
	return found
}

// firstWrite reports whether the first use in the literal writes all of the
// variable without reading it, and no read of the same statement comes before
// the write (the right side of an assignment is evaluated first).
func (p *plan) firstWrite(lit *ast.FuncLit, first *ast.Ident) bool {
	var stmt ast.Stmt
	write, read := false, false
	for _, a := range racecheck.Accesses(p.pkg.Info, lit) {
		if a.Var == p.v && a.Expr != nil && racecheck.Contains(a.Expr, first.Pos()) {
			write = write || a.Op == culprit.OpWrite && a.Path == ""
			read = read || a.Op == culprit.OpRead
			stmt = a.Stmt
		}
	}
	if !write || read || stmt == nil {
		return false
	}
	if as, ok := stmt.(*ast.AssignStmt); ok {
		for _, r := range as.Rhs {
			if len(p.uses(r)) > 0 {
				return false
			}
		}
	}
	return true
}

func (p *plan) addressTaken(lit *ast.FuncLit, id *ast.Ident) bool {
	taken := false
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
			if x, ok := ast.Unparen(u.X).(*ast.Ident); ok && x == id {
				taken = true
			}
		}
		return true
	})
	return taken
}

// readIn reports whether any use reads the variable; assignments alone leave a
// new local "declared and not used".
func (p *plan) readIn(lit *ast.FuncLit, uses []*ast.Ident) bool {
	written := map[*ast.Ident]bool{}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && as.Tok == token.ASSIGN {
			for _, l := range as.Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok {
					written[id] = true
				}
			}
		}
		return true
	})
	return slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !written[id] })
}

// allNew reports whether := may replace = : the variables that become local are the
// only left sides that are not blank, for := would shadow any other one silently.
func (p *plan) allNew(as *ast.AssignStmt) bool {
	for _, l := range as.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name != "_" && p.pkg.Info.Uses[id] != p.v && !p.together[p.pkg.Info.Uses[id]] {
			return false
		}
	}
	return true
}

// headerInit returns the assignment in the header of an if, for or switch.
func headerInit(stmt ast.Stmt) (*ast.AssignStmt, bool) {
	var init ast.Stmt
	switch s := stmt.(type) {
	case *ast.IfStmt:
		init = s.Init
	case *ast.ForStmt:
		init = s.Init
	case *ast.SwitchStmt:
		init = s.Init
	case *ast.TypeSwitchStmt:
		init = s.Init
	}
	as, ok := init.(*ast.AssignStmt)
	return as, ok
}

// dominates reports whether every use comes after the first write on each path:
// the write is a statement of the literal's own block (or its header), or all
// uses are inside the same innermost block, after it.
func (p *plan) dominates(stmt ast.Stmt, first *ast.Ident, uses []*ast.Ident) bool {
	if _, ok := stmt.(*ast.AssignStmt); ok {
		return true
	}
	if init, ok := headerInit(stmt); ok && racecheck.Contains(init, first.Pos()) {
		return true
	}
	block := innermostBlock(stmt, first.Pos())
	if block == nil {
		return false
	}
	direct := topStatement(block, first.Pos())
	if _, ok := direct.(*ast.AssignStmt); !ok {
		if init, ok := headerInit(direct); !ok || !racecheck.Contains(init, first.Pos()) {
			return false
		}
	}
	return !slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !racecheck.Contains(block, id.Pos()) })
}

func innermostBlock(n ast.Node, pos token.Pos) *ast.BlockStmt {
	var block *ast.BlockStmt
	ast.Inspect(n, func(n ast.Node) bool {
		if b, ok := n.(*ast.BlockStmt); ok && racecheck.Contains(b, pos) {
			block = b
		}
		return true
	})
	return block
}

// closest is the statement of the first use in the innermost block that holds all
// uses, nil where that is no place for a declaration: what is declared there is
// new in each iteration of a loop around it, and the first use writes it.
func closest(body *ast.BlockStmt, uses []*ast.Ident) ast.Stmt {
	block := innermostBlock(body, uses[0].Pos())
	if block == nil || slices.ContainsFunc(uses, func(id *ast.Ident) bool { return !racecheck.Contains(block, id.Pos()) }) {
		return nil
	}
	switch st := topStatement(block, uses[0].Pos()).(type) {
	case *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
		return nil
	default:
		return st
	}
}

// spellType spells the variable's type as the file can: with its import names.
func (p *plan) spellType() (string, string) {
	missing := ""
	names := map[string]string{}
	for _, im := range p.file.Imports {
		if pn := p.pkg.Info.PkgNameOf(im); pn != nil {
			names[pn.Imported().Path()] = pn.Name()
		}
	}
	s := types.TypeString(p.v.Type(), func(pkg *types.Package) string {
		if pkg == p.pkg.Types {
			return ""
		}
		name, ok := names[pkg.Path()]
		if !ok || name == "_" {
			missing = pkg.Path()
		}
		if name == "." {
			return ""
		}
		return name
	})
	if missing != "" {
		return "", fmt.Sprintf("the type of %s needs the import %s, which the file does not have", p.v.Name(), missing)
	}
	return s, ""
}
